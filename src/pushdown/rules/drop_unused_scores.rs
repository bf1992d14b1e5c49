//! `drop_unused_scores`: a match whose score nobody needs is not scored.

use crate::plan::graph::{LogicalPlan, NodeId};
use crate::plan::node::{Node, Predicate, SortBy};
use crate::plan::script::{ScriptId, ScriptTable};
use crate::plan::walk::reads_column;
use crate::pushdown::rule::{Apply, Rule};

/// `TopHits by=price <- Match scored  =>  TopHits by=price <- Match unscored`
///
/// *Better*, because BM25 reads frequencies and lengths and costs more than the match itself. *Wrong* where anything
/// shows, compares or computes with the score: the best hits, `min_score`, `track_scores`, a script that reads
/// `_score`. *Relies on* nothing; `strip_unused_scores` then simplifies the query that is no longer scored.
pub(crate) const RULE: Rule = Rule {
    name: "drop_unused_scores",
    summary: "Match scored, nobody reads `_score` => Match unscored",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let unused: Vec<_> = plan
        .graph
        .node_indices()
        .filter(|id| matches!(plan.graph[*id], Node::Match { scored: true, .. }) && !needs_score_of(plan, *id))
        .collect();
    for id in &unused {
        if let Node::Match { scored, .. } = &mut plan.graph[*id] {
            *scored = false;
        }
    }
    (!unused.is_empty()).then(|| "Match is unscored".to_owned())
}

/// Whether a consumer needs the score that an operator gives.
fn needs_score_of(plan: &LogicalPlan, producer: NodeId) -> bool {
    let reads = |script: &ScriptId| reads_score(&plan.scripts, *script);
    plan.consumers(producer).into_iter().any(|id| match &plan.graph[id] {
        Node::Filter { predicate: Predicate::MinScore(_) } => true,
        Node::Filter { predicate: Predicate::Script(script) } => reads(script) || needs_score_of(plan, id),
        Node::Filter { predicate: Predicate::Query(_) } => needs_score_of(plan, id),
        // What consumes a computed score does not see the one before it.
        Node::Score(scoring) => reads(&scoring.script),
        Node::TopHits(top) => {
            let sorts_by_score = top.sort.is_empty() || top.track_scores;
            // A script of a sort reads scores, but does not ask for them.
            let compares = top.sort.iter().any(|key| key.by == SortBy::Score);
            top.size > 0 && (sorts_by_score || compares || needs_score_of(plan, id))
        }
        Node::Fetch(fetch) => fetch.script_fields.iter().any(|field| field.scripts().any(|script| reads(&script))),
        Node::Count { .. } | Node::Respond | Node::Match { .. } | Node::Compute { .. } => false,
    })
}

fn reads_score(scripts: &ScriptTable, script: ScriptId) -> bool {
    reads_column(&scripts.get(script).expr, "_score")
}
