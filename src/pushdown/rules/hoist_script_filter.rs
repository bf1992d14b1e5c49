//! `hoist_script_filter`: a script that every match must pass leaves the query for the batch pipeline.

use crate::plan::expr::can_fail;
use crate::plan::graph::LogicalPlan;
use crate::plan::node::{Node, Predicate};
use crate::plan::query::{BoolQuery, Query, Scope};
use crate::plan::script::{ScriptId, ScriptTable};
use crate::plan::udf::is_deterministic;
use crate::pushdown::rule::{Apply, Rule};
use crate::pushdown::rules::hoisted_filters;

/// `Match bool must=[a] filter=[script s, script t] => Filter t <- Filter s <- Match bool must=[a]`
///
/// *Better*, because the pipeline evaluates 1,024 documents at a time, after the index has answered. *Wrong* for a
/// script in `should` or `must_not`, and for one that is scored (it adds 1): those stay in the query. A script that came
/// before one that stays must not come after it where one of them can fail: that one would see other documents. *Relies on*
/// `flatten_bool` to bring scripts to the top. The scripts keep their order, so the first to fail is the same.
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
            let mut after = Scripts::default();
            bool_query.should.iter().chain(&bool_query.must_not).for_each(|clause| after.see(clause, table));
            // What may be hoisted in a later round would then come after this one's, whatever came first in the body.
            bool_query.must.iter().chain(&bool_query.filter).for_each(|clause| after.see_below(clause, table));
            let BoolQuery { must, filter, .. } = bool_query;
            let mut scripts = Vec::new();
            // The last one first: what stays and comes after a script would come before it.
            for i in (0..filter.len()).rev() {
                match &filter[i] {
                    Query::Script { script } if after.may_come_before(*script, table) => {
                        scripts.push(*script);
                        filter.remove(i);
                    }
                    clause => after.see(clause, table),
                }
            }
            scripts.reverse();
            // Without any `must` or `filter` the query would ask for a `should`.
            if must.is_empty() && filter.is_empty() && !scripts.is_empty() {
                filter.push(Query::MatchAll);
            }
            scripts
        }
        _ => Vec::new(),
    }
}

/// What is known of the scripts of clauses that stay in a query.
#[derive(Default)]
struct Scripts {
    any: bool,
    /// Whether one can tell which documents it sees.
    keep_place: bool,
}

impl Scripts {
    fn see(&mut self, clause: &Query, table: &ScriptTable) {
        self.any |= clause.runs_script(Scope::Scored);
        clause.each_script(&mut |id| self.keep_place |= keeps_place(id, table));
    }

    /// Sees a clause that has scripts somewhere below it.
    fn see_below(&mut self, clause: &Query, table: &ScriptTable) {
        let is_leaf = matches!(clause, Query::Script { .. } | Query::ScriptRange(_) | Query::ScriptTerms { .. });
        if !is_leaf && clause.has_script() {
            self.see(clause, table);
        }
    }

    /// Whether they may be evaluated before a script that they came after: it would see fewer documents, they more.
    fn may_come_before(&self, script: ScriptId, table: &ScriptTable) -> bool {
        !(self.keep_place || self.any && keeps_place(script, table))
    }
}

/// Whether a script can tell which documents it sees: it can fail, or is not deterministic.
fn keeps_place(script: ScriptId, table: &ScriptTable) -> bool {
    let expr = &table.get(script).expr;
    can_fail(expr) || !is_deterministic(expr)
}
