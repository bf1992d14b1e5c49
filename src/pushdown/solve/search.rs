//! The search: halves ranges of keys until each is decided.

use crate::plan::query::Answer;

/// The keys from the first to the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Keys {
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Keys {
    /// How many keys there are, about.
    pub(super) fn share(&self) -> f64 {
        (self.last - self.first) as f64 + 1.0
    }

    fn halves(self) -> [Self; 2] {
        let middle = self.first + (self.last - self.first) / 2;
        [Self { first: self.first, last: middle }, Self { first: middle + 1, last: self.last }]
    }
}

/// What was found of a predicate; ranges ascend and are apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) holds: Vec<Keys>,
    pub(super) open: Vec<Keys>,
}

/// How often in a row both halves of a range may be undecided. Around the boundary of a monotone predicate one half is
/// decided each time; where halving does not help, going on is of no use.
const MAX_FORKS: u32 = 4;

/// In ranges of at most so many keys each is looked at: functions that are not rounded exactly leave a few open.
const FEW_KEYS: u64 = 32;

/// After so many evaluations whatever is undecided stays open.
const MAX_EVALUATIONS: usize = 4096;

/// A range that is not decided.
struct Piece {
    keys: Keys,
    /// How often in a row both halves were undecided.
    forks: u32,
}

/// Finds where a predicate holds. `decide` must be right, but may leave a range open.
pub(super) fn search(all: Keys, decide: &dyn Fn(Keys) -> Answer) -> Found {
    let mut found = Found::default();
    let mut evaluations = 0;
    let mut undecided = Vec::new();
    let mut judge = |keys: Keys, found: &mut Found| {
        evaluations += 1;
        let answer = if evaluations > MAX_EVALUATIONS { Answer::Open } else { decide(keys) };
        match answer {
            Answer::Yes => found.holds.push(keys),
            Answer::No => {}
            Answer::Open if keys.first == keys.last || evaluations > MAX_EVALUATIONS => found.open.push(keys),
            Answer::Open => return true,
        }
        false
    };
    if judge(all, &mut found) {
        undecided.push(Piece { keys: all, forks: 0 });
    }
    // Level by level, so that the whole range is looked at before any part of it in detail.
    while !undecided.is_empty() {
        for Piece { keys, forks } in std::mem::take(&mut undecided) {
            let open: Vec<_> = keys.halves().into_iter().filter(|half| judge(*half, &mut found)).collect();
            let forks = if open.len() == 2 { forks + 1 } else { 0 };
            if forks > MAX_FORKS && keys.last - keys.first >= FEW_KEYS {
                found.open.extend(open);
            } else {
                undecided.extend(open.into_iter().map(|keys| Piece { keys, forks }));
            }
        }
    }
    Found { holds: joined(found.holds), open: joined(found.open) }
}

/// Ranges in order; neighbours become one.
fn joined(mut ranges: Vec<Keys>) -> Vec<Keys> {
    ranges.sort_unstable_by_key(|keys| keys.first);
    let mut joined: Vec<Keys> = Vec::with_capacity(ranges.len());
    for keys in ranges {
        match joined.last_mut() {
            Some(before) if before.last.checked_add(1) == Some(keys.first) => before.last = keys.last,
            _ => joined.push(keys),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: Keys = Keys { first: 0, last: u64::MAX };

    /// Decides by a set of ranges that is known.
    fn by(ranges: &[Keys]) -> impl Fn(Keys) -> Answer {
        move |keys| {
            if ranges.iter().any(|r| r.first <= keys.first && keys.last <= r.last) {
                Answer::Yes
            } else if ranges.iter().all(|r| keys.last < r.first || r.last < keys.first) {
                Answer::No
            } else {
                Answer::Open
            }
        }
    }

    #[test]
    fn boundaries_are_found_to_the_key() {
        let at = |first, last| Keys { first, last };
        for ranges in [
            vec![],
            vec![ALL],
            vec![at(0, 0)],
            vec![at(u64::MAX, u64::MAX)],
            vec![at(12_345, 1 << 60)],
            vec![at(7, 7), at(9, 11), at((1 << 63) - 1, 1 << 63)],
        ] {
            assert_eq!(search(ALL, &by(&ranges)), Found { holds: ranges.clone(), open: vec![] }, "{ranges:?}");
        }
    }

    #[test]
    fn what_halving_does_not_decide_stays_open_soon() {
        let evaluations = std::cell::Cell::new(0);
        let decide = |keys: Keys| {
            evaluations.set(evaluations.get() + 1);
            if keys.last < 1 << 62 { by(&[Keys { first: 1000, last: 1 << 62 }])(keys) } else { Answer::Open }
        };
        let found = search(ALL, &decide);
        assert_eq!(found.holds, [Keys { first: 1000, last: (1 << 62) - 1 }]);
        assert_eq!(found.open, [Keys { first: 1 << 62, last: u64::MAX }]);
        assert!(evaluations.get() < 256, "{}", evaluations.get());
    }
}
