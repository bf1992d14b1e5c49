//! The frequency of a phrase whose terms may move: Lucene counts each match as 1 / (1 + how far the terms are moved).
//!
//! Every term has a place: its position less its offset in the phrase; terms that stand as in the phrase have the same
//! place. The term with the lowest place is moved on, again and again; the length of a match is the distance between the
//! lowest and the highest place, at its least before the lowest term overtakes the next. A term that stands twice in the
//! phrase must not stand on one position of the text twice: of two that collide, the lesser is moved on.

/// A term of a phrase while it walks over its positions.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// Which word of the phrase this is.
    pub(super) word: usize,
    offset: i64,
    /// Which of the terms that stand more than once this is.
    group: Option<usize>,
    /// How many of its positions are used.
    used: usize,
    /// Its position less its offset.
    place: i64,
    /// Whether it takes part in the search for the lowest place.
    queued: bool,
}

/// Walks over the positions of a phrase's terms.
#[derive(Clone, Debug)]
pub(super) struct Sloppy {
    spots: Vec<Spot>,
    /// For each term that stands more than once: its spots, by offset.
    groups: Vec<Vec<usize>>,
    slop: i64,
    /// The highest place so far.
    end: i64,
}

impl Sloppy {
    /// Prepares a phrase: offsets and terms.
    pub(super) fn new<'t>(terms: impl Iterator<Item = (u32, &'t str)>, slop: u32) -> Self {
        let terms: Vec<_> = terms.collect();
        let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
        for (i, (_, term)) in terms.iter().enumerate() {
            match groups.iter_mut().find(|(other, _)| other == term) {
                Some((_, group)) => group.push(i),
                None => groups.push((term, vec![i])),
            }
        }
        groups.retain(|(_, group)| group.len() > 1);
        let group_of = |term: &str| groups.iter().position(|(other, _)| *other == term);
        let spots = terms.iter().enumerate().map(|(word, (offset, term))| Spot {
            word,
            offset: i64::from(*offset),
            group: group_of(term),
            used: 0,
            place: 0,
            queued: false,
        });
        Self {
            spots: spots.collect(),
            groups: groups.into_iter().map(|(_, group)| group).collect(),
            slop: i64::from(slop),
            end: i64::MIN,
        }
    }

    /// The frequency in a document; if it need not be whole, the first match is enough.
    pub(super) fn frequency<'p>(&mut self, positions: impl Fn(&Spot) -> &'p [u32], whole: bool) -> f32 {
        let mut frequency = 0.0;
        if !self.start(&positions) {
            return frequency;
        }
        let mut more = true;
        while more {
            let length = self.next_match(&positions, &mut more);
            if length > self.slop {
                break;
            }
            frequency += 1.0 / (1.0 + length as f32);
            if !whole {
                break;
            }
        }
        frequency
    }

    /// Puts every term on its first position, the repetitions of a term on later ones.
    fn start<'p>(&mut self, positions: &impl Fn(&Spot) -> &'p [u32]) -> bool {
        for spot in &mut self.spots {
            spot.used = 0;
            spot.queued = true;
            if !step(spot, positions) {
                return false;
            }
        }
        for group in &self.groups {
            for (later, at) in group.iter().enumerate() {
                for _ in 0..later {
                    if !step(&mut self.spots[*at], positions) {
                        return false;
                    }
                }
            }
        }
        self.end = self.spots.iter().map(|spot| spot.place).max().unwrap_or(i64::MIN);
        true
    }

    /// The length of the next match; beyond the slop where there is none. `more` becomes false at the end.
    fn next_match<'p>(&mut self, positions: &impl Fn(&Spot) -> &'p [u32], more: &mut bool) -> i64 {
        let mut at = self.pop();
        let mut next = self.lowest();
        let mut length = self.end - self.spots[at].place;
        while self.advance(at, positions) && self.resolve(at, positions) {
            let place = self.spots[at].place;
            if place > next {
                self.spots[at].queued = true;
                if length <= self.slop {
                    return length;
                }
                at = self.pop();
                next = self.lowest();
                length = self.end - self.spots[at].place;
            } else {
                length = length.min(self.end - place);
            }
        }
        *more = false;
        length
    }

    /// Takes the term with the lowest place out of the search.
    fn pop(&mut self) -> usize {
        let key = |i: &usize| (self.spots[*i].place, self.spots[*i].offset, *i);
        let lowest = (0..self.spots.len()).filter(|i| self.spots[*i].queued).min_by_key(key).unwrap_or(0);
        self.spots[lowest].queued = false;
        lowest
    }

    /// The lowest place of those in the search.
    fn lowest(&self) -> i64 {
        self.spots.iter().filter(|spot| spot.queued).map(|spot| spot.place).min().unwrap_or(i64::MAX)
    }

    fn advance<'p>(&mut self, at: usize, positions: &impl Fn(&Spot) -> &'p [u32]) -> bool {
        let moved = step(&mut self.spots[at], positions);
        self.end = self.end.max(if moved { self.spots[at].place } else { i64::MIN });
        moved
    }

    /// Moves repetitions on until no two stand on one position of the text.
    fn resolve<'p>(&mut self, mut at: usize, positions: &impl Fn(&Spot) -> &'p [u32]) -> bool {
        let Some(group) = self.spots[at].group else { return true };
        loop {
            let spot = &self.spots[at];
            let position = spot.place + spot.offset;
            let mut others = self.groups[group].iter().copied().filter(|other| *other != at);
            let Some(other) = others.find(|i| self.spots[*i].place + self.spots[*i].offset == position) else {
                return true;
            };
            // Of two on one position, the one with the lower place is moved on: it has the higher offset.
            if (self.spots[other].place, self.spots[other].offset) < (self.spots[at].place, self.spots[at].offset) {
                at = other;
            }
            if !self.advance(at, positions) {
                return false;
            }
        }
    }
}

/// Puts a term on its next position.
fn step<'p>(spot: &mut Spot, positions: &impl Fn(&Spot) -> &'p [u32]) -> bool {
    match positions(spot).get(spot.used) {
        Some(position) => {
            spot.place = i64::from(*position) - spot.offset;
            spot.used += 1;
            true
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frequency(phrase: &[&str], slop: u32, text: &str) -> f32 {
        let words: Vec<_> = text.split(' ').collect();
        let found: Vec<Vec<u32>> = phrase
            .iter()
            .map(|term| (0..).zip(&words).filter(|(_, word)| *word == term).map(|(i, _)| i).collect())
            .collect();
        let mut sloppy = Sloppy::new((0..).zip(phrase.iter().copied()), slop);
        sloppy.frequency(|spot| found[spot.word].as_slice(), true)
    }

    #[test]
    fn distance_lowers_the_frequency() {
        let cases: &[(&[&str], u32, &str, f32)] = &[
            (&["a", "b"], 1, "a b", 1.0),
            (&["a", "b"], 1, "a x b", 0.5),
            (&["a", "b"], 1, "a x x b", 0.0),
            (&["a", "b"], 2, "b a", 1.0 / 3.0),
            (&["a", "b"], 1, "b a", 0.0),
            (&["a", "b"], 2, "a b x a x b", 1.5),
            (&["a", "b"], 3, "a b x a x b", 1.75),
            (&["a", "a"], 2, "a", 0.0),
            (&["a", "a"], 2, "a a", 1.0),
            (&["a", "a"], 2, "a x a", 0.5),
        ];
        for (phrase, slop, text, expected) in cases {
            assert_eq!(frequency(phrase, *slop, text), *expected, "{phrase:?} ~{slop} in {text}");
        }
    }
}
