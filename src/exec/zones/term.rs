//! A frequent term by zones, as a query reads it: where it is, how its documents score, and how the best of a zone can.

use std::sync::Arc;

use tantivy::DocId;

use super::lanes::{FINE_OF_MIDDLE, Level, ZoneList};
use super::term_map::{Numbers, TermMap};
use crate::exec::batch::Batch;
use crate::exec::bm25::Bm25;
use crate::exec::ones::Ones;
use crate::exec::window::{Bits, NO_DOC, Scores, WINDOW, WORD, WORDS};

/// What stands for the score of a zone where no document has a term: scores are not below zero.
pub(crate) const NONE: f32 = -1.0;

/// How many fine zones mostly stand together: those of a middle one.
const GROUP: usize = FINE_OF_MIDDLE as usize;

/// How many values a byte has.
const BYTES: usize = 256;

/// A term of a query over the zones of a segment. Windows may be asked for in any order.
pub(crate) struct TermZones {
    map: Arc<TermMap>,
    /// The scores of the term's pairs of frequency and norm, by their numbers; as many as a byte has values, or more.
    scores: Box<[f32]>,
    /// The highest score of all pairs up to each; as many.
    highest: Box<[f32]>,
}

impl TermZones {
    /// A term that scores by BM25; without, all its documents score 1.
    pub(super) fn new(map: Arc<TermMap>, bm25: Option<&Bm25>) -> Self {
        let score = |(freq, norm): &(u32, u8)| bm25.map_or(1.0, |bm25| bm25.score(*freq as f32, *norm));
        let scores: Box<[f32]> = map.pairs().iter().map(score).collect();
        let mut highest = scores.clone();
        highest.iter_mut().fold(f32::NEG_INFINITY, |highest, score| {
            *score = score.max(highest);
            *score
        });
        let filled = |scores: Box<[f32]>, other: f32| {
            let mut scores = scores.into_vec();
            scores.resize(scores.len().max(BYTES), other);
            scores.into_boxed_slice()
        };
        Self { map, scores: filled(scores, 0.0), highest: filled(highest, f32::INFINITY) }
    }

    /// How many documents of the segment have the term.
    pub(crate) fn doc_freq(&self) -> u32 {
        self.map.doc_freq()
    }

    /// How many documents of a window have the term.
    #[inline]
    pub(crate) fn count(&self, window: u32) -> u32 {
        self.map.count(window as usize)
    }

    /// For each of some zones a score that none of its documents exceeds; [`NONE`] where no document has the term.
    pub(crate) fn highest(&self, list: &ZoneList, to: &mut [f32]) {
        let all = to.iter_mut().zip(list.numbers());
        let highest = |level, zone| match self.map.has(level, zone) {
            true => self.highest.get(self.map.best(level, zone)).copied().unwrap_or(f32::INFINITY),
            false => NONE,
        };
        // A loop for each level, which asks once what a zone is.
        match list.level {
            Level::Coarse => all.for_each(|(to, zone)| *to = highest(Level::Coarse, *zone as usize)),
            Level::Middle => all.for_each(|(to, zone)| *to = highest(Level::Middle, *zone as usize)),
            Level::Fine => {
                for (to, zones) in to.chunks_mut(GROUP).zip(list.numbers().chunks(GROUP)) {
                    if zones.len() < GROUP || !self.highest_of_fine(zones[0], zones[GROUP - 1], to) {
                        to.iter_mut().zip(zones).for_each(|(to, zone)| *to = highest(Level::Fine, *zone as usize));
                    }
                }
            }
        }
    }

    /// The same of fine zones, if they stand together.
    #[inline]
    fn highest_of_fine(&self, first: u32, last: u32, to: &mut [f32]) -> bool {
        if last - first != GROUP as u32 - 1 {
            return false;
        }
        let Some((documents, best)) = self.map.fine::<GROUP>(first as usize) else { return false };
        let table: &[f32; BYTES] = self.highest.first_chunk().expect("every byte has a score");
        for (to, (documents, best)) in to.iter_mut().zip(documents.iter().zip(best)) {
            *to = if u32::from_le_bytes(*documents) == 0 { NONE } else { table[usize::from(*best)] };
        }
        true
    }

    /// The documents of a word that have the term.
    #[inline]
    pub(crate) fn word(&self, number: u32) -> u64 {
        self.map.word(number as usize)
    }

    /// Adds documents of a window that have the term to a batch that has room for them, with their scores.
    pub(crate) fn extend(&self, batch: &mut Batch, base: DocId, documents: &Bits) {
        for (number, some) in (base / WORD..).zip(documents.words()) {
            if *some == 0 {
                continue;
            }
            let all = self.word(number);
            // The scores of documents that stand together among those of the term stand together.
            let before = (all & ((1 << some.trailing_zeros()) - 1)).count_ones() as usize;
            let until = all << some.leading_zeros() >> some.leading_zeros();
            if until.count_ones() as usize == before + some.count_ones() as usize {
                batch.extend_word(number * WORD, *some, |scores| self.look_up(number, before, scores));
            } else {
                let mut found = [0.0; WORD as usize];
                self.look_up(number, 0, &mut found[..all.count_ones() as usize]);
                batch.extend_word(number * WORD, *some, |scores| {
                    let mut kept = 0;
                    for (score, at) in found.iter().zip(Ones(all)) {
                        // Beyond the last that is kept is nothing to be written.
                        let Some(to) = scores.get_mut(kept) else { break };
                        *to = *score;
                        kept += (some >> at & 1) as usize;
                    }
                });
            }
        }
    }

    /// Looks up the scores of documents of a word that have the term, from the `first` of them on.
    #[inline]
    pub(crate) fn look_up(&self, word: u32, first: usize, scores: &mut [f32]) {
        match self.map.numbers(word as usize, first, scores.len()) {
            Numbers::Zeros => scores.fill(self.score_of(0)),
            Numbers::Bytes(numbers) => {
                let table: &[f32; BYTES] = self.scores.first_chunk().expect("every byte has a score");
                scores.iter_mut().zip(numbers).for_each(|(to, number)| *to = table[usize::from(*number)]);
            }
            Numbers::Pairs(numbers) => {
                let number = |pair: &[u8; 2]| usize::from(u16::from_le_bytes(*pair));
                scores.iter_mut().zip(numbers).for_each(|(to, pair)| *to = self.score_of(number(pair)));
            }
        }
    }

    /// The score of a pair.
    #[inline]
    fn score_of(&self, number: usize) -> f32 {
        self.scores.get(number).copied().unwrap_or(0.0)
    }

    /// The first window, from the one at `base` on, where a document has the term; `NO_DOC` when there is none.
    pub(crate) fn seek(&self, base: DocId) -> DocId {
        (base / WINDOW..self.map.windows()).find(|window| self.count(*window) > 0).map_or(NO_DOC, |at| at * WINDOW)
    }

    /// Keeps the candidates of a window that have the term.
    pub(crate) fn narrow(&self, base: DocId, candidates: &mut Bits) {
        for (number, word) in (base / WORD..).zip(candidates.words_mut()) {
            *word &= self.word(number);
        }
    }

    /// Keeps the candidates of a window that have the term, and says how they score.
    pub(crate) fn score(&self, base: DocId, candidates: &mut Bits, scores: &mut Scores) {
        let words = (base / WORD..base / WORD + WORDS as u32).zip(candidates.words_mut());
        let mut found = [0.0; WORD as usize];
        for ((number, word), scores) in words.zip(scores.chunks_exact_mut(WORD as usize)) {
            let all = self.word(number);
            *word &= all;
            if *word == 0 {
                continue;
            }
            if *word == all {
                let found = &mut found[..all.count_ones() as usize];
                self.look_up(number, 0, found);
                Ones(all).zip(found).for_each(|(at, score)| scores[at as usize % WORD as usize] = *score);
            } else {
                let numbers = self.map.numbers(number as usize, 0, all.count_ones() as usize);
                for at in Ones(*word) {
                    let place = (all & ((1 << at) - 1)).count_ones() as usize;
                    scores[at as usize % WORD as usize] = self.score_of(numbers.get(place));
                }
            }
        }
    }
}
