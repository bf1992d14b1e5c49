//! What planning answers: the shard's part, the coordinator's part, and what the rules did.

use crate::plan::node::{SortBy, SortKey, TrackTotalHits};
use crate::pushdown::fragment::Fragment;
use crate::pushdown::trace::Trace;

/// A plan that can be run.
#[derive(Clone, Debug, PartialEq)]
pub struct PhysicalPlan {
    /// What each shard runs; it crosses to the shard in its wire form.
    pub fragment: Fragment,
    /// What the coordinator does with the shards' answers.
    pub coordinator: Coordinator,
    /// What the rules did.
    pub trace: Trace,
}

/// The coordinator's part: merge the shards' best hits by the sort keys, then ties by shard and document; cut out the page.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinator {
    /// How many of the best are left out.
    pub from: usize,
    /// How many are returned.
    pub size: usize,
    /// The keys that the shards' hits are merged by; empty: by score, highest first.
    pub sort: Vec<SortKey>,
    /// Whether hits show their score although they are sorted by something else.
    pub track_scores: bool,
    /// How far hits are counted over all shards.
    pub track_total_hits: TrackTotalHits,
}

impl Coordinator {
    /// Whether the highest score comes first.
    pub(crate) fn is_by_score(&self) -> bool {
        self.sort.first().is_none_or(|key| key.by == SortBy::Score && key.descending)
    }

    /// Whether hits show their score.
    pub(crate) fn shows_score(&self) -> bool {
        self.sort.is_empty() || self.track_scores || self.sort.iter().any(|key| key.by == SortBy::Score)
    }
}
