//! `remove_match_all`: a filter that every document passes goes.

use crate::plan::query::{BoolQuery, Query, Scope};
use crate::pushdown::rule::{Apply, Rule};

/// `bool filter=[match_all, a] => bool filter=[a]`
///
/// *Better*, because a clause less is intersected. *Wrong* for the last `must` or `filter`: without one the query
/// needs a `should`, or has no clause at all. *Relies on* `strip_unused_scores` for clauses that are not scored.
pub(crate) const RULE: Rule = Rule {
    name: "remove_match_all",
    summary: "bool filter=[match_all, a] => bool filter=[a]",
    apply: Apply::Query(apply),
};

fn apply(query: &mut Query, _: Scope) -> Option<String> {
    let Query::Bool(BoolQuery { must, filter, .. }) = query else { return None };
    let all = filter.iter().filter(|clause| matches!(clause, Query::MatchAll)).count();
    let keep = usize::from(must.is_empty() && all == filter.len());
    if all <= keep {
        return None;
    }
    let mut left = keep;
    filter.retain(|clause| {
        let is_all = matches!(clause, Query::MatchAll);
        let is_kept = !is_all || left > 0;
        left -= usize::from(is_all && is_kept);
        is_kept
    });
    Some(format!("{} match_all of {} filters", all - keep, filter.len() + all - keep))
}
