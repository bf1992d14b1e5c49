//! `strip_unused_scores`: what only shapes a score goes where no score is wanted.

use crate::plan::query::{NestedScoreMode, Query, Scope, ScoredQuery, TermScoring};
use crate::pushdown::rule::{Apply, Rule};

/// `filter: boost 2 (constant_score (q)) => filter: q`, `filter: bool must=[a] => filter: bool filter=[a]`
///
/// *Better*, because a filter then reads no frequencies, and the other rules see one form. *Wrong* where the score is
/// used, and for a `scored` query with `min_score`: that one filters by its score. *Relies on* the driver, which says
/// whether a score matters at a place, and on execution, which computes no score that nobody asks for.
pub(crate) const RULE: Rule = Rule {
    name: "strip_unused_scores",
    summary: "filter: boost, constant_score, scored, boosting, bm25, must, optional should => what they match",
    apply: Apply::Query(apply),
};

fn apply(query: &mut Query, scope: Scope) -> Option<String> {
    if scope == Scope::Scored {
        return None;
    }
    let what = match query {
        Query::Boost { .. } => "boost",
        Query::ConstantScore { .. } => "constant_score",
        Query::Scored(ScoredQuery { min_score: None, .. }) => "scored",
        Query::Boosting { .. } => "boosting",
        Query::Term { scoring: scoring @ TermScoring::Bm25, .. } => {
            *scoring = TermScoring::Constant;
            return Some("bm25 -> constant".to_owned());
        }
        Query::Nested { score_mode, .. } if *score_mode != NestedScoreMode::None => {
            *score_mode = NestedScoreMode::None;
            return Some("nested score_mode -> none".to_owned());
        }
        Query::Bool(bool_query) if !bool_query.must.is_empty() => {
            let mut filter = std::mem::take(&mut bool_query.must);
            let moved = filter.len();
            filter.append(&mut bool_query.filter);
            bool_query.filter = filter;
            return Some(format!("{moved} must -> filter"));
        }
        // Where other clauses decide, those that only add to the score are nothing. A script among them stays: it
        // could fail.
        Query::Bool(b)
            if !b.should.is_empty()
                && b.minimum_should_match == 0
                && !b.filter.is_empty()
                && !b.should.iter().any(Query::has_script) =>
        {
            let gone = std::mem::take(&mut b.should).len();
            return Some(format!("{gone} optional should go"));
        }
        _ => return None,
    };
    *query = match std::mem::replace(query, Query::MatchAll) {
        Query::Boost { query, .. }
        | Query::ConstantScore { query, .. }
        | Query::Scored(ScoredQuery { query, .. })
        | Query::Boosting { positive: query, .. } => *query,
        other => other,
    };
    Some(format!("{what} -> its query"))
}
