//! `order_filters`: of two filters that cannot fail by themselves, the cheaper one comes first.

use crate::plan::expr::can_fail_by_itself;
use crate::plan::graph::{LogicalPlan, NodeId};
use crate::plan::node::{Node, Predicate};
use crate::plan::udf::is_deterministic;
use crate::pushdown::cost::expr_cost;
use crate::pushdown::rule::{Apply, Rule};

/// `Filter cheap <- Filter costly <- x => Filter costly <- Filter cheap <- x`
///
/// *Better*, because the costly one sees fewer documents. *Wrong* where one of them can fail: a document that the
/// other would have dropped could then fail the request, or no longer fail it. A UDF that traps is no such failure: a
/// UDF is called for what everything cheaper has left, and which documents those are is not promised; but one that is
/// not deterministic stays where it is. *Relies on* `split_conjunction` and the costs of
/// [`cost`](crate::pushdown::cost).
pub(crate) const RULE: Rule = Rule {
    name: "order_filters",
    summary: "Filter cheap <- Filter costly => Filter costly <- Filter cheap",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut swaps = 0;
    while let Some((first, second)) = next_swap(plan) {
        let left = std::mem::replace(&mut plan.graph[first], Node::Respond);
        plan.graph[first] = std::mem::replace(&mut plan.graph[second], left);
        swaps += 1;
    }
    (swaps > 0).then(|| format!("swaps of neighbours: {swaps}"))
}

/// Two filters of which the second should be the first. Each swap removes one inversion, so swapping ends.
fn next_swap(plan: &LogicalPlan) -> Option<(NodeId, NodeId)> {
    plan.graph.node_indices().find_map(|second| {
        let right_cost = movable(plan, second)?;
        let first = plan.documents(second)?;
        let left_cost = movable(plan, first)?;
        (right_cost < left_cost && plan.consumers(first) == [second]).then_some((first, second))
    })
}

/// The cost of a script filter that cannot fail by itself.
fn movable(plan: &LogicalPlan, id: NodeId) -> Option<f64> {
    let Node::Filter { predicate: Predicate::Script(script) } = plan.graph[id] else { return None };
    let expr = &plan.scripts.get(script).expr;
    (!can_fail_by_itself(expr) && is_deterministic(expr)).then(|| expr_cost(expr))
}
