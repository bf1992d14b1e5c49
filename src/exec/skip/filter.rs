//! The bounds of a filter of the pipeline: whether a zone's documents pass.

use super::query::QueryBounds;
use super::range::Range;
use super::script::ScriptBounds;
use super::{Verdict, Zone};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::plan::node::Predicate;
use crate::plan::query::Scope;

/// A filter over the zones of a segment.
pub(super) enum FilterBounds {
    Script(Box<ScriptBounds>),
    Query(QueryBounds),
    MinScore(f32),
}

impl FilterBounds {
    pub(super) fn new(segment: SegmentContext<'_>, predicate: &Predicate) -> Result<Self> {
        Ok(match predicate {
            Predicate::Script(script) => Self::Script(Box::new(ScriptBounds::new(segment, *script)?)),
            Predicate::Query(query) => Self::Query(QueryBounds::new(segment, query, Scope::Filter)?),
            Predicate::MinScore(min_score) => Self::MinScore(*min_score),
        })
    }

    /// What is left of the matches of a zone. A filter that no document reaches does not fail.
    pub(super) fn apply(&mut self, zone: Zone, matched: Verdict) -> Verdict {
        let (matches, fails) = match self {
            // As the operator does, a script of a filter reads 0 for the score.
            Self::Script(script) => script.test(zone, Range::exactly(0.0)),
            Self::Query(query) => {
                let verdict = query.verdict(zone);
                (verdict.matches, verdict.fails)
            }
            Self::MinScore(min_score) => return matched.at_least(*min_score),
        };
        Verdict { matches: matched.matches.and(matches), fails: matched.fails || fails, ..matched }
    }
}
