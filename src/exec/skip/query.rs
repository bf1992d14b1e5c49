//! The bounds of a query: which documents of a zone can match, and between which values their scores lie.
//!
//! It mirrors the [matchers](crate::exec::query): a clause that is not reached cannot fail, sums are made of the same scores.
//! What a kind of query does not know of a zone, it does not promise: then some match, with any score.

use std::ops::Bound;

use super::column::ColumnBounds;
use super::range::{Range, Sum};
use super::score::ScoreBounds;
use super::script::ScriptBounds;
use super::term::TermBounds;
use super::{Matches, Verdict, Zone};
use crate::error::Result;
use crate::exec::query::script_range;
use crate::exec::segment::SegmentContext;
use crate::exec::statistics::term_bytes;
use crate::plan::query::{BoolQuery, Query, Scope, ScoredQuery};

/// A query over the zones of a segment.
pub(super) enum QueryBounds {
    /// The same in all zones.
    Constant(Verdict),
    Term(TermBounds),
    Column(ColumnBounds),
    Bool(Box<BoolBounds>),
    DisMax(Vec<Self>, f32),
    Boost(Box<Self>, f32),
    Boosting(Box<Self>, Box<Self>, f32),
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
            Query::Boosting { positive, negative, negative_boost } => {
                Self::Boosting(boxed(positive, scope)?, boxed(negative, Scope::Filter)?, *negative_boost)
            }
            Query::ConstantScore { query, score } => Self::ConstantScore(boxed(query, Scope::Filter)?, *score),
            Query::DisMax { queries, tie_breaker } => {
                let queries = queries.iter().map(|query| Self::new(segment, query, scope));
                Self::DisMax(queries.collect::<Result<_>>()?, *tie_breaker)
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

    /// What is known of the documents of a zone.
    pub(super) fn verdict(&mut self, zone: Zone) -> Verdict {
        match self {
            Self::Constant(verdict) => *verdict,
            Self::Term(term) => term.verdict(zone),
            Self::Column(column) => column.verdict(zone),
            Self::Bool(query) => query.verdict(zone),
            Self::DisMax(queries, tie_breaker) => dis_max(queries, *tie_breaker, zone),
            Self::Boost(query, boost) => {
                let verdict = query.verdict(zone);
                Verdict { score: verdict.score.times(*boost), ..verdict }
            }
            Self::Boosting(positive, negative, boost) => {
                let found = positive.verdict(zone);
                if found.matches == Matches::None {
                    return found;
                }
                let demoting = negative.verdict(zone);
                let demoted = found.score.times(*boost);
                let score = match demoting.matches {
                    Matches::None => found.score,
                    Matches::Some => found.score.join(demoted),
                    Matches::All => demoted,
                };
                Verdict { score, fails: found.fails || demoting.fails, ..found }
            }
            Self::ConstantScore(query, score) => Verdict { score: Range::exactly(*score), ..query.verdict(zone) },
            Self::Scored(query, score) => {
                let matched = query.verdict(zone);
                // The query scores its matches itself to find out.
                Verdict { drops: false, ..score.apply(zone, matched) }
            }
            Self::Script(script) => {
                let (matches, fails) = script.test(zone, Range::exactly(0.0));
                Verdict { fails, ..Verdict::constant(matches, 1.0) }
            }
        }
    }
}

/// The best score, and a share of the others; those that do not match count as 0 among these.
fn dis_max(queries: &mut [QueryBounds], tie_breaker: f32, zone: Zone) -> Verdict {
    let (mut matches, mut fails) = (Matches::None, false);
    let mut best: Option<Range> = None;
    // The sum of all but the highest is at most that of the upper ends but the highest.
    let (mut others, mut highest) = (Sum::ZERO, Range { lo: 0.0, hi: 0.0, nan: false });
    let zero = highest;
    for query in queries {
        let found = query.verdict(zone);
        fails |= found.fails;
        match found.matches {
            Matches::None => continue,
            Matches::Some if matches == Matches::None => matches = Matches::Some,
            Matches::Some => {}
            Matches::All => matches = Matches::All,
        }
        best = Some(match best {
            None => found.score,
            Some(best) => Range {
                lo: best.lo.min(found.score.lo),
                hi: best.hi.max(found.score.hi),
                nan: best.nan || found.score.nan,
            },
        });
        let other = found.score.join(zero);
        let (less, more) = if other.hi > highest.hi { (highest, other) } else { (other, highest) };
        others.add(less);
        highest = more;
    }
    others.add(Range { hi: 0.0, ..highest });
    match best {
        None => Verdict::nothing(fails),
        Some(best) => Verdict { matches, score: others.times_added_to(tie_breaker, best), drops: false, fails },
    }
}

/// The clauses of a `bool`, in the order in which they are evaluated.
pub(super) struct BoolBounds {
    steps: Vec<Step>,
    minimum_should_match: u32,
    /// Whether the score is that of the one scored clause, as it is.
    is_single: bool,
}

enum Step {
    Scored(QueryBounds),
    Required(QueryBounds),
    Excluded(QueryBounds),
    /// The optional clauses.
    Optional(Vec<QueryBounds>),
}

impl BoolBounds {
    fn new(segment: SegmentContext<'_>, query: &BoolQuery, scope: Scope) -> Result<Self> {
        let BoolQuery { must, filter, should, must_not, minimum_should_match } = query;
        // Clauses that run scripts come after all others, in the order of the body; the optional ones as early as they may.
        let (mut first, mut last) = (Vec::new(), Vec::new());
        let mut place = |query: &Query, scope, step: fn(QueryBounds) -> Step| {
            let bounds = QueryBounds::new(segment, query, scope)?;
            if query.runs_script(scope) { &mut last } else { &mut first }.push(step(bounds));
            Ok::<_, crate::error::Error>(())
        };
        for query in must {
            place(query, scope, Step::Scored)?;
        }
        for query in filter {
            place(query, Scope::Filter, Step::Required)?;
        }
        for query in must_not {
            place(query, Scope::Filter, Step::Excluded)?;
        }
        if scope == Scope::Scored || *minimum_should_match > 0 {
            let optional = should.iter().map(|query| QueryBounds::new(segment, query, scope));
            let optional = Step::Optional(optional.collect::<Result<_>>()?);
            if should.iter().any(|query| query.runs_script(scope)) { &mut last } else { &mut first }.push(optional);
        }
        first.append(&mut last);
        let is_single = must.len() == 1 && should.is_empty();
        Ok(Self { steps: first, minimum_should_match: *minimum_should_match, is_single })
    }

    fn verdict(&mut self, zone: Zone) -> Verdict {
        let (mut matches, mut fails, mut sum) = (Matches::All, false, Sum::ZERO);
        let mut single = None;
        for step in &mut self.steps {
            let passing = match step {
                Step::Scored(query) => {
                    let found = query.verdict(zone);
                    fails |= found.fails;
                    sum.add(found.score);
                    single = Some(found.score);
                    found.matches
                }
                Step::Required(query) => {
                    let found = query.verdict(zone);
                    fails |= found.fails;
                    found.matches
                }
                Step::Excluded(query) => {
                    let found = query.verdict(zone);
                    fails |= found.fails;
                    match found.matches {
                        Matches::None => Matches::All,
                        Matches::Some => Matches::Some,
                        Matches::All => Matches::None,
                    }
                }
                Step::Optional(queries) => {
                    let (mut perhaps, mut surely) = (0, 0);
                    for query in queries {
                        let found = query.verdict(zone);
                        fails |= found.fails;
                        match found.matches {
                            Matches::None => {}
                            Matches::Some => {
                                perhaps += 1;
                                sum.add_perhaps(found.score);
                            }
                            Matches::All => {
                                (perhaps, surely) = (perhaps + 1, surely + 1);
                                sum.add(found.score);
                            }
                        }
                    }
                    let minimum = self.minimum_should_match;
                    Matches::of(surely < minimum, perhaps >= minimum)
                }
            };
            matches = matches.and(passing);
            if matches == Matches::None {
                return Verdict::nothing(fails);
            }
        }
        let score = single.filter(|_| self.is_single).unwrap_or_else(|| sum.rounded());
        Verdict { matches, score, drops: false, fails }
    }
}
