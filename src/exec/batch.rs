//! A batch: up to 1,024 documents (more where a worker process is called) of a segment, ascending, with their scores. Operators hand batches on and compact them.

use tantivy::DocId;

use crate::exec::ones::{Ones, ROOM, write_ones};
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
    docs: Vec<DocId>,
    scores: Vec<f32>,
}

impl Batch {
    /// An empty batch with room for [`BATCH`] documents.
    pub(crate) fn new() -> Self {
        Self::of(BATCH)
    }

    /// An empty batch with room for so many documents.
    pub(crate) fn of(most: usize) -> Self {
        Self { most, docs: Vec::with_capacity(most), scores: Vec::with_capacity(most) }
    }

    /// The documents.
    pub(crate) fn docs(&self) -> &[DocId] {
        &self.docs
    }

    /// Their scores.
    pub(crate) fn scores(&self) -> &[f32] {
        &self.scores
    }

    /// Their scores, to replace them.
    pub(crate) fn scores_mut(&mut self) -> &mut [f32] {
        &mut self.scores
    }

    /// Replaces the scores: as many as there are documents.
    pub(crate) fn set_scores(&mut self, scores: impl Iterator<Item = f32>) {
        for (to, from) in self.scores.iter_mut().zip(scores) {
            *to = from;
        }
    }

    /// Keeps the documents that score at least this.
    pub(crate) fn retain_at_least(&mut self, min_score: f32) {
        let mut kept = 0;
        for i in 0..self.docs.len() {
            let (doc, score) = (self.docs[i], self.scores[i]);
            (self.docs[kept], self.scores[kept]) = (doc, score);
            kept += usize::from(score >= min_score);
        }
        self.docs.truncate(kept);
        self.scores.truncate(kept);
    }

    /// How many documents there are.
    pub(crate) fn len(&self) -> usize {
        self.docs.len()
    }

    /// How many more fit in.
    pub(crate) fn room(&self) -> usize {
        self.most.saturating_sub(self.docs.len())
    }

    /// Removes all documents.
    pub(crate) fn clear(&mut self) {
        self.docs.clear();
        self.scores.clear();
    }

    /// Adds documents that all score the same.
    pub(crate) fn extend(&mut self, docs: impl Iterator<Item = DocId>, score: f32) {
        self.docs.extend(docs);
        self.scores.resize(self.docs.len(), score);
    }

    /// Adds a block of documents, whose scores are written where they go.
    pub(crate) fn extend_scored(&mut self, docs: &[DocId], score: impl FnOnce(&mut [f32])) {
        let start = self.docs.len();
        self.docs.extend_from_slice(docs);
        self.scores.resize(self.docs.len(), 0.0);
        score(&mut self.scores[start..]);
    }

    /// Adds the documents of a window, with their scores.
    pub(crate) fn extend_window(&mut self, base: DocId, bits: &Bits, scores: &Scores) {
        let mut docs = [0; ROOM];
        for ((number, word), scores) in (0..).zip(bits.words()).zip(scores.chunks_exact(WORD as usize)) {
            let first = base + number * WORD;
            if *word == u64::MAX {
                self.docs.extend(first..first + WORD);
                self.scores.extend_from_slice(scores);
            } else if *word != 0 {
                let count = write_ones(*word, first, &mut docs);
                self.docs.extend_from_slice(&docs[..count]);
                self.scores.extend(docs[..count].iter().map(|doc| scores[(doc - first) as usize % WORD as usize]));
            }
        }
    }

    /// Adds documents of a word, by bits; their scores are written where they go.
    pub(crate) fn extend_word(&mut self, base: DocId, bits: u64, score: impl FnOnce(&mut [f32])) {
        let mut docs = [0; ROOM];
        let count = write_ones(bits, base, &mut docs);
        self.docs.extend_from_slice(&docs[..count]);
        let start = self.scores.len();
        self.scores.resize(start + count, 0.0);
        score(&mut self.scores[start..]);
    }

    /// Drops the documents whose number passes a test: as a rule all of many that stand together.
    pub(crate) fn drop_by(&mut self, numbers: &[f64], drops: impl Fn(f64) -> bool) {
        let (mut kept, mut at) = (0, 0);
        for together in numbers.chunks(TOGETHER) {
            if !together.iter().fold(true, |all, number| all & drops(*number)) {
                for (i, number) in (at..).zip(together) {
                    (self.docs[kept], self.scores[kept]) = (self.docs[i], self.scores[i]);
                    kept += usize::from(!drops(*number));
                }
            }
            at += together.len();
        }
        self.docs.truncate(kept);
        self.scores.truncate(kept);
    }

    /// Keeps the documents that pass a test, one answer for each.
    pub(crate) fn retain(&mut self, passes: &[bool]) {
        let mut kept = 0;
        for (number, eight) in passes.chunks(8).enumerate() {
            // Eight answers are looked at together: most tests pass few.
            let bits = eight.iter().rev().fold(0, |bits, passes| bits << 1 | u64::from(*passes));
            for i in Ones(bits).map(|at| number * 8 + at as usize) {
                self.docs[kept] = self.docs[i];
                self.scores[kept] = self.scores[i];
                kept += 1;
            }
        }
        self.docs.truncate(kept);
        self.scores.truncate(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retain_compacts_without_losing_order() {
        let mut batch = Batch::new();
        batch.extend_scored(&[1, 5, 9, 12], |scores| scores.copy_from_slice(&[0.0, 1.0, 2.0, 3.0]));
        batch.retain(&[false, true, false, true]);
        assert_eq!((batch.docs(), batch.scores()), (&[5, 12][..], &[1.0, 3.0][..]));
        batch.retain(&[false; 2]);
        assert_eq!((batch.len(), batch.room()), (0, BATCH));
    }
}
