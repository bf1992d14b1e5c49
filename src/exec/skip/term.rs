//! The bounds of a term: how its documents in a zone can score at most.

use super::range::Range;
use super::{Matches, Verdict, Zone};
use crate::error::Result;
use crate::exec::query::term::{self, Documents};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::TermZones;
use crate::plan::query::TermScoring;
use crate::plan::value::Value;

/// A term over the zones of a segment.
pub(super) enum TermBounds {
    /// The same in all zones.
    Constant(Range),
    /// A frequent term.
    Mapped(TermZones, TermScoring),
}

impl TermBounds {
    /// Prepares the bounds of a term of the inverted index; none where the segment does not hold it.
    pub(super) fn new(
        segment: SegmentContext<'_>,
        path: &str,
        value: &Value,
        scoring: TermScoring,
    ) -> Result<Option<Self>> {
        Ok(term::documents(segment, path, value, scoring)?.map(|found| match found {
            Documents::Mapped(zones, scoring) => Self::Mapped(zones, scoring),
            Documents::Listed(_, None) => Self::Constant(Range::exactly(1.0)),
            Documents::Listed(_, Some((bm25, _))) => Self::Constant(Range::up_to(bm25.limit())),
        }))
    }

    /// What is known of a zone.
    pub(super) fn verdict(&self, zone: Zone) -> Verdict {
        let score = match (self, zone) {
            (Self::Constant(score), _) => Some(*score),
            (Self::Mapped(zones, _), Zone::Coarse(number)) => zones.coarse(number).map(Range::up_to),
            (Self::Mapped(zones, _), Zone::Fine(number)) => zones.fine(number).map(Range::up_to),
        };
        match (score, self) {
            (None, _) => Verdict::nothing(false),
            (Some(_), Self::Mapped(_, TermScoring::Constant)) => Verdict::constant(Matches::Some, 1.0),
            (Some(score), _) => Verdict { score, ..Verdict::constant(Matches::Some, 1.0) },
        }
    }
}
