//! The best hits of a shard so far, and what the next one has to beat.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use smallvec::SmallVec;
use tantivy::DocId;

use super::hit::{Hit, Scored, score_key};
use super::least::Least;
use crate::error::{Code, Error, Result};
use crate::exec::sort::{Key, KeyKind};
use crate::plan::node::TopHits as Plan;

/// The most hits for which room is made before they are there.
const ROOM: usize = 4096;

/// What a hit has to beat once there are enough: the worst one that is kept, as the rows of a segment compare with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bar {
    /// The bits of its first key; the lower, the better.
    pub(crate) key: u64,
    /// The bits of its second key, if it has one and that is a number.
    pub(crate) second: Option<u64>,
    pub(crate) segment: u32,
    pub(crate) doc: DocId,
    /// Whether there are other keys.
    pub(crate) has_more_keys: bool,
    /// Whether the first key is the same number in all segments: of a text, it is its place in a dictionary.
    pub(crate) is_shared: bool,
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
    pub(super) limit: usize,
    /// The hits of a sort by keys, the worst on top.
    pub(super) heap: BinaryHeap<Hit>,
    /// The hits of a sort by score.
    pub(super) scored: Least<Scored>,
    /// What the next hit of the segment has to beat, once there are enough; none where the first key is no number.
    pub(super) bar: Option<Bar>,
    /// The keys after which hits begin.
    pub(super) after: Option<SmallVec<[Key; 2]>>,
    /// Whether the highest score of all documents is wanted, whatever the sort.
    pub(super) track_scores: bool,
    pub(super) max_score: f32,
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
            heap: BinaryHeap::with_capacity(if plan.sort.is_empty() { 0 } else { limit.min(ROOM) }),
            scored: Least::new(if plan.sort.is_empty() { limit } else { 0 }),
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
        // One of the two is empty.
        self.scored.into_sorted().into_iter().map(Hit::from).chain(self.heap.into_sorted_vec()).collect()
    }

    /// How many are kept.
    pub(crate) fn limit(&self) -> usize {
        self.limit
    }

    /// What the next hit has to beat; none as long as there is room, or where the first key is no number.
    #[inline]
    pub(crate) fn bar(&self) -> Option<Bar> {
        self.bar
    }

    /// Gives a hit of a sort by score; whether it is kept.
    pub(super) fn push(&mut self, hit: Scored) -> bool {
        let is_kept = self.scored.push(hit);
        if is_kept && let Some(Scored { score, segment, doc, .. }) = self.scored.bar() {
            let key = score_key(score);
            self.bar = Some(Bar { key, second: None, segment, doc, has_more_keys: false, is_shared: true });
        }
        is_kept
    }

    /// The highest score so far, if it is wanted whatever the sort; infinity otherwise: no score is higher.
    pub(crate) fn highest_seen(&self) -> f32 {
        if self.track_scores { self.max_score } else { f32::INFINITY }
    }

    /// Whether as many hits of a sort by keys are kept as are wanted.
    pub(super) fn is_full(&self) -> bool {
        self.heap.len() >= self.limit
    }
}
