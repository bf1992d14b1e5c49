//! `hoist_score`: a computed score leaves the query for the batch pipeline.

use crate::plan::graph::LogicalPlan;
use crate::plan::node::{Node, Scoring};
use crate::plan::query::{Query, ScoredQuery};
use crate::pushdown::rule::{Apply, Rule};
use crate::pushdown::rules::{hoisted_filters, reads_score};

/// `Match boost 2 (scored s (q)) => Score s boost=2 <- Match q`
///
/// *Better*, because the pipeline scores 1,024 documents at a time and knows the threshold of the best hits. *Wrong*
/// below a query that combines scores, and for a second computed score within the first: a pipeline has one. A match
/// that is not scored computes only what `min_score` asks for, which the query does by itself.
/// *Relies on* `unwrap_single_clause` and `merge_boosts` to bring the scored query to the top. Filters that were
/// hoisted before stay before the score, as in the query.
pub(crate) const RULE: Rule = Rule {
    name: "hoist_score",
    summary: "Match boost b (scored s (q)) => Score s boost=b <- Match q",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let id = plan.ids().into_iter().find(|id| matches!(plan.graph[*id], Node::Match { .. }))?;
    let line = hoisted_filters(plan, id);
    if line.has_score {
        return None;
    }
    let Node::Match { query, scored: scored @ true } = &mut plan.graph[id] else { return None };
    let boost = match query {
        Query::Boost { boost, query } if matches!(**query, Query::Scored(_)) => *boost,
        Query::Scored(_) => 1.0,
        _ => return None,
    };
    let ScoredQuery { query: inner, script, filters, min_score } = take_scored(query)?;
    *query = *inner;
    // As in the query: what does not read a score does not make it be computed, and what that runs does not fail.
    *scored = reads_score(&plan.scripts, script);
    plan.insert_after(line.last, Node::Score(Scoring { script, filters, min_score, boost }));
    Some("the score leaves the query".to_owned())
}

fn take_scored(query: &mut Query) -> Option<ScoredQuery> {
    match std::mem::replace(query, Query::MatchAll) {
        Query::Scored(scored) => Some(scored),
        Query::Boost { query, .. } => match *query {
            Query::Scored(scored) => Some(scored),
            _ => None,
        },
        _ => None,
    }
}
