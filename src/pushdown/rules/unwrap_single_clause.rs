//! `unwrap_single_clause`: a combination of one query is that query.

use crate::plan::query::{BoolQuery, Query, Scope};
use crate::pushdown::rule::{Apply, Rule};

/// `bool must=[a] => a`, `bool should=[a] => a`, `filter: bool filter=[a] => filter: a`, `dis_max [a] => a`
///
/// *Better*, because the score of one clause is not summed, and a script or a computed score inside comes to the top,
/// where it can be hoisted. *Wrong* for a scored `bool filter=[a]`: it scores 0, not as `a`. *Relies on* nothing.
pub(crate) const RULE: Rule =
    Rule { name: "unwrap_single_clause", summary: "bool must=[a] => a; dis_max [a] => a", apply: Apply::Query(apply) };

fn apply(query: &mut Query, scope: Scope) -> Option<String> {
    let (what, inner) = match query {
        Query::DisMax { queries, .. } if queries.len() == 1 => ("dis_max", queries.pop()?),
        Query::Bool(b) if b.must_not.is_empty() => ("bool", single_clause(b, scope)?),
        _ => return None,
    };
    *query = inner;
    Some(format!("{what} of one query -> the query"))
}

fn single_clause(b: &mut BoolQuery, scope: Scope) -> Option<Query> {
    let BoolQuery { must, filter, should, must_not: _, minimum_should_match } = b;
    match (must.len(), filter.len(), should.len()) {
        (1, 0, 0) if *minimum_should_match == 0 => must.pop(),
        (0, 1, 0) if *minimum_should_match == 0 && scope == Scope::Filter => filter.pop(),
        (0, 0, 1) if *minimum_should_match <= 1 => should.pop(),
        _ => None,
    }
}
