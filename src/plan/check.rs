//! The invariants of a logical plan. They hold after lowering and after every rule; debug builds and tests check them.

use datafusion_expr::Expr;
use petgraph::Direction;
use petgraph::algo::is_cyclic_directed;

use crate::plan::graph::{LogicalPlan, NodeId};
use crate::plan::node::{Node, Predicate};
use crate::plan::query::{Query, ScoredQuery};
use crate::plan::script::{ScriptId, ScriptTable, ValueType};
use crate::plan::walk::each_operand;

/// Checks the invariants; an error says which one is broken where.
///
/// # Errors
/// An invariant does not hold, which is a fault of lowering or of a rule, never of a request.
pub fn check_plan(plan: &LogicalPlan) -> Result<(), String> {
    if is_cyclic_directed(&plan.graph) {
        return Err("the plan has a cycle".to_owned());
    }
    let sinks: Vec<_> = plan.graph.externals(Direction::Outgoing).collect();
    match sinks.as_slice() {
        [sink] if matches!(plan.graph[*sink], Node::Respond) => {}
        _ => return Err(format!("{} sinks where one Respond is needed", sinks.len())),
    }
    plan.ids().into_iter().try_for_each(|id| check_node(plan, id))
}

fn check_node(plan: &LogicalPlan, id: NodeId) -> Result<(), String> {
    let node = &plan.graph[id];
    let (computes, documents): (Vec<_>, Vec<_>) =
        plan.inputs(id).into_iter().partition(|input| matches!(plan.graph[*input], Node::Compute { .. }));
    let is_right = match node {
        Node::Match { .. } | Node::Compute { .. } => documents.is_empty(),
        Node::Filter { .. } | Node::Score(_) | Node::TopHits(_) | Node::Count { .. } | Node::Fetch(_) => {
            documents.len() == 1
        }
        Node::Respond => !documents.is_empty(),
    };
    if !is_right {
        return Err(format!("{} has {} inputs of documents", node.name(), documents.len()));
    }
    let mut used = Vec::new();
    node.each_script(&mut |script| used.push(script));
    used.sort_unstable();
    used.dedup();
    if let Some(script) = used.iter().find(|script| script.0 as usize >= plan.scripts.len()) {
        return Err(format!("{} uses s{}, which does not exist", node.name(), script.0));
    }
    if !matches!(node, Node::Compute { .. }) && used.len() != computes.len() {
        return Err(format!("{} uses {} scripts and is linked to {}", node.name(), used.len(), computes.len()));
    }
    check_scripts(node, &plan.scripts)
}

/// Scripts have the type that their place asks for, and ask for filters that exist.
fn check_scripts(node: &Node, scripts: &ScriptTable) -> Result<(), String> {
    match node {
        Node::Match { query, scored: _ } => check_query(query, scripts),
        Node::Filter { predicate: Predicate::Script(script) } => has_type(*script, ValueType::Bool, scripts),
        Node::Filter { predicate: Predicate::Query(query) } => check_query(query, scripts),
        Node::Score(scoring) => {
            has_type(scoring.script, ValueType::F64, scripts)?;
            has_filters(&scripts.get(scoring.script).expr, scoring.filters.len())?;
            scoring.filters.iter().try_for_each(|query| check_query(query, scripts))
        }
        Node::Filter { predicate: Predicate::MinScore(_) }
        | Node::Compute { .. }
        | Node::TopHits(_)
        | Node::Count { .. }
        | Node::Fetch(_)
        | Node::Respond => Ok(()),
    }
}

fn check_query(query: &Query, scripts: &ScriptTable) -> Result<(), String> {
    let mut result = match query {
        Query::Script { script } | Query::ScriptTerms { script, field: _ } => {
            has_type(*script, ValueType::Bool, scripts)
        }
        Query::ScriptRange(range) => range.script.map_or(Ok(()), |script| has_type(script, ValueType::Bool, scripts)),
        Query::Scored(ScoredQuery { script, filters, .. }) => has_type(*script, ValueType::F64, scripts)
            .and_then(|()| has_filters(&scripts.get(*script).expr, filters.len())),
        _ => Ok(()),
    };
    query.each_child(&mut |child| {
        if result.is_ok() {
            result = check_query(child, scripts);
        }
    });
    result
}

fn has_type(script: ScriptId, ty: ValueType, scripts: &ScriptTable) -> Result<(), String> {
    let found = scripts.get(script).ty;
    if found == ty { Ok(()) } else { Err(format!("s{} is a {found} where a {ty} is needed", script.0)) }
}

fn has_filters(expr: &Expr, count: usize) -> Result<(), String> {
    if let Expr::Column(column) = expr
        && let Some(n) = column.name.strip_prefix("_filter.")
        && n.parse::<usize>().is_ok_and(|n| n >= count)
    {
        return Err(format!("a score asks for filter {n} of {count}"));
    }
    let mut result = Ok(());
    each_operand(expr, &mut |operand| {
        if result.is_ok() {
            result = has_filters(operand, count);
        }
    });
    result
}
