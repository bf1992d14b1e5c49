//! The bounds of a term: how its documents in a zone can score at most.

use super::{Matches, Verdict, Verdicts};
use crate::error::Result;
use crate::exec::query::term::{self, Documents};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{LANES, RareTerm, TermZones, ZoneList};
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
        let mut highest = [0.0; LANES];
        match &self.zones {
            Zones::Mapped(zones) => zones.highest(list, &mut highest),
            Zones::Listed(zones) => zones.highest(list, &mut highest),
        }
        let highest = &highest[..list.len];
        verdicts.fill(list.len, Verdict::constant(Matches::Some, 1.0));
        for (matches, score) in verdicts.matches.iter_mut().zip(highest) {
            *matches = if *score < 0.0 { Matches::None } else { Matches::Some };
        }
        if self.scored {
            verdicts.scores.lo[..list.len].fill(0.0);
            verdicts.scores.hi.iter_mut().zip(highest).for_each(|(hi, score)| *hi = f64::from(*score));
        }
    }
}
