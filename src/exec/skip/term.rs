//! The bounds of a term: how its documents in a zone can score at most.

use super::range::Range;
use super::{Matches, Verdict, Zone};
use crate::error::Result;
use crate::exec::query::term;
use crate::exec::segment::SegmentContext;
use crate::exec::statistics::term_bytes;
use crate::plan::query::TermScoring;
use crate::plan::value::Value;

/// A term over the zones of a segment.
pub(super) struct TermBounds {
    score: Range,
}

impl TermBounds {
    /// Prepares the bounds of a term; none where the segment does not hold it.
    pub(super) fn new(
        segment: SegmentContext<'_>,
        path: &str,
        value: &Value,
        scoring: TermScoring,
    ) -> Result<Option<Self>> {
        if term_bytes(value).is_none() || segment.inverted(path)?.is_none() {
            return Ok(Some(Self { score: Range::exactly(1.0) }));
        }
        let found = term::postings(segment, path, value, scoring)?;
        Ok(found.map(|(_, scoring)| Self {
            score: scoring.map_or(Range::exactly(1.0), |(bm25, _)| Range::up_to(bm25.limit())),
        }))
    }

    /// What is known of a zone.
    pub(super) fn verdict(&self, _: Zone) -> Verdict {
        Verdict { matches: Matches::Some, score: self.score, drops: false, fails: false }
    }
}
