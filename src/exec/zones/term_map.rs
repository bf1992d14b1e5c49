//! A frequent term by zones, as bytes: which documents have it, how they score against each other, and the best of each zone.
//!
//! What BM25 makes of a document is a function of its frequency and its length norm. A term has few different pairs of
//! these; they are numbered from the worst to the best under the segment's own average length, and each document's number is
//! kept. Then the score of a document is one look-up in a table that a query computes from the pairs, and the best of a zone
//! is the highest number in it. Another average may order the pairs otherwise: so the *bound* of a number is the highest
//! score of all pairs up to it, which is a bound under any average, and the exact best score under the segment's own.
//!
//! ```text
//! documents, documents with the term, pairs, bytes of a number (u64 each) | pairs (frequency << 8 | norm, u64 each)
//! | bits (u64) of words of 64 documents | the first posting (u32) of coarse zones and one end | of words, from there (u16)
//! | best numbers of coarse, middle, fine zones | the numbers of all postings | padding
//! ```
//! Where there is but one pair, as in fields without frequencies, numbers take no bytes.

use std::collections::HashMap;

use tantivy::directory::OwnedBytes;
use tantivy::postings::BlockSegmentPostings;

use super::lanes::Level;
use super::sections::load;
use crate::exec::bm25::{Bm25, Norms};
use crate::exec::index::segment::FieldStats;
use crate::exec::window::{WINDOW, WORD as BITS, WORDS};

const WORD: usize = size_of::<u64>();
/// The documents of a fine zone in a word: half of it.
const HALF: u64 = u64::MAX >> (BITS - Level::Fine.size());

/// A term is mapped by zones if at least this share of a segment's documents has it (1 in ...); a rarer one is read through
/// as quickly as its zones would be.
const SHARE: u32 = 64;
/// In small segments: if so many documents have it.
const LEAST: u32 = 64;

/// Whether a term of so many of a segment's documents is mapped.
pub(super) fn is_frequent(doc_freq: u32, docs: u32) -> bool {
    doc_freq >= (docs / SHARE).max(LEAST)
}

/// Makes maps of terms; keeps its tables from term to term.
pub(super) struct TermMapper {
    docs: u32,
    /// The number of a pair, for frequencies below 256; 0: not met yet.
    numbers: Vec<u32>,
    /// The numbers of others.
    others: HashMap<u64, u32>,
    pairs: Vec<u64>,
    /// The documents of the term, and the numbers of their pairs.
    postings: Vec<(u32, u32)>,
}

impl TermMapper {
    /// Maps terms of a segment of so many documents.
    pub(super) fn new(docs: u32) -> Self {
        Self { docs, numbers: vec![0; 1 << 16], others: HashMap::new(), pairs: Vec::new(), postings: Vec::new() }
    }

    /// The map of a term; none if there are more different pairs than can be numbered. `stats` are those of the field in
    /// this segment.
    pub(super) fn map(
        &mut self,
        postings: &mut BlockSegmentPostings,
        norms: &Norms,
        stats: FieldStats,
    ) -> Option<Vec<u8>> {
        self.read(postings, norms);
        let width = match self.pairs.len() {
            0..=1 => 0,
            2..=0x100 => 1,
            0x101..=0x1_0000 => 2,
            _ => return None,
        };
        let bm25 = Bm25::new(stats, [self.postings.len() as u64]);
        let score = |pair: &u64| bm25.score((pair >> 8) as f32, *pair as u8);
        let mut order: Vec<usize> = (0..self.pairs.len()).collect();
        order.sort_by(|a, b| score(&self.pairs[*a]).total_cmp(&score(&self.pairs[*b])));
        let mut ranks = vec![0u32; order.len()];
        order.iter().enumerate().for_each(|(rank, number)| ranks[*number] = rank as u32);
        self.postings.iter_mut().for_each(|(_, number)| *number = ranks[*number as usize]);
        let pairs: Vec<u64> = order.iter().map(|number| self.pairs[*number]).collect();
        Some(self.write(&pairs, width))
    }

    /// Reads the documents of a term, and numbers their pairs as they come.
    fn read(&mut self, postings: &mut BlockSegmentPostings, norms: &Norms) {
        for pair in self.pairs.drain(..) {
            if let Some(number) = self.numbers.get_mut(pair as usize) {
                *number = 0;
            }
        }
        self.others.clear();
        self.postings.clear();
        while postings.block_len() > 0 {
            let freqs = postings.freqs();
            for (i, doc) in postings.docs().iter().enumerate() {
                // Where an index keeps no frequencies, every document has the term once.
                let pair = u64::from(freqs.get(i).copied().unwrap_or(1)) << 8 | u64::from(norms.get(*doc));
                let cell = match self.numbers.get_mut(pair as usize) {
                    Some(cell) => cell,
                    None => self.others.entry(pair).or_default(),
                };
                if *cell == 0 {
                    self.pairs.push(pair);
                    *cell = self.pairs.len() as u32;
                }
                self.postings.push((*doc, *cell - 1));
            }
            postings.advance();
        }
    }

    fn write(&self, pairs: &[u64], width: usize) -> Vec<u8> {
        let coarse = self.docs.div_ceil(WINDOW) as usize;
        let words = self.docs.div_ceil(BITS) as usize;
        let mut bits = vec![0u64; words];
        let mut best = Level::ALL.map(|level| vec![0u32; level.count(self.docs) as usize]);
        let (mut counts, mut counts_coarse) = (vec![0u32; words], vec![0u32; coarse]);
        for (doc, rank) in &self.postings {
            let (word, window) = ((doc / BITS) as usize, (doc / WINDOW) as usize);
            bits[word] |= 1 << (doc % BITS);
            for (level, best) in Level::ALL.into_iter().zip(&mut best) {
                let best = &mut best[(doc / level.size()) as usize];
                *best = (*best).max(*rank);
            }
            counts[word] += 1;
            counts_coarse[window] += 1;
        }
        let mut out = Vec::new();
        let header = [u64::from(self.docs), self.postings.len() as u64, pairs.len() as u64, width as u64];
        out.extend(header.iter().chain(pairs).chain(&bits).flat_map(|word| word.to_le_bytes()));
        let mut start = 0u32;
        for count in counts_coarse.iter().chain(&[0]) {
            out.extend(start.to_le_bytes());
            start += count;
        }
        for window in counts.chunks(WORDS) {
            let mut start = 0u16;
            for count in window {
                out.extend(start.to_le_bytes());
                start += *count as u16;
            }
        }
        let numbers = best.into_iter().flatten().chain(self.postings.iter().map(|(_, rank)| *rank));
        out.extend(numbers.flat_map(|number| number.to_le_bytes().into_iter().take(width)));
        // So that the last number can be loaded as eight bytes.
        out.extend([0; WORD]);
        out
    }
}

/// The map of a term, read where it lies.
pub(crate) struct TermMap {
    bytes: OwnedBytes,
    doc_freq: u32,
    /// Frequencies and norms, from the worst to the best under the segment's average.
    pairs: Vec<(u32, u8)>,
    coarse: usize,
    words: usize,
    /// Where the best numbers of each level start.
    levels: [usize; 3],
    /// How many bytes a number has.
    width: usize,
    /// Where the parts start.
    bits: usize,
    starts: usize,
    offsets: usize,
    best: usize,
    numbers: usize,
}

impl TermMap {
    /// Opens a map; none if the bytes are not that of a term of so many of so many documents.
    pub(super) fn open(bytes: OwnedBytes, doc_freq: u32, docs: u32) -> Option<Self> {
        let header: [u64; 4] = std::array::from_fn(|i| load(&bytes, i * WORD));
        let (count, width) = (usize::try_from(header[2]).ok()?, usize::try_from(header[3]).ok()?);
        if header[0] != u64::from(docs) || header[1] != u64::from(doc_freq) || width > 2 || count > 1 << 16 {
            return None;
        }
        let [coarse, middle, fine] = Level::ALL.map(|level| level.count(docs) as usize);
        let pair = |i: usize| load(&bytes, (4 + i) * WORD);
        let pairs = (0..count).map(|i| ((pair(i) >> 8) as u32, pair(i) as u8)).collect();
        let bits = (4 + count) * WORD;
        let words = docs.div_ceil(BITS) as usize;
        let starts = bits + words * WORD;
        let offsets = starts + (coarse + 1) * size_of::<u32>();
        let best = offsets + words * size_of::<u16>();
        let numbers = best + (coarse + middle + fine) * width;
        let is_whole = bytes.len() == numbers + doc_freq as usize * width + WORD;
        is_whole.then_some(Self {
            bytes,
            doc_freq,
            pairs,
            coarse,
            words,
            levels: [0, coarse, coarse + middle],
            width,
            bits,
            starts,
            offsets,
            best,
            numbers,
        })
    }

    /// How many documents have the term.
    pub(crate) fn doc_freq(&self) -> u32 {
        self.doc_freq
    }

    /// How many windows the segment has.
    pub(super) fn windows(&self) -> u32 {
        self.coarse as u32
    }

    /// The different frequencies and norms of the documents, by their numbers.
    pub(super) fn pairs(&self) -> &[(u32, u8)] {
        &self.pairs
    }

    /// The documents of a word that have the term.
    #[inline]
    pub(super) fn word(&self, number: usize) -> u64 {
        if number < self.words { load(&self.bytes, self.bits + number * WORD) } else { 0 }
    }

    /// Whether a document of a zone has the term.
    #[inline]
    pub(super) fn has(&self, level: Level, zone: usize) -> bool {
        let first = zone * level.size() as usize;
        match level {
            Level::Coarse => self.count(zone) > 0,
            Level::Middle => {
                let (start, size) = (self.bits + first / 8, level.size() as usize / 8);
                // As a rule the first byte says it.
                self.bytes[start..self.starts.min(start + size)].iter().any(|byte| *byte != 0)
            }
            Level::Fine => self.word(first / BITS as usize) >> (first % BITS as usize) & HALF != 0,
        }
    }

    /// Of fine zones that stand together, which documents have the term, and the number of the best pair; none beyond the end,
    /// or where a number is no byte.
    #[inline(always)]
    pub(super) fn fine<const ZONES: usize>(&self, first: usize) -> Option<(&[[u8; 4]; ZONES], &[u8; ZONES])> {
        // A fine zone is half of a word.
        let documents = self.bytes[self.bits..self.starts].as_chunks().0.get(first..)?.first_chunk()?;
        let best = self.bytes.get(self.best + self.levels[Level::Fine as usize] + first..)?.first_chunk()?;
        (self.width == 1).then_some((documents, best))
    }

    /// How many documents of a window have the term.
    #[inline]
    pub(super) fn count(&self, window: usize) -> u32 {
        if window < self.coarse { self.start(window + 1) - self.start(window) } else { 0 }
    }

    /// The number of the best pair of a zone where some document has the term.
    #[inline]
    pub(super) fn best(&self, level: Level, zone: usize) -> usize {
        let at = self.best + (self.levels[level as usize] + zone) * self.width;
        match self.width {
            0 => 0,
            1 => self.bytes[at].into(),
            _ => u16::from_le_bytes([self.bytes[at], self.bytes[at + 1]]).into(),
        }
    }

    /// The numbers of so many documents of a word that have the term, from the `first` of them on.
    #[inline]
    pub(super) fn numbers(&self, word: usize, first: usize, count: usize) -> Numbers<'_> {
        let offset = load(&self.bytes, self.offsets + word * size_of::<u16>()) as u16;
        let first = self.start(word / WORDS) as usize + usize::from(offset) + first;
        let start = self.numbers + first * self.width;
        let bytes = self.bytes.get(start..start + count * self.width).unwrap_or_default();
        match self.width {
            0 => Numbers::Zeros,
            1 => Numbers::Bytes(bytes),
            _ => Numbers::Pairs(bytes.as_chunks().0),
        }
    }

    #[inline]
    fn start(&self, window: usize) -> u32 {
        load(&self.bytes, self.starts + window * size_of::<u32>()) as u32
    }
}

/// The numbers of some of a word's documents, one after the other.
#[derive(Clone, Copy)]
pub(super) enum Numbers<'a> {
    /// There is but one pair.
    Zeros,
    Bytes(&'a [u8]),
    Pairs(&'a [[u8; 2]]),
}

impl Numbers<'_> {
    /// The number of the so-manieth of the documents.
    #[inline]
    pub(super) fn get(self, at: usize) -> usize {
        match self {
            Self::Zeros => 0,
            Self::Bytes(numbers) => numbers.get(at).copied().map_or(0, usize::from),
            Self::Pairs(numbers) => numbers.get(at).map_or(0, |pair| u16::from_le_bytes(*pair).into()),
        }
    }
}
