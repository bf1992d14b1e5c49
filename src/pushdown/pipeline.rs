//! The order of the rules, in named stages, and the driver that applies them.
//!
//! A stage is repeated until none of its rules fires. The driver walks queries and trees bottom-up, so a rule sees
//! children that are already rewritten; it traces what fired, and gives up on a stage after a fixed number of rounds.

use datafusion_expr::Expr;

use crate::plan::check::check_plan;
use crate::plan::graph::LogicalPlan;
use crate::plan::mapping::Mapping;
use crate::plan::node::{Node, Predicate, SortBy};
use crate::plan::query::{Query, Scope};
use crate::plan::script::ScriptId;
use crate::plan::walk::{each_operand_mut, reads_column};
use crate::pushdown::rule::{Apply, Rule, Switches};
use crate::pushdown::rules::{
    ask_script_by_term, bound_documents, eliminate_constant_filter, eliminate_match_none, flatten_bool, fold_constants,
    hoist_score, hoist_script_filter, merge_boosts, order_filters, push_min_score, remove_match_all, share_scripts,
    simplify_case, simplify_logic, skip_zones, solve_script_range, split_conjunction, strip_unused_scores,
    tabulate_subtrees, unwrap_single_clause,
};
use crate::pushdown::trace::{Firing, Trace};

/// Rules that are applied together until nothing changes.
#[derive(Debug)]
pub struct Stage {
    /// What the stage is for.
    pub name: &'static str,
    /// Its rules, in order.
    pub rules: &'static [&'static Rule],
}

/// The stages, in order.
pub const STAGES: &[Stage] = &[
    Stage { name: "scripts", rules: &[&fold_constants::RULE, &simplify_logic::RULE, &simplify_case::RULE] },
    // The parts of conjunctions that are solved are clauses like others for all that follows.
    Stage { name: "ranges", rules: &[&solve_script_range::RULE, &ask_script_by_term::RULE] },
    Stage {
        name: "queries",
        rules: &[
            // Which scores are wanted decides what the others may do.
            &strip_unused_scores::RULE,
            &eliminate_match_none::RULE,
            &flatten_bool::RULE,
            &remove_match_all::RULE,
            &unwrap_single_clause::RULE,
            &merge_boosts::RULE,
            // Filters first: they come before the score.
            &hoist_script_filter::RULE,
            &hoist_score::RULE,
        ],
    },
    Stage {
        name: "pipeline",
        rules: &[
            &push_min_score::RULE,
            &split_conjunction::RULE,
            &eliminate_constant_filter::RULE,
            // Order decides on single conditions.
            &order_filters::RULE,
            &share_scripts::RULE,
            // Only shards look at its form.
            &tabulate_subtrees::RULE,
            &skip_zones::RULE,
            &bound_documents::RULE,
        ],
    },
];

/// How often a stage is repeated. Every rule makes the plan smaller or moves something one way, so a stage that is
/// not done after so many rounds has two rules that undo each other.
const MAX_ROUNDS: usize = 64;

/// All rules, in the order of the stages.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    STAGES.iter().flat_map(|stage| stage.rules.iter().copied())
}

/// Applies all rules that are switched on.
pub fn rewrite(plan: &mut LogicalPlan, mapping: &Mapping, switches: &Switches) -> Trace {
    let mut trace = Trace::default();
    let mut index = 0;
    for stage in STAGES {
        let on: Vec<_> =
            (index..).zip(stage.rules).filter(|(i, _)| switches.is_on(*i)).map(|(_, rule)| *rule).collect();
        index += stage.rules.len();
        let mut rounds = 0;
        while round(plan, mapping, &on, &mut trace) {
            rounds += 1;
            if rounds == MAX_ROUNDS {
                break;
            }
        }
    }
    trace
}

/// Applies the rules of a stage once; whether one of them fired.
fn round(plan: &mut LogicalPlan, mapping: &Mapping, rules: &[&'static Rule], trace: &mut Trace) -> bool {
    let before = trace.firings.len();
    for rule in rules {
        let fired = trace.firings.len();
        match rule.apply {
            Apply::Query(apply) => rewrite_queries(plan, &mut |query, scope| {
                trace.note(rule, apply(query, scope));
            }),
            Apply::Expr(apply) => {
                for script in plan.scripts.iter_mut() {
                    rewrite_expr(&mut script.expr, &mut |expr| trace.note(rule, apply(expr)));
                }
            }
            Apply::ScriptQuery(apply) => {
                // The scripts are apart while the queries change, which name them only.
                let mut scripts = std::mem::take(&mut plan.scripts);
                rewrite_queries(plan, &mut |query, _| trace.note(rule, apply(query, &mut scripts, mapping)));
                plan.scripts = scripts;
            }
            Apply::Script(apply) => {
                for id in plan.used_scripts() {
                    trace.note(rule, apply(plan.scripts.get_mut(id), mapping));
                }
            }
            Apply::Plan(apply) => trace.note(rule, apply(plan)),
        }
        if trace.firings.len() > fired {
            plan.link_scripts();
            debug_assert_eq!(check_plan(plan), Ok(()), "after `{}`", rule.name);
        }
    }
    trace.firings.len() > before
}

impl Trace {
    fn note(&mut self, rule: &Rule, change: Option<String>) {
        if let Some(change) = change {
            self.firings.push(Firing { rule: rule.name, change });
        }
    }
}

/// Calls `f` with every query of a plan, children first, and whether its score matters.
fn rewrite_queries(plan: &mut LogicalPlan, f: &mut dyn FnMut(&mut Query, Scope)) {
    let LogicalPlan { graph, scripts, timeout_ms: _ } = plan;
    let scripts: Vec<bool> = scripts.iter().map(|(_, script)| reads_column(&script.expr, "_score")).collect();
    let scripts = scripts.as_slice();
    for node in graph.node_weights_mut() {
        match node {
            Node::Match { query, scored } => {
                rewrite_query(query, if *scored { Scope::Scored } else { Scope::Filter }, scripts, f);
            }
            Node::Filter { predicate: Predicate::Query(query) } => rewrite_query(query, Scope::Filter, scripts, f),
            Node::Score(scoring) => {
                scoring.filters.iter_mut().for_each(|query| rewrite_query(query, Scope::Filter, scripts, f));
            }
            Node::TopHits(top_hits) => {
                for key in &mut top_hits.sort {
                    if let SortBy::Field(field) = &mut key.by
                        && let Some(filter) = field.nested.as_mut().and_then(|nested| nested.filter.as_mut())
                    {
                        rewrite_query(filter, Scope::Filter, scripts, f);
                    }
                }
            }
            Node::Fetch(fetch) => {
                fetch
                    .named_queries
                    .iter_mut()
                    .for_each(|named| rewrite_query(&mut named.query, Scope::Filter, scripts, f));
            }
            Node::Filter { predicate: Predicate::Script(_) | Predicate::MinScore(_) }
            | Node::Compute { .. }
            | Node::Count { .. }
            | Node::Respond => {}
        }
    }
}

/// Of the scripts it is known whether they read `_score`; of one that is not known it does not matter.
fn rewrite_query(query: &mut Query, scope: Scope, scripts: &[bool], f: &mut dyn FnMut(&mut Query, Scope)) {
    let reads_score = |script: ScriptId| scripts.get(script.0 as usize).is_none_or(|reads| *reads);
    query.each_scoped_child_mut(scope, &reads_score, &mut |child, scope| rewrite_query(child, scope, scripts, f));
    f(query, scope);
}

fn rewrite_expr(expr: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    each_operand_mut(expr, &mut |operand| rewrite_expr(operand, f));
    f(expr);
}
