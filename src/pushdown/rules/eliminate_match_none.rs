//! `eliminate_match_none`: what cannot match takes along what needs it, and leaves what does not.

use crate::plan::query::{BoolQuery, Query, Scope, ScoredQuery};
use crate::pushdown::rule::{Apply, Rule};

/// `bool must=[match_none, a] => match_none`, `bool should=[match_none, a] => bool should=[a]`
///
/// *Better*, because nothing is read for an answer that is known. *Wrong* where a clause that goes was the last
/// one of a `bool`: then other clauses would be asked for, so such a query stays or matches nothing; and where scripts
/// run: without them the query would come before scripts around it, and hide documents on which those fail. *Relies on*
/// nothing.
pub(crate) const RULE: Rule = Rule {
    name: "eliminate_match_none",
    summary: "bool must=[match_none, a] => match_none; bool should=[match_none, a] => bool should=[a]",
    apply: Apply::Query(apply),
};

fn apply(query: &mut Query, _: Scope) -> Option<String> {
    if query.runs_script(Scope::Scored) {
        return None;
    }
    let reason = match query {
        Query::Bool(b) => match bool_without_none(b)? {
            Left::Clauses(gone) => return Some(format!("{gone} clauses match nothing and go")),
            Left::Nothing(reason) => reason,
        },
        Query::DisMax { queries, .. } => {
            let before = queries.len();
            let reason = remove_none(queries)?;
            if !queries.is_empty() {
                return Some(format!("{} of {before} queries match nothing and go", before - queries.len()));
            }
            reason
        }
        Query::Boosting { negative, positive, .. } if is_none(negative) && !is_none(positive) => {
            *query = std::mem::replace(positive, Query::MatchAll);
            return Some("boosting demotes nothing".to_owned());
        }
        Query::Boosting { positive: inner, .. }
        | Query::ConstantScore { query: inner, .. }
        | Query::Nested { query: inner, .. }
        | Query::Scored(ScoredQuery { query: inner, .. })
        | Query::Boost { query: inner, .. } => none_reason(inner)?,
        _ => return None,
    };
    *query = Query::MatchNone { reason };
    Some("match_none".to_owned())
}

enum Left {
    Clauses(usize),
    Nothing(String),
}

fn bool_without_none(b: &mut BoolQuery) -> Option<Left> {
    if let Some(reason) = b.must.iter_mut().chain(&mut b.filter).find_map(none_reason) {
        return Some(Left::Nothing(reason));
    }
    if b.must_not.iter().any(|clause| matches!(clause, Query::MatchAll)) {
        return Some(Left::Nothing("`must_not` excludes all documents".to_owned()));
    }
    let has_required = !b.must.is_empty() || !b.filter.is_empty();
    let before = b.should.len() + b.must_not.len();
    if has_required || !b.should.is_empty() {
        b.must_not.retain(|clause| !is_none(clause));
    }
    let needed = if has_required { b.minimum_should_match } else { b.minimum_should_match.max(1) };
    let reason = remove_none(&mut b.should);
    if let Some(reason) = reason
        && (b.should.len() as u64) < u64::from(needed)
    {
        return Some(Left::Nothing(reason));
    }
    let gone = before - b.should.len() - b.must_not.len();
    (gone > 0).then_some(Left::Clauses(gone))
}

fn is_none(query: &Query) -> bool {
    matches!(query, Query::MatchNone { .. })
}

fn none_reason(query: &mut Query) -> Option<String> {
    match query {
        Query::MatchNone { reason } => Some(std::mem::take(reason)),
        _ => None,
    }
}

/// Removes what matches nothing; the reason of the first one.
fn remove_none(queries: &mut Vec<Query>) -> Option<String> {
    let reason = queries.iter_mut().find_map(none_reason);
    if reason.is_some() {
        queries.retain(|query| !is_none(query));
    }
    reason
}
