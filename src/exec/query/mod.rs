//! Queries over one segment: one file a kind, all of them a [`Matcher`] that is evaluated window by window.
//!
//! A matcher keeps those of a window's candidates that match. So boolean combinations narrow each other, no document
//! costs a dynamic call, a script in a query tree sees its documents as a batch, and errors are ordinary results.

mod all;
mod answered;
mod bool;
mod boost;
mod boosting;
mod bounds;
mod column;
mod constant;
mod dis_max;
mod exists;
pub(crate) mod nested;
mod pattern;
mod phrase;
mod range;
mod rewrite;
mod scored;
mod script;
pub(crate) mod script_range;
mod script_terms;
mod set;
mod sloppy;
pub(crate) mod term;
mod terms;

pub(crate) use bounds::numbers;
pub(crate) use rewrite::rewrite;
use tantivy::DocId;

use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, Scores};
use crate::exec::zones::TermZones;
use crate::plan::query::Query;

/// A query over one segment. Windows are evaluated at most once each, in ascending order; any may be left out.
///
/// Its own [`seek`](Matcher::seek) may pass over what it surely does not match without failing; that of a clause that comes
/// later must not, where it [keeps its place](Matcher::keeps_place).
pub(crate) trait Matcher {
    /// The first window, from the one at `base` on, in which anything can match; `NO_DOC` when there is none.
    fn seek(&mut self, base: DocId) -> DocId;

    /// Keeps the candidates of the window at `base` that match.
    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()>;

    /// Keeps the candidates that match and says how they score: 1, unless a kind knows better.
    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        scores.fill(1.0);
        self.matches(base, candidates)
    }

    /// The term whose documents it matches, where their scores are best looked up as they go into a batch.
    fn scores_by_lookup(&self) -> Option<&TermZones> {
        None
    }

    /// Whether windows may come in any order, and more than once.
    fn goes_back(&self) -> bool {
        false
    }

    /// How many documents match, where it is known without looking at them.
    fn count(&self) -> Option<u64> {
        None
    }

    /// Whether it must be given just those documents that the clauses before it in the body leave: a script of it can fail
    /// by itself on a document of the segment, or is not deterministic.
    fn keeps_place(&self) -> bool {
        false
    }

    /// About how much work the whole segment is, in documents looked at: cheap clauses narrow for dear ones.
    fn cost(&self) -> u64;
}

/// A matcher of any kind.
pub(crate) type BoxMatcher<'a> = Box<dyn Matcher + 'a>;

/// Prepares a query for a segment.
///
/// # Errors
/// The query asks a field for what its type or index does not give.
pub(crate) fn matcher<'a>(query: &'a Query, segment: SegmentContext<'a>) -> Result<BoxMatcher<'a>> {
    match query {
        Query::MatchAll => Ok(Box::new(all::All::new(segment.max_doc()))),
        Query::MatchNone { .. } => Ok(Box::new(all::Nothing)),
        Query::Term { field, value, scoring } => term::matcher(segment, field, value, *scoring),
        Query::Terms { field, values } => terms::matcher(segment, field, values),
        Query::Phrase { field, terms, slop } => phrase::matcher(segment, field, terms, *slop),
        Query::Range { field, lower, upper } => range::matcher(segment, field, lower.as_ref(), upper.as_ref()),
        Query::Exists { fields } => exists::matcher(segment, fields),
        Query::Ids { values } => terms::ids(segment, values),
        Query::Prefix { field, prefix, case_insensitive } => pattern::prefix(segment, field, prefix, *case_insensitive),
        Query::Wildcard { field, pattern, case_insensitive } => {
            pattern::wildcard(segment, field, pattern, *case_insensitive)
        }
        Query::Bool(query) => bool::matcher(segment, query),
        Query::Boosting { positive, negative, negative_boost } => {
            let (positive, negative) = (matcher(positive, segment)?, matcher(negative, segment)?);
            Ok(Box::new(boosting::Boosting::new(positive, negative, *negative_boost)))
        }
        Query::ConstantScore { query, score } => {
            Ok(Box::new(constant::Constant::new(matcher(query, segment)?, *score)))
        }
        Query::DisMax { queries, tie_breaker } => {
            let queries = queries.iter().map(|q| matcher(q, segment)).collect::<Result<_>>()?;
            Ok(Box::new(dis_max::DisMax::new(queries, *tie_breaker)))
        }
        Query::Nested { path, query, score_mode } => nested::matcher(segment, path, query, *score_mode),
        Query::Script { script } => script::matcher(segment, *script),
        Query::ScriptTerms { field, script } => script_terms::matcher(segment, field, *script),
        Query::ScriptRange(range) => script_range::matcher(segment, range),
        Query::Scored(query) => scored::matcher(segment, query),
        Query::Boost { query, boost } => Ok(Box::new(boost::Boost::new(matcher(query, segment)?, *boost))),
    }
}
