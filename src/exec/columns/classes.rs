//! Classes of documents with like values of a column: a byte a document says in which one it is.
//!
//! What is known of a class bounds all that a script makes of the column there, so a table of 256 numbers bounds it for each
//! document: that costs a look-up, whatever the script computes, and reads an eighth of the memory.
//!
//! Classes hold about equally many values, but at both ends, where the best hits mostly are, ever fewer. Points are cut by
//! latitude, then each part by longitude.

use super::unpacked::{Shape, Unpacked};

/// How many classes there are at most.
pub(crate) const CLASSES: usize = 256;

/// The class of documents without a value.
const NONE: u8 = 0;

/// The class of documents with several values.
const MANY: u8 = 1;

/// The first class of documents with one value.
const FIRST: usize = 2;

/// How many values are looked at to choose the limits.
const SAMPLE: usize = 1 << 16;

/// How often the classes at the ends are halved.
const HALVINGS: u32 = 8;

/// How many parts by latitude, and each of them by longitude, points fall into: their classes are numbered by bytes.
const GRID: usize = 15;

/// Whether values are numbers or points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Numbers,
    Points,
}

/// What all documents of a class have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    /// Between which raw values those of its documents lie; of points latitudes, then longitudes, as zone maps hold them.
    pub(crate) pairs: [(u64, u64); 2],
    /// Whether its documents have a value.
    pub(crate) some: bool,
    /// Whether they have several.
    pub(crate) multi: bool,
}

/// The documents of a segment by their values in one column.
#[derive(Debug)]
pub(crate) struct Classes {
    /// The class of each document.
    numbers: Box<[u8]>,
    /// What the classes are; those without a document are left out at the end, or hold nothing.
    classes: Vec<Class>,
}

impl Class {
    const EMPTY: Self = Self { pairs: [(u64::MAX, 0); 2], some: true, multi: false };

    fn add(&mut self, tracks: [u64; 2]) {
        for (pair, raw) in self.pairs.iter_mut().zip(tracks) {
            *pair = (pair.0.min(raw), pair.1.max(raw));
        }
    }

    /// Whether no document is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.some && self.pairs[0].0 > self.pairs[0].1
    }
}

impl Values {
    /// A raw value as numbers that are ordered as the decoded ones.
    fn tracks(self, raw: u64) -> [u64; 2] {
        match self {
            Self::Numbers => [raw, 0],
            Self::Points => [raw >> 32, (raw & 0xFFFF_FFFF) ^ 0x8000_0000],
        }
    }
}

impl Classes {
    /// The classes of an unpacked column.
    pub(super) fn new(column: &Unpacked, docs: usize, kind: Values) -> Self {
        let sample = (0..docs).step_by(docs.div_ceil(SAMPLE).max(1));
        let sample = sample.filter_map(|doc| column.values_of(doc).first()).map(|raw| kind.tracks(*raw)).collect();
        let limits = Limits::choose(sample, kind);
        let mut classes = vec![Class::EMPTY; CLASSES];
        classes[usize::from(NONE)].some = false;
        classes[usize::from(MANY)].multi = true;
        let number = |doc| match column.values_of(doc) {
            [] => NONE,
            [raw] => {
                let tracks = kind.tracks(*raw);
                let class = limits.class(tracks);
                classes[usize::from(class)].add(tracks);
                class
            }
            many => {
                many.iter().for_each(|raw| classes[usize::from(MANY)].add(kind.tracks(*raw)));
                MANY
            }
        };
        let numbers = (0..docs).map(number).collect();
        Self { numbers, classes }
    }

    /// What the classes are.
    pub(crate) fn classes(&self) -> &[Class] {
        &self.classes
    }

    /// For each document what stands in a table for its class.
    #[inline]
    pub(crate) fn look_up<T: Copy>(&self, docs: &[u32], table: &[T; CLASSES], out: &mut [T]) {
        out.iter_mut().zip(docs).for_each(|(out, doc)| *out = table[usize::from(self.numbers[*doc as usize])]);
    }
}

impl Unpacked {
    /// The raw values of a document.
    fn values_of(&self, doc: usize) -> &[u64] {
        let range = match &self.shape {
            Shape::Full => doc..doc + 1,
            Shape::Optional(present) => doc..doc + usize::from(present[doc]),
            Shape::Multivalued(starts) => starts[doc] as usize..starts[doc + 1] as usize,
        };
        &self.values[range]
    }
}

/// Where one class of values ends and the next one begins.
struct Limits {
    /// The least value of each part but the first.
    first: Vec<u64>,
    /// Of points, for each part by latitude, the least longitudes of its parts.
    second: Vec<Vec<u64>>,
}

impl Limits {
    /// Chooses limits from some of the values.
    fn choose(mut sample: Vec<[u64; 2]>, kind: Values) -> Self {
        sample.sort_unstable();
        if kind == Values::Numbers {
            let sample: Vec<u64> = sample.iter().map(|[raw, _]| *raw).collect();
            return Self { first: cuts(&sample, &uneven_shares()), second: Vec::new() };
        }
        let even: Vec<f64> = (1..GRID).map(|part| part as f64 / GRID as f64).collect();
        let first = cuts(&sample.iter().map(|[lat, _]| *lat).collect::<Vec<_>>(), &even);
        let strips = sample.chunk_by(|a, b| part(&first, a[0]) == part(&first, b[0]));
        let mut second = vec![Vec::new(); first.len() + 1];
        for strip in strips {
            let mut longitudes: Vec<u64> = strip.iter().map(|[_, lon]| *lon).collect();
            longitudes.sort_unstable();
            second[part(&first, strip[0][0])] = cuts(&longitudes, &even);
        }
        Self { first, second }
    }

    #[inline]
    fn class(&self, [value, other]: [u64; 2]) -> u8 {
        let part_of = part(&self.first, value);
        let within = match self.second.get(part_of) {
            None => part_of,
            Some(limits) => part_of * GRID + part(limits, other),
        };
        (FIRST + within) as u8
    }
}

/// In which part a value is, when these are the least values of all parts but the first.
#[inline]
fn part(limits: &[u64], value: u64) -> usize {
    limits.partition_point(|limit| *limit <= value)
}

/// The values at some shares of sorted ones, each once.
fn cuts(sorted: &[u64], shares: &[f64]) -> Vec<u64> {
    let at = |share: &f64| sorted.get((share * sorted.len() as f64) as usize).copied();
    let mut cuts: Vec<u64> = shares.iter().filter_map(at).collect();
    cuts.dedup();
    cuts
}

/// Shares that are equal but at the ends, where each is half of the next.
fn uneven_shares() -> Vec<f64> {
    let middle = CLASSES - FIRST - 2 * HALVINGS as usize;
    let end = |n: u32| 1.0 / (middle as f64 * f64::from(1 << n));
    let low = (1..=HALVINGS).rev().map(end);
    let high = (1..=HALVINGS).map(|n| 1.0 - end(n));
    low.chain((1..middle).map(|part| part as f64 / middle as f64)).chain(high).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_contains_what_its_documents_hold() {
        let numbers: Vec<u64> = (0..5000).map(|i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (i % 60)).collect();
        let few: Vec<u64> = (0..5000).map(|i| i % 7).collect();
        for (values, kind) in [(&numbers, Values::Numbers), (&numbers, Values::Points), (&few, Values::Numbers)] {
            let starts: Vec<u32> = (0..=2500).map(|doc| doc / 2 * 4).chain([5000]).collect();
            let present: Vec<bool> = (0..5000).map(|doc| doc % 3 > 0).collect();
            for (shape, docs) in [
                (Shape::Full, 5000),
                (Shape::Optional(present.into()), 5000),
                (Shape::Multivalued(starts.into()), 2501),
            ] {
                let column = Unpacked::new(values.clone(), shape);
                let classes = Classes::new(&column, docs, kind);
                let mut used = [false; CLASSES];
                for doc in 0..docs {
                    let class = classes.classes()[usize::from(classes.numbers[doc])];
                    used[usize::from(classes.numbers[doc])] = true;
                    let values = column.values_of(doc);
                    assert_eq!((class.some, class.multi), (!values.is_empty(), values.len() > 1));
                    for raw in values {
                        let tracks = kind.tracks(*raw);
                        assert!(class.pairs.iter().zip(tracks).all(|((lo, hi), raw)| (*lo..=*hi).contains(&raw)));
                    }
                }
                let empty = classes.classes().iter().filter(|class| !class.is_empty() && class.some).count();
                assert!(empty <= used.iter().filter(|used| **used).count());
            }
        }
    }

    #[test]
    fn few_values_have_a_class_each_and_ends_are_cut_finer() {
        let few = Limits::choose((0..5000).map(|i| [i % 7, 0]).collect(), Values::Numbers);
        assert_eq!(few.first, [0, 1, 2, 3, 4, 5, 6]);
        let many = Limits::choose((0..16_000).map(|i| [i, 0]).collect(), Values::Numbers);
        let widths: Vec<u64> = many.first.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(many.first.len() < CLASSES - FIRST && widths[100] > 60 && widths[1] < 5 && *widths.last().unwrap() < 5);
    }
}
