//! A window: 1,024 documents that stand next to each other, as a set of bits and a score for each.
//!
//! Queries are evaluated window by window: a query takes the candidates of a window and keeps those that match. Boolean
//! combinations are then operations on 16 words, and a script in a query tree sees its documents in batches.

use tantivy::DocId;

/// How many documents a window covers.
pub(crate) const WINDOW: u32 = 1024;

/// No document, no window: the end.
pub(crate) const NO_DOC: DocId = tantivy::TERMINATED;

/// How many documents a word of a set has.
pub(crate) const WORD: u32 = u64::BITS;

/// How many words the set of a window has.
pub(crate) const WORDS: usize = (WINDOW / WORD) as usize;

/// The start of the window that a document is in; `NO_DOC` for `NO_DOC`.
pub(crate) fn window_of(doc: DocId) -> DocId {
    if doc >= NO_DOC { NO_DOC } else { doc & !(WINDOW - 1) }
}

/// A score for each document of a window; only those of documents that match mean something.
pub(crate) type Scores = [f32; WINDOW as usize];

/// Fresh room for scores.
pub(crate) fn scores() -> Box<Scores> {
    Box::new([0.0; WINDOW as usize])
}

/// A set of the documents of a window, by their distance from its start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bits([u64; WORDS]);

impl Bits {
    /// The first `len` documents of a window.
    pub(crate) fn first(len: u32) -> Self {
        let mut bits = Self::default();
        for (i, word) in bits.0.iter_mut().enumerate() {
            *word = match len.saturating_sub(i as u32 * 64) {
                0 => 0,
                n @ 1..64 => (1 << n) - 1,
                _ => u64::MAX,
            };
        }
        bits
    }

    /// The set of 16 words.
    pub(crate) fn from_words(words: &[u64]) -> Self {
        let mut bits = Self::default();
        for (to, from) in bits.0.iter_mut().zip(words) {
            *to = *from;
        }
        bits
    }

    /// Those in some of the 32 half words, which are named by bits.
    #[must_use]
    pub(crate) fn of_halves(mut self, halves: u32) -> Self {
        let half = |number: usize| u64::from((halves >> number & 1).wrapping_neg());
        for (i, word) in self.0.iter_mut().enumerate() {
            *word &= half(2 * i) | half(2 * i + 1) << 32;
        }
        self
    }

    /// The words of the set.
    #[inline]
    pub(crate) fn words(&self) -> &[u64; WORDS] {
        &self.0
    }

    /// The words of the set, to change them: 64 documents each, the first in the lowest bit.
    #[inline]
    pub(crate) fn words_mut(&mut self) -> &mut [u64; WORDS] {
        &mut self.0
    }

    /// Adds a document.
    #[inline]
    pub(crate) fn insert(&mut self, at: u32) {
        self.0[(at / 64) as usize % WORDS] |= 1 << (at % 64);
    }

    /// Removes a document.
    #[inline]
    pub(crate) fn remove(&mut self, at: u32) {
        self.0[(at / 64) as usize % WORDS] &= !(1 << (at % 64));
    }

    /// Whether a document is in the set.
    #[inline]
    pub(crate) fn contains(&self, at: u32) -> bool {
        self.0[(at / 64) as usize % WORDS] >> (at % 64) & 1 == 1
    }

    /// Whether no document is in the set.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.iter().all(|w| *w == 0)
    }

    /// How many documents are in the set.
    pub(crate) fn len(&self) -> usize {
        self.0.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// The first document of the set at or after a place.
    pub(crate) fn next(&self, at: u32) -> Option<u32> {
        let mut word = (at / 64) as usize;
        let mut rest = self.0.get(word)? & (u64::MAX << (at % 64));
        while rest == 0 {
            word += 1;
            rest = *self.0.get(word)?;
        }
        Some(word as u32 * 64 + rest.trailing_zeros())
    }

    /// Keeps what is in `other` too.
    pub(crate) fn and(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= b;
        }
    }

    /// Keeps what is not in `other`.
    pub(crate) fn and_not(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a &= !b;
        }
    }

    /// Adds what is in `other`.
    pub(crate) fn or(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a |= b;
        }
    }

    /// The documents in ascending order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.0.iter().enumerate().flat_map(|(i, word)| {
            let mut rest = *word;
            std::iter::from_fn(move || {
                (rest != 0).then(|| {
                    let at = rest.trailing_zeros();
                    rest &= rest - 1;
                    i as u32 * 64 + at
                })
            })
        })
    }

    /// Keeps the documents that pass a test.
    pub(crate) fn retain(&mut self, mut test: impl FnMut(u32) -> bool) {
        let all = *self;
        for at in all.iter() {
            if !test(at) {
                self.remove(at);
            }
        }
    }
}

/// A set of documents of a whole segment.
#[derive(Clone, Debug, Default)]
pub(crate) struct SegmentBits {
    words: Vec<u64>,
}

impl SegmentBits {
    /// An empty set with room for `max_doc` documents.
    pub(crate) fn new(max_doc: DocId) -> Self {
        Self { words: vec![0; max_doc.div_ceil(WINDOW) as usize * WORDS] }
    }

    /// Makes room for `max_doc` documents.
    pub(crate) fn grow(&mut self, max_doc: DocId) {
        let words = max_doc.div_ceil(WINDOW) as usize * WORDS;
        self.words.resize(words.max(self.words.len()), 0);
    }

    /// Adds a document.
    #[inline]
    pub(crate) fn insert(&mut self, doc: DocId) {
        self.words[(doc / 64) as usize] |= 1 << (doc % 64);
    }

    /// How many documents are in the set.
    pub(crate) fn len(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }

    /// The part of a window.
    pub(crate) fn window(&self, base: DocId) -> Bits {
        let from = (base / 64) as usize;
        self.words.get(from..from + WORDS).map(Bits::from_words).unwrap_or_default()
    }

    /// The documents of a word, by its number in the segment.
    pub(crate) fn word(&self, at: u32) -> u64 {
        self.words.get(at as usize).copied().unwrap_or(0)
    }

    /// The first document at or after `from`.
    pub(crate) fn next(&self, from: DocId) -> DocId {
        let mut at = (from / 64) as usize;
        let Some(first) = self.words.get(at) else { return NO_DOC };
        let mut word = first & (u64::MAX << (from % 64));
        while word == 0 {
            at += 1;
            match self.words.get(at) {
                Some(next) => word = *next,
                None => return NO_DOC,
            }
        }
        at as u32 * 64 + word.trailing_zeros()
    }

    /// The last document before `doc`.
    pub(crate) fn before(&self, doc: DocId) -> Option<DocId> {
        let mut at = (doc / 64) as usize;
        let mut word = self.words.get(at).map_or(0, |w| w & !(u64::MAX << (doc % 64)));
        while word == 0 {
            at = at.checked_sub(1)?;
            word = self.words.get(at).copied().unwrap_or(0);
        }
        Some(at as u32 * 64 + 63 - word.leading_zeros())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_a_set() {
        for len in [0, 1, 63, 64, 65, 1000, 1024] {
            let bits = Bits::first(len);
            assert_eq!(bits.len(), len as usize);
            assert_eq!(bits.iter().collect::<Vec<_>>(), (0..len).collect::<Vec<_>>());
        }
        let (mut a, mut b) = (Bits::first(10), Bits::default());
        b.insert(3);
        b.insert(700);
        a.and_not(&b);
        assert!(!a.contains(3) && a.contains(4) && a.len() == 9);
        a.or(&b);
        a.retain(|at| at >= 9);
        assert_eq!(a.iter().collect::<Vec<_>>(), [9, 700]);
        a.and(&b);
        assert_eq!(a.iter().collect::<Vec<_>>(), [700]);
        let halves = Bits::first(1024).of_halves(1 << 31 | 0b10);
        assert_eq!(halves.iter().collect::<Vec<_>>(), (32..64).chain(992..1024).collect::<Vec<_>>());
    }

    #[test]
    fn segment_bits_are_walked_both_ways() {
        let mut bits = SegmentBits::new(3000);
        for doc in [0, 64, 1500, 2999] {
            bits.insert(doc);
        }
        assert_eq!([0, 1, 64, 65, 2999].map(|d| bits.next(d)), [0, 64, 64, 1500, 2999]);
        assert_eq!(bits.next(3000), NO_DOC);
        assert_eq!(
            [0, 1, 64, 65, 1500, 2999].map(|d| bits.before(d)),
            [None, Some(0), Some(0), Some(64), Some(64), Some(1500)]
        );
        assert_eq!(bits.window(1024).iter().collect::<Vec<_>>(), [476]);
        assert!(bits.window(4096).is_empty());
    }
}
