//! The bounds of a term: how its documents in a zone can score at most.

use super::range::Range;
use super::{Matches, Verdict, Verdicts};
use crate::error::Result;
use crate::exec::query::term::{self, Documents};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{RareTerm, TermZones, ZoneList};
use crate::plan::query::TermScoring;
use crate::plan::value::Value;

/// A term over the zones of a segment.
pub(super) struct TermBounds {
    zones: Zones,
    /// Whether its documents score by BM25; otherwise 1.
    scored: bool,
}

enum Zones {
    /// Of a frequent term.
    Mapped(TermZones),
    Listed(RareTerm),
}

impl TermBounds {
    /// Prepares the bounds of a term of the inverted index; none where the segment does not hold it.
    pub(super) fn new(
        segment: SegmentContext<'_>,
        path: &str,
        value: &Value,
        scoring: TermScoring,
    ) -> Result<Option<Self>> {
        let scored = scoring == TermScoring::Bm25;
        Ok(term::documents(segment, path, value, scoring)?.map(|found| {
            let zones = match found {
                Documents::Mapped(zones, _) => Zones::Mapped(zones),
                Documents::Listed(mut postings, scoring) => {
                    Zones::Listed(RareTerm::new(&mut postings, segment.max_doc(), scoring.as_ref()))
                }
            };
            Self { zones, scored }
        }))
    }

    /// What is known of some zones.
    pub(super) fn judge(&self, list: &ZoneList, verdicts: &mut Verdicts) {
        // Most is the same of all zones.
        verdicts.fill(list.len, Verdict::constant(Matches::Some, 1.0));
        let found = |lane, highest: Option<f32>| match highest {
            Some(highest) if self.scored => verdicts.set_score(lane, Range::up_to(highest)),
            Some(_) => {}
            None => verdicts.set(lane, Verdict::nothing(false)),
        };
        match &self.zones {
            Zones::Mapped(zones) => zones.highest(list, found),
            Zones::Listed(zones) => zones.highest(list, found),
        }
    }
}
