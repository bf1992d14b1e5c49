//! The rules: one file each, named by a verb, listed in order by [`pipeline`](crate::pushdown::pipeline).
//!
//! A rule's documentation says `before => after`, why that is better, when it would be wrong, and on whom it relies.
//! A rule keeps answers, scores and errors as they are, to the last bit.

pub(crate) mod ask_script_by_term;
pub(crate) mod bound_documents;
pub(crate) mod eliminate_constant_filter;
pub(crate) mod eliminate_match_none;
pub(crate) mod flatten_bool;
pub(crate) mod fold_constants;
pub(crate) mod hoist_score;
pub(crate) mod hoist_script_filter;
pub(crate) mod merge_boosts;
pub(crate) mod order_filters;
pub(crate) mod push_min_score;
pub(crate) mod remove_match_all;
pub(crate) mod share_scripts;
pub(crate) mod simplify_case;
pub(crate) mod simplify_logic;
pub(crate) mod skip_zones;
pub(crate) mod solve_script_range;
pub(crate) mod split_conjunction;
pub(crate) mod strip_unused_scores;
pub(crate) mod tabulate_subtrees;
pub(crate) mod unwrap_single_clause;

pub(super) use split_conjunction::split_all;

use crate::plan::graph::{LogicalPlan, NodeId};
use crate::plan::node::{Node, Predicate};
use crate::plan::script::{ScriptId, ScriptTable};
use crate::plan::walk::reads_column;

/// What follows a match in the pipeline.
struct HoistedFilters {
    /// The last of the script filters that directly follow the match, or the match.
    last: NodeId,
    /// Whether a computed score follows.
    has_score: bool,
}

/// Whether a script reads `_score`.
fn reads_score(scripts: &ScriptTable, script: ScriptId) -> bool {
    reads_column(&scripts.get(script).expr, "_score")
}

/// Looks at the line of operators after a match. Filters that read `_score` were not hoisted: they want the final one.
fn hoisted_filters(plan: &LogicalPlan, matched: NodeId) -> HoistedFilters {
    let (mut last, mut at, mut is_start) = (matched, matched, true);
    loop {
        let consumers = plan.consumers(at);
        let [next] = consumers.as_slice() else { return HoistedFilters { last, has_score: false } };
        match &plan.graph[*next] {
            Node::Score(_) => return HoistedFilters { last, has_score: true },
            Node::Filter { predicate: Predicate::Script(script) }
                if is_start && !reads_score(&plan.scripts, *script) =>
            {
                last = *next;
            }
            Node::Filter { .. } => is_start = false,
            _ => return HoistedFilters { last, has_score: false },
        }
        at = *next;
    }
}
