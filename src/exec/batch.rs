//! A batch: up to 1,024 documents (more where a worker process is called) of a segment, ascending, with their scores. Operators hand batches on and compact them.

use std::ops::Range;

use tantivy::DocId;

use crate::exec::ones::{ROOM, write_ones};
use crate::exec::window::{Bits, Scores, WORD};

/// How many documents a batch holds at most, unless it was made for more.
pub(crate) const BATCH: usize = 1024;

/// How many documents are looked at together.
const TOGETHER: usize = 32;

/// Documents with their scores. The buffers are allocated once and used again.
#[derive(Debug)]
pub(crate) struct Batch {
    /// How many documents it holds at most.
    most: usize,
    /// How many it holds; what the buffers hold beyond means nothing, and is there to be written over.
    len: usize,
    docs: Box<[DocId]>,
    scores: Box<[f32]>,
}

impl Batch {
    /// An empty batch with room for [`BATCH`] documents.
    pub(crate) fn new() -> Self {
        Self::of(BATCH)
    }

    /// An empty batch with room for so many documents.
    pub(crate) fn of(most: usize) -> Self {
        Self { most, len: 0, docs: vec![0; most + ROOM].into(), scores: vec![0.0; most + ROOM].into() }
    }

    /// The documents.
    pub(crate) fn docs(&self) -> &[DocId] {
        &self.docs[..self.len]
    }

    /// Their scores.
    pub(crate) fn scores(&self) -> &[f32] {
        &self.scores[..self.len]
    }

    /// Their scores, to replace them.
    pub(crate) fn scores_mut(&mut self) -> &mut [f32] {
        &mut self.scores[..self.len]
    }

    /// How many documents there are.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many more fit in.
    pub(crate) fn room(&self) -> usize {
        self.most - self.len
    }

    /// Removes all documents.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds documents that all score the same, as long as there is room.
    pub(crate) fn extend(&mut self, docs: Range<DocId>, score: f32) {
        let count = docs.len().min(self.room());
        let end = self.len + count;
        self.docs[self.len..end].iter_mut().zip(docs).for_each(|(to, doc)| *to = doc);
        self.scores[self.len..end].fill(score);
        self.len = end;
    }

    /// Adds a block of documents, which has room, and whose scores are written where they go.
    pub(crate) fn extend_scored(&mut self, docs: &[DocId], score: impl FnOnce(&mut [f32])) {
        let end = self.len + docs.len();
        self.docs[self.len..end].copy_from_slice(docs);
        score(&mut self.scores[self.len..end]);
        self.len = end;
    }

    /// Adds the documents of a window, which has room, with their scores.
    pub(crate) fn extend_window(&mut self, base: DocId, bits: &Bits, scores: &Scores) {
        for ((number, word), from) in (0..).zip(bits.words()).zip(scores.chunks_exact(WORD as usize)) {
            let first = base + number * WORD;
            if *word == u64::MAX {
                self.extend(first..first + WORD, 0.0);
                self.scores[self.len - WORD as usize..self.len].copy_from_slice(from);
            } else if *word != 0 {
                let start = self.len;
                self.extend_word(first, *word, |_| {});
                let added = self.docs[start..self.len].iter().zip(&mut self.scores[start..self.len]);
                added.for_each(|(doc, score)| *score = from[(doc - first) as usize % WORD as usize]);
            }
        }
    }

    /// Adds documents of a word, by bits, which has room; their scores are written where they go.
    #[inline]
    pub(crate) fn extend_word(&mut self, base: DocId, bits: u64, score: impl FnOnce(&mut [f32])) {
        let room = self.docs[self.len..].first_chunk_mut().expect("there is room for more than the most");
        let end = self.len + write_ones(bits, base, room);
        score(&mut self.scores[self.len..end]);
        self.len = end;
    }

    /// Keeps the documents that score at least this.
    pub(crate) fn retain_at_least(&mut self, min_score: f32) {
        let mut kept = 0;
        for at in (0..self.len).step_by(TOGETHER) {
            let mut together = [0.0; TOGETHER];
            let scores = &self.scores[at..self.len.min(at + TOGETHER)];
            let together = &mut together[..scores.len()];
            together.copy_from_slice(scores);
            kept = self.compact(at, together, |score| score >= min_score, kept);
        }
        self.len = kept;
    }

    /// Keeps the documents whose value passes a test.
    #[inline]
    pub(crate) fn retain_by<T: Copy>(&mut self, values: &[T], passes: impl Fn(T) -> bool) {
        let mut kept = 0;
        for (at, together) in (0..).step_by(TOGETHER).zip(values[..self.len].chunks(TOGETHER)) {
            kept = self.compact(at, together, &passes, kept);
        }
        self.len = kept;
    }

    /// Moves the rows from `at` on whose values pass a test to those from `kept` on; where they end. Many tests pass none of
    /// some that stand together, which is found out without a branch for each.
    #[inline]
    fn compact<T: Copy>(&mut self, at: usize, values: &[T], passes: impl Fn(T) -> bool, mut kept: usize) -> usize {
        if values.iter().fold(false, |any, value| any | passes(*value)) {
            for (row, value) in (at..).zip(values) {
                (self.docs[kept], self.scores[kept]) = (self.docs[row], self.scores[row]);
                kept += usize::from(passes(*value));
            }
        }
        kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retain_compacts_without_losing_order() {
        let mut batch = Batch::new();
        batch.extend_scored(&[1, 5, 9, 12], |scores| scores.copy_from_slice(&[0.0, 1.0, 2.0, 3.0]));
        batch.retain_by(&[false, true, false, true], |passes| passes);
        assert_eq!((batch.docs(), batch.scores()), (&[5, 12][..], &[1.0, 3.0][..]));
        batch.retain_by(&[false; 2], |passes| passes);
        assert_eq!((batch.len(), batch.room()), (0, BATCH));
    }
}
