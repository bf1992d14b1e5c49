//! `TopHits`: keeps the best hits; what cannot be among them costs one comparison.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use smallvec::SmallVec;
use tantivy::DocId;

use crate::error::{Code, Error, Result};
use crate::exec::batch::Batch;
use crate::exec::segment::SegmentContext;
use crate::exec::sort::{Key, KeyKind, KeyReader, LocalKey};
use crate::plan::node::TopHits as Plan;

/// How many scores are looked at together.
const LANES: usize = 32;

/// The most hits for which room is made before they are there.
const ROOM: usize = 4096;

/// A hit: the lower one is the better one.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// The keys of the sort; none where the score is the key.
    pub(crate) keys: SmallVec<[Key; 2]>,
    pub(crate) score: f32,
    pub(crate) shard: u32,
    pub(crate) segment: u32,
    pub(crate) doc: DocId,
}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_keys =
            if self.keys.is_empty() { other.score.total_cmp(&self.score) } else { self.keys.cmp(&other.keys) };
        by_keys.then_with(|| (self.shard, self.segment, self.doc).cmp(&(other.shard, other.segment, other.doc)))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Hit {}

/// The best hits of a shard.
#[derive(Debug)]
pub(crate) struct Best {
    /// How many are kept.
    limit: usize,
    /// The hits, the worst on top.
    heap: BinaryHeap<Hit>,
    /// The keys after which hits begin.
    after: Option<SmallVec<[Key; 2]>>,
    /// Whether the highest score of all documents is wanted, whatever the sort.
    track_scores: bool,
    max_score: f32,
}

impl Best {
    /// Makes room for the best hits of a request.
    pub(crate) fn new(plan: &Plan) -> Result<Self> {
        let limit = plan.from.saturating_add(plan.size);
        let after = match &plan.search_after {
            None => None,
            Some(values) => {
                let keys = plan.sort.iter().zip(values).map(|(sort, value)| {
                    KeyKind::of(sort).key(value).ok_or_else(|| {
                        let reason = format!("`search_after` value {value} does not fit the sort");
                        Error::new(Code::InvalidSearchAfter, reason)
                    })
                });
                Some(keys.collect::<Result<_>>()?)
            }
        };
        Ok(Self {
            limit,
            heap: BinaryHeap::with_capacity(limit.min(ROOM)),
            after,
            track_scores: plan.track_scores,
            max_score: f32::NEG_INFINITY,
        })
    }

    /// The highest score, if it is wanted and there is a document.
    pub(crate) fn max_score(&self) -> Option<f32> {
        (self.max_score > f32::NEG_INFINITY).then_some(self.max_score)
    }

    /// The hits, the best first.
    pub(crate) fn into_sorted(self) -> Vec<Hit> {
        self.heap.into_sorted_vec()
    }

    fn is_full(&self) -> bool {
        self.heap.len() >= self.limit
    }
}

/// Collects the best hits of a segment.
pub(crate) struct TopHits<'a> {
    keys: Vec<KeyReader<'a>>,
    /// The keys of the worst hit that is kept, once there are enough.
    worst: SmallVec<[LocalKey; 2]>,
    after: SmallVec<[LocalKey; 2]>,
    shard: u32,
    segment: u32,
}

impl<'a> TopHits<'a> {
    /// Prepares the sort for a segment.
    pub(crate) fn new(
        context: SegmentContext<'a>,
        plan: &'a Plan,
        best: &Best,
        (shard, segment): (u32, u32),
    ) -> Result<Self> {
        let keys = plan.sort.iter().map(|sort| KeyReader::new(context, sort)).collect::<Result<Vec<_>>>()?;
        let after = match &best.after {
            Some(after) => keys.iter().zip(after).map(|(reader, key)| reader.localize(key)).collect::<Result<_>>()?,
            None => SmallVec::new(),
        };
        let mut hits = Self { keys, worst: SmallVec::new(), after, shard, segment };
        hits.remember_worst(best)?;
        Ok(hits)
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
        for reader in &mut self.keys {
            reader.read(batch)?;
        }
        let mut row = 0;
        while row < batch.len() {
            if let Some(worst) = self.worst.first() {
                row = self.keys[0].next_not_after(row, worst);
            }
            // Documents come in order: one that equals the worst comes after it.
            let is_better = row < batch.len()
                && (self.worst.is_empty() || self.compare(row, &self.worst) == Ordering::Less)
                && (self.after.is_empty() || self.compare(row, &self.after) == Ordering::Greater);
            if is_better {
                self.insert(row, batch, best)?;
            }
            row += 1;
        }
        Ok(())
    }

    fn collect_by_score(&self, batch: &Batch, best: &mut Best) {
        for (docs, scores) in batch.docs().chunks(LANES).zip(batch.scores().chunks(LANES)) {
            // The highest of a few scores is found without a branch; mostly it is not high enough.
            let highest = scores.iter().fold(f32::NEG_INFINITY, |a, b| if *b > a { *b } else { a });
            if best.threshold().is_some_and(|threshold| highest <= threshold) {
                continue;
            }
            for (doc, score) in docs.iter().zip(scores) {
                if best.threshold().is_some_and(|threshold| *score <= threshold) {
                    continue;
                }
                if best.is_full() {
                    best.heap.pop();
                }
                let (shard, segment) = (self.shard, self.segment);
                best.heap.push(Hit { keys: SmallVec::new(), score: *score, shard, segment, doc: *doc });
            }
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

    fn remember_worst(&mut self, best: &Best) -> Result<()> {
        if let (true, Some(worst)) = (best.is_full(), best.heap.peek()) {
            self.worst.clear();
            for (reader, key) in self.keys.iter().zip(&worst.keys) {
                self.worst.push(reader.localize(key)?);
            }
        }
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

impl Best {
    /// The score that a better hit must exceed; none as long as there is room.
    fn threshold(&self) -> Option<f32> {
        if self.is_full() { self.heap.peek().map(|worst| worst.score) } else { None }
    }
}
