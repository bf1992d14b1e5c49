//! Gives each script its verdict: in which tier it runs, why, and what that costs.

use crate::plan::expr::can_fail;
use crate::plan::script::{Script, ScriptTable, Tier, Verdict};
use crate::pushdown::cost::expr_cost;

/// Gives every script of a plan its verdict.
pub fn classify(scripts: &mut ScriptTable) {
    for script in scripts.iter_mut() {
        script.verdict = Some(verdict(script));
    }
}

fn verdict(script: &Script) -> Verdict {
    let mut reason = match script.source.lang.as_str() {
        "expression" => "a Lucene expression, every value a double".to_owned(),
        "painless" => format!("no loop and no object, so one tree of type {}", script.ty),
        "function_score" => "the query's own functions, as arithmetic".to_owned(),
        lang => format!("{lang} as one tree of type {}", script.ty),
    };
    if can_fail(&script.expr) {
        reason.push_str("; can fail on a document");
    }
    Verdict { tier: Tier::Expression, reason, cost: expr_cost(&script.expr) }
}
