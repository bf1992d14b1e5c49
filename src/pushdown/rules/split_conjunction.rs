//! `split_conjunction`: a filter of two conditions becomes two filters.

use datafusion_expr::{Expr, Operator};

use crate::plan::expr::is_literal;
use crate::plan::graph::LogicalPlan;
use crate::plan::node::{Node, Predicate};
use crate::plan::script::{Script, ScriptId};
use crate::plan::walk::take;
use crate::pushdown::rule::{Apply, Rule};

/// `Filter a AND b => Filter b <- Filter a`, `Filter CASE WHEN a THEN b ELSE false END => Filter b <- Filter a`
///
/// *Better*, because `b` is evaluated only where `a` passed, and each can be ordered and estimated alone. *Wrong* for
/// `b AND a`: the right side may only fail where the left one holds. *Relies on* `hoist_script_filter`, and leaves
/// alone a script that is used twice: it is computed once as it is.
pub(crate) const RULE: Rule =
    Rule { name: "split_conjunction", summary: "Filter a AND b => Filter b <- Filter a", apply: Apply::Plan(apply) };

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut filters = 0;
    let mut parts = 0;
    for id in plan.ids() {
        let Node::Filter { predicate: Predicate::Script(script) } = plan.graph[id] else { continue };
        if uses(plan, script) > 1 {
            continue;
        }
        let rights = split_all(&mut plan.scripts.get_mut(script).expr);
        if rights.is_empty() {
            continue;
        }
        filters += 1;
        parts += rights.len() + 1;
        let mut after = id;
        for right in rights {
            let Script { source, context, places, expr: _, ty, verdict } = plan.scripts.get(script).clone();
            let part = plan.scripts.push(Script { source, context, places, expr: right, ty, verdict });
            after = plan.insert_after(after, Node::Filter { predicate: Predicate::Script(part) });
        }
    }
    (filters > 0).then(|| format!("filters: {filters} -> {parts}"))
}

/// Leaves the first of all conditions and gives the others in order.
pub(in crate::pushdown) fn split_all(expr: &mut Expr) -> Vec<Expr> {
    let mut parts = Vec::new();
    // Conditions still to be split, the next one last.
    let mut open = vec![take(expr)];
    while let Some(mut part) = open.pop() {
        match split(&mut part) {
            Some(right) => open.extend([right, part]),
            None => parts.push(part),
        }
    }
    let rights = parts.split_off(1);
    *expr = parts.remove(0);
    rights
}

/// Leaves the first condition and gives the second.
fn split(expr: &mut Expr) -> Option<Expr> {
    let (left, right) = match expr {
        Expr::BinaryExpr(b) if b.op == Operator::And => (take(&mut b.left), take(&mut b.right)),
        Expr::Case(case) => match (case.when_then_expr.as_mut_slice(), &case.else_expr) {
            ([(when, then)], Some(otherwise)) if is_literal(otherwise, false) => (take(when), take(then)),
            _ => return None,
        },
        _ => return None,
    };
    *expr = left;
    Some(right)
}

/// How often the plan uses a script.
fn uses(plan: &LogicalPlan, script: ScriptId) -> usize {
    let mut uses = 0;
    for node in plan.graph.node_weights().filter(|node| !matches!(node, Node::Compute { .. })) {
        node.each_script(&mut |used| uses += usize::from(used == script));
    }
    uses
}
