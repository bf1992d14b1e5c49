//! `TopHits`: keeps the best hits; what cannot be among them costs one comparison.

use std::cmp::Ordering;

use smallvec::SmallVec;
use tantivy::DocId;

use super::best::{Bar, Best};
use super::hit::{Hit, Scored};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::segment::SegmentContext;
use crate::exec::sort::{Candidates, Key, KeyReader, LocalKey};
use crate::plan::node::TopHits as Plan;

/// How many scores are looked at together.
const LANES: usize = 32;

/// Collects the best hits of a segment.
pub(crate) struct TopHits<'a> {
    keys: Vec<KeyReader<'a>>,
    /// The keys of the worst hit that is kept, once there are enough.
    worst: SmallVec<[LocalKey; 2]>,
    after: SmallVec<[LocalKey; 2]>,
    /// The rows of the current batch that the first key leaves.
    rows: Candidates,
    shard: u32,
    segment: u32,
}

impl<'a> TopHits<'a> {
    /// Prepares the sort for a segment.
    pub(crate) fn new(
        context: SegmentContext<'a>,
        plan: &'a Plan,
        best: &mut Best,
        (shard, segment): (u32, u32),
    ) -> Result<Self> {
        let keys = plan.sort.iter().map(|sort| KeyReader::new(context, sort)).collect::<Result<Vec<_>>>()?;
        let after = match &best.after {
            Some(after) => keys.iter().zip(after).map(|(reader, key)| reader.localize(key)).collect::<Result<_>>()?,
            None => SmallVec::new(),
        };
        let mut hits = Self { keys, worst: SmallVec::new(), after, rows: Candidates::default(), shard, segment };
        hits.remember_worst(best)?;
        Ok(hits)
    }

    /// Starts again, with what was found before.
    pub(crate) fn restart(&mut self, best: &mut Best) -> Result<()> {
        self.remember_worst(best)
    }

    /// Keeps what of a batch is among the best so far.
    pub(crate) fn collect(&mut self, batch: &Batch, best: &mut Best) -> Result<()> {
        if best.track_scores {
            best.max_score = batch.scores().iter().copied().fold(best.max_score, f32::max);
        }
        if best.limit == 0 || batch.len() == 0 {
            return Ok(());
        }
        if self.keys.is_empty() {
            self.collect_by_score(batch, best);
            return Ok(());
        }
        let Self { keys, worst, after, rows, .. } = self;
        let (first, others) = keys.split_first_mut().expect("there are keys");
        first.read(batch)?;
        first.between(after.first(), worst.first(), rows);
        let is_any = !rows.is_empty();
        // What is no script cannot fail, and is read for those only that it decides about.
        for reader in others.iter_mut().filter(|reader| is_any || reader.runs_script()) {
            reader.read(batch)?;
        }
        let mut next = 0;
        while let Some(row) = self.rows.next(next) {
            let is_better = (self.worst.is_empty() || self.is_before_worst(row, batch, best))
                && (self.after.is_empty() || self.compare(row, &self.after) == Ordering::Greater);
            if is_better {
                self.insert(row, batch, best)?;
            }
            next = row + 1;
        }
        Ok(())
    }

    fn collect_by_score(&self, batch: &Batch, best: &mut Best) {
        let mut bar = best.score_bar((self.segment, batch.docs()[0]));
        for (docs, scores) in batch.docs().chunks(LANES).zip(batch.scores().chunks(LANES)) {
            // Mostly none of a few is high enough, which is found out without a branch for each.
            if bar.is_above_all(scores) {
                continue;
            }
            for (doc, score) in docs.iter().zip(scores) {
                if bar.is_above(*score) {
                    continue;
                }
                let hit = Scored::new(*score, (self.shard, self.segment), *doc);
                if !best.push(hit) {
                    continue;
                }
                bar = best.score_bar((self.segment, *doc + 1));
            }
        }
    }

    /// Whether a row is better than the worst hit that is kept. Of equals, the first in the index is.
    fn is_before_worst(&self, row: usize, batch: &Batch, best: &Best) -> bool {
        match self.compare(row, &self.worst) {
            Ordering::Less => true,
            Ordering::Equal => {
                let place = (self.segment, batch.docs()[row]);
                best.heap.peek().is_some_and(|worst| place < (worst.segment, worst.doc))
            }
            Ordering::Greater => false,
        }
    }

    fn insert(&mut self, row: usize, batch: &Batch, best: &mut Best) -> Result<()> {
        // The hit that has to go lends its memory to the new one.
        let mut hit = match best.is_full().then(|| best.heap.pop()).flatten() {
            Some(hit) => hit,
            None => Hit {
                keys: self.keys.iter().map(|_| Key::Number(0)).collect(),
                score: 0.0,
                shard: self.shard,
                segment: self.segment,
                doc: 0,
            },
        };
        (hit.shard, hit.segment, hit.doc, hit.score) =
            (self.shard, self.segment, batch.docs()[row], batch.scores()[row]);
        for (reader, key) in self.keys.iter().zip(&mut hit.keys) {
            reader.write(row, key)?;
        }
        best.heap.push(hit);
        self.remember_worst(best)
    }

    fn remember_worst(&mut self, best: &mut Best) -> Result<()> {
        if self.keys.is_empty() {
            return Ok(());
        }
        self.worst.clear();
        best.bar = None;
        let Some(worst) = best.heap.peek().filter(|_| best.is_full()) else { return Ok(()) };
        for (reader, key) in self.keys.iter().zip(&worst.keys) {
            self.worst.push(reader.localize(key)?);
        }
        let number = |key: &LocalKey| if let LocalKey::Number(bits) = key { Some(*bits) } else { None };
        let second = self.worst.get(1).and_then(number);
        best.bar = self.worst.first().and_then(number).map(|key| Bar {
            key,
            second,
            segment: worst.segment,
            doc: worst.doc,
            has_more_keys: self.worst.len() > 1 + usize::from(second.is_some()),
            is_shared: matches!(worst.keys[0], Key::Number(_)),
        });
        Ok(())
    }

    #[inline]
    fn compare(&self, row: usize, keys: &[LocalKey]) -> Ordering {
        let mut readers = self.keys.iter().zip(keys);
        readers
            .find_map(|(reader, key)| Some(reader.compare(row, key)).filter(|o| o.is_ne()))
            .unwrap_or(Ordering::Equal)
    }
}

/// The score that a better hit must exceed, or at least reach.
#[derive(Clone, Copy)]
enum ScoreBar {
    /// There is room.
    None,
    /// A hit must be better: what follows comes after the worst hit in the index.
    Exceed(f32),
    /// Of hits that are as good as the worst, those before it in the index are better.
    Reach(f32),
}

impl ScoreBar {
    /// Whether all scores are surely too low. NaN never is.
    #[inline]
    fn is_above_all(self, scores: &[f32]) -> bool {
        match self {
            Self::None => false,
            Self::Exceed(bar) => scores.iter().fold(true, |all, score| all & (*score <= bar)),
            Self::Reach(bar) => scores.iter().fold(true, |all, score| all & (*score < bar)),
        }
    }

    /// Whether a score is surely too low. NaN never is.
    #[inline]
    fn is_above(self, score: f32) -> bool {
        match self {
            Self::None => false,
            Self::Exceed(bar) => score <= bar,
            Self::Reach(bar) => score < bar,
        }
    }
}

impl Best {
    /// The bar for the scores of documents from a place of the shard on.
    fn score_bar(&self, from: (u32, DocId)) -> ScoreBar {
        match self.scored.bar() {
            Some(worst) if (worst.segment, worst.doc) < from => ScoreBar::Exceed(worst.score),
            Some(worst) => ScoreBar::Reach(worst.score),
            None => ScoreBar::None,
        }
    }
}
