//! `TopHits`: keeps the best hits; what cannot be among them costs one comparison.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use smallvec::SmallVec;
use tantivy::DocId;

use crate::error::{Code, Error, Result};
use crate::exec::batch::Batch;
use crate::exec::segment::SegmentContext;
use crate::exec::sort::{Candidates, Key, KeyKind, KeyReader, LocalKey, double_bits};
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
        let by_keys = if self.keys.is_empty() {
            score_key(self.score).cmp(&score_key(other.score))
        } else {
            self.keys.cmp(&other.keys)
        };
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

/// The key of a score, where the highest comes first. The two zeros are one score, as for Lucene.
#[inline]
fn score_key(score: f32) -> u64 {
    !double_bits(f64::from(score) + 0.0)
}

/// What a hit has to beat once there are enough: the worst one that is kept, as the rows of a segment compare with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// The bits of its first key; the lower, the better.
    pub(crate) key: u64,
    /// The bits of its second key, if it has one and that is a number.
    second: Option<u64>,
    segment: u32,
    doc: DocId,
    /// Whether there are other keys.
    has_more_keys: bool,
    /// Whether the first key is the same number in all segments: of a text, it is its place in a dictionary.
    is_shared: bool,
}

impl Bar {
    /// Whether a document of the shard, from `first` of a segment on, may be better if its first two keys are at best these.
    pub(crate) fn may_admit(&self, key: u64, second: u64, segment: u32, first: DocId) -> bool {
        let admits_ties = || self.has_more_keys || (segment, first) < (self.segment, self.doc);
        match (key.cmp(&self.key), self.second) {
            (Ordering::Less, _) => true,
            (Ordering::Greater, _) => false,
            (Ordering::Equal, Some(own)) => second < own || (second == own && admits_ties()),
            (Ordering::Equal, None) => admits_ties(),
        }
    }

    /// The first key, if those of other segments and shards compare with it.
    pub(crate) fn shared_key(&self) -> Option<u64> {
        self.is_shared.then_some(self.key)
    }
}

/// The best hits of a shard.
#[derive(Clone, Debug)]
pub(crate) struct Best {
    /// How many are kept.
    limit: usize,
    /// The hits, the worst on top.
    heap: BinaryHeap<Hit>,
    /// Of a sort by keys, what the next hit of the segment has to beat, once there are enough; none where the first key is no
    /// number.
    bar: Option<Bar>,
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
            bar: None,
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

    /// How many are kept.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// What the next hit has to beat; none as long as there is room, or where the first key is no number.
    pub(crate) fn bar(&self) -> Option<Bar> {
        if !self.is_full() {
            return None;
        }
        let Hit { keys, score, segment, doc, .. } = self.heap.peek()?;
        if !keys.is_empty() {
            return self.bar;
        }
        let (key, segment, doc) = (score_key(*score), *segment, *doc);
        Some(Bar { key, second: None, segment, doc, has_more_keys: false, is_shared: true })
    }

    /// The highest score so far, if it is wanted whatever the sort; infinity otherwise: no score is higher.
    pub(crate) fn highest_seen(&self) -> f32 {
        if self.track_scores { self.max_score } else { f32::INFINITY }
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
                let hit =
                    Hit { keys: SmallVec::new(), score: *score, shard: self.shard, segment: self.segment, doc: *doc };
                if best.is_full() {
                    match best.heap.peek_mut() {
                        Some(mut worst) if hit < *worst => *worst = hit,
                        _ => continue,
                    }
                } else {
                    best.heap.push(hit);
                }
                bar = best.score_bar((self.segment, *doc));
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
        self.worst.clear();
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
        match self.heap.peek() {
            Some(worst) if self.is_full() && (worst.segment, worst.doc) < from => ScoreBar::Exceed(worst.score),
            Some(worst) if self.is_full() => ScoreBar::Reach(worst.score),
            _ => ScoreBar::None,
        }
    }
}
