//! The bounds of a query: which documents of a zone can match, and between which values their scores lie.
//!
//! It mirrors the [matchers](crate::exec::query): a clause that is not reached cannot fail, sums are made of the same scores.
//! What a kind of query does not know of a zone, it does not promise: then some match, with any score.

use std::ops::Bound;

use super::bool::BoolBounds;
use super::column::ColumnBounds;
use super::range::{Range, Sum};
use super::score::ScoreBounds;
use super::script::ScriptBounds;
use super::term::TermBounds;
use super::{Matches, Verdict, Verdicts};
use crate::error::Result;
use crate::exec::query::script_range;
use crate::exec::segment::SegmentContext;
use crate::exec::statistics::term_bytes;
use crate::exec::zones::ZoneList;
use crate::plan::query::{Query, Scope, ScoredQuery};

/// A query over the zones of a segment.
pub(super) enum QueryBounds {
    /// The same in all zones.
    Constant(Verdict),
    Term(TermBounds),
    Column(ColumnBounds),
    Bool(Box<BoolBounds>),
    DisMax(DisMaxBounds),
    Boost(Box<Self>, f32),
    Boosting(Box<BoostingBounds>),
    ConstantScore(Box<Self>, f32),
    Scored(Box<Self>, Box<ScoreBounds>),
    Script(Box<ScriptBounds>),
}

impl QueryBounds {
    /// Prepares the bounds of a query over root documents.
    pub(super) fn new(segment: SegmentContext<'_>, query: &Query, scope: Scope) -> Result<Self> {
        let boxed = |query, scope| Self::new(segment, query, scope).map(Box::new);
        Ok(match query {
            Query::MatchAll => Self::Constant(Verdict::constant(Matches::All, 1.0)),
            Query::MatchNone { .. } => Self::Constant(Verdict::nothing(false)),
            Query::Term { field, value, .. } if term_bytes(value).is_none() || segment.inverted(field)?.is_none() => {
                let value = Bound::Included(value);
                Self::column(ColumnBounds::between(segment, field, value, value)?)
            }
            Query::Term { field, value, scoring } => match TermBounds::new(segment, field, value, *scoring)? {
                Some(term) => Self::Term(term),
                None => Self::Constant(Verdict::nothing(false)),
            },
            Query::Range { field, lower, upper } => {
                Self::column(ColumnBounds::between(segment, field, lower.as_ref(), upper.as_ref())?)
            }
            Query::Exists { fields } => Self::column(ColumnBounds::exists(segment, fields)?),
            Query::Terms { .. } | Query::Ids { .. } | Query::Prefix { .. } | Query::Wildcard { .. } => {
                Self::column(None)
            }
            Query::Phrase { field, terms, slop: _ } => {
                let terms = terms.iter().map(|(_, term)| term.as_bytes());
                let limit = segment.execution.statistics.bm25(field, terms).limit();
                Self::Constant(Verdict { score: Range::up_to(limit), ..Verdict::constant(Matches::Some, 0.0) })
            }
            Query::Nested { .. } => {
                let fails = query.runs_script(scope);
                Self::Constant(Verdict { matches: Matches::Some, score: Range::ANY, drops: false, fails })
            }
            Query::Bool(query) => Self::Bool(Box::new(BoolBounds::new(segment, query, scope)?)),
            Query::Boosting { positive, negative, negative_boost } => Self::Boosting(Box::new(BoostingBounds {
                positive: Self::new(segment, positive, scope)?,
                negative: Self::new(segment, negative, Scope::Filter)?,
                negative_boost: *negative_boost,
                demoting: Verdicts::new(),
            })),
            Query::ConstantScore { query, score } => Self::ConstantScore(boxed(query, Scope::Filter)?, *score),
            Query::DisMax { queries, tie_breaker } => {
                let queries = queries.iter().map(|query| Ok((Self::new(segment, query, scope)?, Verdicts::new())));
                Self::DisMax(DisMaxBounds { queries: queries.collect::<Result<_>>()?, tie_breaker: *tie_breaker })
            }
            Query::Script { script } => Self::Script(Box::new(ScriptBounds::new(segment, *script)?)),
            Query::ScriptRange(range) => {
                let fails = script_range::asks_script(segment, range)?;
                let unknown = Self::Constant(Verdict { fails, ..Verdict::constant(Matches::Some, 1.0) });
                ColumnBounds::solved(segment, range)?.map_or(unknown, Self::Column)
            }
            Query::ScriptTerms { field, script } => {
                let column = segment.segment.columns(segment.mapping).column(field)?;
                let table = segment.scripts.term_table(segment, field, *script)?;
                let fails = table.is_none_or(|table| table.asks(&column));
                Self::Constant(Verdict { fails, ..Verdict::constant(Matches::Some, 1.0) })
            }
            // Without a lower bound, the score does not decide what matches: the script does not run.
            Query::Scored(ScoredQuery { query, min_score: None, .. }) if scope == Scope::Filter => {
                Self::new(segment, query, Scope::Filter)?
            }
            Query::Scored(ScoredQuery { query, script, filters, min_score }) => {
                let score = ScoreBounds::new(segment, *script, filters, *min_score, 1.0)?;
                let scope = if score.uses_score() { Scope::Scored } else { Scope::Filter };
                Self::Scored(boxed(query, scope)?, Box::new(score))
            }
            Query::Boost { query, boost } => Self::Boost(boxed(query, scope)?, *boost),
        })
    }

    /// A query whose matches score 1; where nothing is known of a column, some match.
    fn column(bounds: Option<ColumnBounds>) -> Self {
        bounds.map_or(Self::Constant(Verdict::constant(Matches::Some, 1.0)), Self::Column)
    }

    /// What is known of the documents of some zones.
    pub(super) fn judge(&mut self, list: &ZoneList, verdicts: &mut Verdicts) {
        match self {
            Self::Constant(verdict) => verdicts.fill(list.len, *verdict),
            Self::Term(term) => term.judge(list, verdicts),
            Self::Column(column) => column.judge(list, verdicts),
            Self::Bool(query) => query.judge(list, verdicts),
            Self::DisMax(query) => query.judge(list, verdicts),
            Self::Boost(query, boost) => {
                query.judge(list, verdicts);
                (0..list.len).for_each(|lane| verdicts.set_score(lane, verdicts.score(lane).times(*boost)));
            }
            Self::Boosting(query) => query.judge(list, verdicts),
            Self::ConstantScore(query, score) => {
                query.judge(list, verdicts);
                (0..list.len).for_each(|lane| verdicts.set_score(lane, Range::exactly(*score)));
            }
            Self::Scored(query, score) => {
                query.judge(list, verdicts);
                score.apply(list, verdicts);
                // The query scores its matches itself to find out.
                verdicts.drops[..list.len].fill(false);
            }
            Self::Script(script) => script.test(list, |lane, matches, fails| {
                verdicts.set(lane, Verdict { fails, ..Verdict::constant(matches, 1.0) });
            }),
        }
    }
}

/// A `boosting` query.
pub(super) struct BoostingBounds {
    positive: QueryBounds,
    negative: QueryBounds,
    negative_boost: f32,
    /// What is known of the negative query.
    demoting: Verdicts,
}

impl BoostingBounds {
    fn judge(&mut self, list: &ZoneList, verdicts: &mut Verdicts) {
        let Self { positive, negative, negative_boost, demoting } = self;
        positive.judge(list, verdicts);
        negative.judge(list, demoting);
        verdicts.each(list.len, |lane, found| {
            if found.matches == Matches::None {
                return found;
            }
            let demoted = found.score.times(*negative_boost);
            let score = match demoting.matches[lane] {
                Matches::None => found.score,
                Matches::Some => found.score.join(demoted),
                Matches::All => demoted,
            };
            Verdict { score, fails: found.fails || demoting.fails[lane], ..found }
        });
    }
}

/// The queries of a `dis_max`, and what is known of each.
pub(super) struct DisMaxBounds {
    queries: Vec<(QueryBounds, Verdicts)>,
    tie_breaker: f32,
}

impl DisMaxBounds {
    fn judge(&mut self, list: &ZoneList, verdicts: &mut Verdicts) {
        self.queries.iter_mut().for_each(|(query, found)| query.judge(list, found));
        (0..list.len).for_each(|lane| verdicts.set(lane, self.verdict(lane)));
    }

    /// The best score, and a share of the others; those that do not match count as 0 among these.
    fn verdict(&self, lane: usize) -> Verdict {
        let (mut matches, mut fails) = (Matches::None, false);
        let mut best: Option<Range> = None;
        // The sum of all but the highest is at most that of the upper ends but the highest.
        let (mut others, mut highest) = (Sum::ZERO, Range { lo: 0.0, hi: 0.0, nan: false });
        let zero = highest;
        for (_, found) in &self.queries {
            let found = found.get(lane);
            fails |= found.fails;
            match found.matches {
                Matches::None => continue,
                Matches::Some if matches == Matches::None => matches = Matches::Some,
                Matches::Some => {}
                Matches::All => matches = Matches::All,
            }
            best = Some(best.map_or(found.score, |best| best.join(found.score)));
            let other = found.score.join(zero);
            let (less, more) = if other.hi > highest.hi { (highest, other) } else { (other, highest) };
            others.add(less);
            highest = more;
        }
        others.add(Range { hi: 0.0, ..highest });
        match best {
            None => Verdict::nothing(fails),
            Some(best) => {
                Verdict { matches, score: others.times_added_to(self.tie_breaker, best), drops: false, fails }
            }
        }
    }
}
