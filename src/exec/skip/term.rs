//! The bounds of a term: how its documents in a zone can score at most.

use super::range::Range;
use super::{Matches, Verdict, Verdicts};
use crate::error::Result;
use crate::exec::query::term::{self, Documents};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{TermZones, ZoneList};
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

    /// What is known of some zones.
    pub(super) fn judge(&self, list: &ZoneList, verdicts: &mut Verdicts) {
        let some = Verdict::constant(Matches::Some, 1.0);
        match self {
            Self::Constant(score) => {
                (0..list.len).for_each(|lane| verdicts.set(lane, Verdict { score: *score, ..some }));
            }
            Self::Mapped(zones, scoring) => zones.highest(list, |lane, highest| {
                let verdict = match (highest, scoring) {
                    (None, _) => Verdict::nothing(false),
                    (Some(_), TermScoring::Constant) => some,
                    (Some(highest), TermScoring::Bm25) => Verdict { score: Range::up_to(highest), ..some },
                };
                verdicts.set(lane, verdict);
            }),
        }
    }
}
