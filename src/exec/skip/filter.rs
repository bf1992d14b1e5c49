//! The bounds of a filter of the pipeline: whether a zone's documents pass.

use super::query::QueryBounds;
use super::script::ScriptBounds;
use super::{Matches, Verdicts};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::zones::ZoneList;
use crate::plan::node::Predicate;
use crate::plan::query::Scope;

/// A filter over the zones of a segment.
pub(super) enum FilterBounds {
    Script(Box<ScriptBounds>),
    Query(Box<(QueryBounds, Verdicts)>),
    MinScore(f32),
}

impl FilterBounds {
    pub(super) fn new(segment: SegmentContext<'_>, predicate: &Predicate) -> Result<Self> {
        Ok(match predicate {
            Predicate::Script(script) => Self::Script(Box::new(ScriptBounds::new(segment, *script)?)),
            Predicate::Query(query) => {
                Self::Query(Box::new((QueryBounds::new(segment, query, Scope::Filter)?, Verdicts::new())))
            }
            Predicate::MinScore(min_score) => Self::MinScore(*min_score),
        })
    }

    /// Leaves of the matches of some zones what passes. A filter that no document reaches does not fail.
    pub(super) fn apply(&mut self, list: &ZoneList, verdicts: &mut Verdicts) {
        if verdicts.matching(list.len).next().is_none() {
            return;
        }
        let mut pass = |lane: usize, matches, fails| {
            if verdicts.matches[lane] != Matches::None {
                verdicts.matches[lane] = verdicts.matches[lane].and(matches);
                verdicts.fails[lane] |= fails;
            }
        };
        match self {
            Self::Script(script) => script.test(list, pass),
            Self::Query(query) => {
                let (query, found) = &mut **query;
                query.judge(list, found);
                (0..list.len).for_each(|lane| pass(lane, found.matches[lane], found.fails[lane]));
            }
            Self::MinScore(min_score) => verdicts.each(list.len, |_, verdict| match verdict.matches {
                Matches::None => verdict,
                _ => verdict.at_least(*min_score),
            }),
        }
    }
}
