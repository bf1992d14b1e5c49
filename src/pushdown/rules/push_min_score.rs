//! `push_min_score`: the score's operator drops low scores itself.

use crate::plan::graph::LogicalPlan;
use crate::plan::node::{Node, Predicate};
use crate::pushdown::rule::{Apply, Rule};

/// `Filter _score >= m <- Score s => Score s min_score=m`
///
/// *Better*, because a document is dropped where its score is computed. *Wrong* with a boost, which comes after the
/// operator's own `min_score` and before the filter. *Relies on* `hoist_score`.
pub(crate) const RULE: Rule = Rule {
    name: "push_min_score",
    summary: "Filter _score >= m <- Score s => Score s min_score=m",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let (score, filter, bound) = plan.ids().into_iter().find_map(|id| {
        let Node::Score(scoring) = &plan.graph[id] else { return None };
        let consumers = plan.consumers(id);
        match consumers.as_slice() {
            [next] if scoring.boost == 1.0 => match &plan.graph[*next] {
                Node::Filter { predicate: Predicate::MinScore(bound) } => Some((id, *next, *bound)),
                _ => None,
            },
            _ => None,
        }
    })?;
    plan.bypass(filter);
    if let Node::Score(scoring) = &mut plan.graph[score] {
        scoring.min_score = Some(scoring.min_score.map_or(bound, |own| own.max(bound)));
    }
    Some(format!("min_score {bound} is the score's own"))
}
