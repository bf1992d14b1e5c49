//! `bound_documents`: that a document has no chance to be a hit is found by a cheap bound of its script.

use crate::plan::expr::{as_column, calls_udf};
use crate::plan::graph::{LogicalPlan, NodeId};
use crate::plan::node::{Node, Scoring, SortBy, SortKey};
use crate::plan::query::Scope;
use crate::plan::script::ScriptId;
use crate::plan::walk::each_operand;
use crate::pushdown::cost;
use crate::pushdown::rule::{Apply, Rule};

/// `TopHits by=key => TopHits by=key documents="bounded by key"`
///
/// *Better*, because few documents are among the best hits: of the others it is enough to know how good they can be at best,
/// which a look-up for each column tells; a script that costs no more is computed at once. *Wrong* where a document that is dropped would have to be looked at to be counted
/// (`min_score`, filters after the score) or could fail otherwise (scripts of other keys, or of functions' filters). *Relies
/// on* nothing; shards decide for each segment whether there is a bound, and whether it helps.
pub(crate) const RULE: Rule = Rule {
    name: "bound_documents",
    summary: "TopHits by=key => TopHits by=key, a cheap bound of the key looked at first",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let id = plan.ids().into_iter().find(|id| matches!(plan.graph[*id], Node::TopHits(_)))?;
    let Node::TopHits(top_hits) = &plan.graph[id] else { return None };
    let script = match top_hits.sort.first() {
        None | Some(SortKey { by: SortBy::Score, descending: true }) => score_of(plan, id)?,
        Some(SortKey { by: SortBy::NumberScript(script), .. }) if !top_hits.track_scores => *script,
        Some(_) => return None,
    };
    let others_may_fail = top_hits.sort.iter().skip(1).any(|key| match &key.by {
        SortBy::NumberScript(_) | SortBy::StringScript(_) => true,
        SortBy::Field(field) => field.nested.is_some(),
        SortBy::Score | SortBy::Doc | SortBy::Id => false,
    });
    let wants_hits = top_hits.from.saturating_add(top_hits.size) > 0;
    if top_hits.bounded || !wants_hits || others_may_fail || !has_bound(plan, script) {
        return None;
    }
    let by = top_hits.bounded_by();
    if let Node::TopHits(top_hits) = &mut plan.graph[id] {
        top_hits.bounded = true;
    }
    Some(format!("documents are bounded by {by}"))
}

/// The script of the score, where a document that it makes no hit counts nevertheless.
fn score_of(plan: &LogicalPlan, top_hits: NodeId) -> Option<ScriptId> {
    let mut next = plan.documents(top_hits);
    while let Some(id) = next {
        match &plan.graph[id] {
            Node::Score(Scoring { script, filters, min_score: None, boost }) => {
                let may_fail = filters.iter().any(|query| query.runs_script(Scope::Filter));
                return (!may_fail && *boost > 0.0 && boost.is_finite()).then_some(*script);
            }
            Node::Score(_) | Node::Match { .. } | Node::Filter { .. } => return None,
            Node::Compute { .. } | Node::TopHits(_) | Node::Count { .. } | Node::Fetch(_) | Node::Respond => {}
        }
        next = plan.documents(id);
    }
    None
}

/// Whether a script may have a bound that pays: it is dear, reads a field, and calls nothing of which nothing is known.
fn has_bound(plan: &LogicalPlan, script: ScriptId) -> bool {
    let expr = &plan.scripts.get(script).expr;
    let (mut open, mut reads) = (vec![expr], false);
    while let Some(expr) = open.pop() {
        reads |= as_column(expr).is_some_and(|(path, _)| !path.starts_with('_'));
        each_operand(expr, &mut |operand| open.push(operand));
    }
    reads && !calls_udf(expr) && cost::bound_may_pay(expr)
}
