//! `eliminate_constant_filter`: a filter of a constant passes everything or nothing.

use crate::plan::expr::is_literal;
use crate::plan::graph::LogicalPlan;
use crate::plan::node::{Node, Predicate};
use crate::plan::query::Query;
use crate::pushdown::rule::{Apply, Rule};

/// `Filter true <- x => x`, `Filter false <- Match q => Filter false <- Match match_none`
///
/// *Better*, because nothing is evaluated, or nothing even matched. *Wrong* for `false` where an earlier filter or a
/// score can fail: so only the first filter after the match empties it. *Relies on* `fold_constants`.
pub(crate) const RULE: Rule = Rule {
    name: "eliminate_constant_filter",
    summary: "Filter true <- x => x; Filter false <- Match q => Match match_none",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    for id in plan.ids() {
        let Node::Filter { predicate: Predicate::Script(script) } = plan.graph[id] else { continue };
        let expr = &plan.scripts.get(script).expr;
        if is_literal(expr, true) {
            plan.bypass(id);
            return Some("a filter that is always true goes".to_owned());
        }
        if is_literal(expr, false)
            && let Some(source) = plan.documents(id)
            && let Node::Match { query, .. } = &mut plan.graph[source]
            && !query.has_script()
        {
            *query = Query::MatchNone { reason: "a script filter is always false".to_owned() };
            plan.bypass(id);
            return Some("a filter that is always false empties the match".to_owned());
        }
    }
    None
}
