//! `hoist_script_filter`: a script that every match must pass leaves the query for the batch pipeline.

use crate::plan::expr::can_fail;
use crate::plan::graph::LogicalPlan;
use crate::plan::node::{Node, Predicate};
use crate::plan::query::{BoolQuery, Query};
use crate::plan::script::{ScriptId, ScriptTable};
use crate::pushdown::rule::{Apply, Rule};
use crate::pushdown::rules::hoisted_filters;

/// `Match bool must=[a] filter=[script s, script t] => Filter t <- Filter s <- Match bool must=[a]`
///
/// *Better*, because the pipeline evaluates 1,024 documents at a time, after the index has answered. *Wrong* for a
/// script in `should` or `must_not`, and for one that is scored (it adds 1): those stay in the query. Where one of
/// those can fail, all stay: they may drop the documents on which it would. *Relies on* `flatten_bool` to bring
/// scripts to the top. The scripts keep their order, so the first to fail is the same.
pub(crate) const RULE: Rule = Rule {
    name: "hoist_script_filter",
    summary: "Match bool filter=[a, script s] => Filter s <- Match bool filter=[a]",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut hoisted = 0;
    for id in plan.ids() {
        let Node::Match { query, .. } = &mut plan.graph[id] else { continue };
        let scripts = take_scripts(query, &plan.scripts);
        hoisted += scripts.len();
        let mut after = hoisted_filters(plan, id).last;
        for script in scripts {
            after = plan.insert_after(after, Node::Filter { predicate: Predicate::Script(script) });
        }
    }
    (hoisted > 0).then(|| format!("scripts that leave the query: {hoisted}"))
}

/// Takes out the scripts that every match must pass. What stays scores as before.
fn take_scripts(query: &mut Query, table: &ScriptTable) -> Vec<ScriptId> {
    match query {
        // A script query scores 1, as does `match_all`.
        Query::Script { script } => {
            let script = *script;
            *query = Query::MatchAll;
            vec![script]
        }
        Query::ConstantScore { query, .. } | Query::Boost { query, .. } => take_scripts(query, table),
        Query::Bool(bool_query) => {
            if other_scripts_can_fail(bool_query, table) {
                return Vec::new();
            }
            let BoolQuery { must, filter, .. } = bool_query;
            let mut scripts = Vec::new();
            filter.retain(|clause| match clause {
                Query::Script { script } => {
                    scripts.push(*script);
                    false
                }
                _ => true,
            });
            // Without any `must` or `filter` the query would ask for a `should`.
            if must.is_empty() && filter.is_empty() && !scripts.is_empty() {
                filter.push(Query::MatchAll);
            }
            scripts
        }
        _ => Vec::new(),
    }
}

/// Whether a clause that stays has a script that can fail: it would then see documents that the hoisted script drops.
fn other_scripts_can_fail(query: &BoolQuery, table: &ScriptTable) -> bool {
    let BoolQuery { must, filter, should, must_not, minimum_should_match: _ } = query;
    let filters = filter.iter().filter(|clause| !matches!(clause, Query::Script { .. }));
    let mut found = false;
    for clause in must.iter().chain(should).chain(must_not).chain(filters) {
        clause.each_script(&mut |id| found |= can_fail(&table.get(id).expr));
    }
    found
}
