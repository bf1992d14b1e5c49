//! What a zone has to pass to be looked at, as things stand: taken anew when hits have been found or matches counted.

use tantivy::DocId;

use super::super::Matches;
use super::super::judge::Judgement;
use crate::exec::operator::best::Bar;
use crate::exec::pipeline::Found;

/// What is done with a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Skip,
    /// Its matches are counted.
    Count,
    /// Its documents are evaluated.
    Visit,
}

/// What hits have to beat, and whether matches are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    wants_hits: bool,
    /// A key that is worse is no hit's, in any shard.
    threshold: u64,
    /// The worst of the shard's hits, once there are enough.
    bar: Option<Bar>,
    /// A higher score is wanted even if it is no hit's.
    highest: f32,
    counts: bool,
    /// The segment's number in its shard.
    segment: u32,
}

impl Gate {
    /// The gate of a segment whose matches are counted, unless enough are.
    pub(super) fn new(found: &Found, threshold: u64, segment: u32, counts: bool) -> Self {
        let (best, bar) = (&found.best, found.best.bar());
        Self {
            wants_hits: best.limit() > 0,
            threshold: bar.map_or(threshold, |bar| bar.key.min(threshold)),
            bar,
            highest: best.highest_seen(),
            counts: counts && !found.counter.is_done(),
            segment,
        }
    }

    /// Whether a document of the zone that starts with a document may be among the best hits.
    #[inline]
    pub(super) fn is_open(&self, first: DocId, known: &Judgement) -> bool {
        if known.matches == Matches::None || !self.wants_hits {
            return false;
        }
        let may_be_hit = || self.bar.is_none_or(|bar| bar.may_admit(known.key, known.second, self.segment, first));
        (known.key <= self.threshold && may_be_hit()) || known.highest > self.highest
    }

    /// What is done with the zone that starts with a document.
    #[inline]
    pub(super) fn action(&self, first: DocId, known: &Judgement) -> Action {
        if known.fails || self.is_open(first, known) {
            Action::Visit
        } else if known.matches == Matches::None || !self.counts {
            Action::Skip
        } else if known.drops {
            Action::Visit
        } else {
            Action::Count
        }
    }

    /// Whether its documents are evaluated.
    #[inline]
    pub(super) fn visits(&self, first: DocId, known: &Judgement) -> bool {
        self.action(first, known) == Action::Visit
    }

    /// The gate where nothing is counted.
    pub(super) fn without_counts(self) -> Self {
        Self { counts: false, ..self }
    }
}
