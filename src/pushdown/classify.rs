//! Gives each script its verdict: in which tier it runs, why, and what that costs.

use crate::plan::script::{Script, ScriptTable, Tier, Verdict};
use crate::pushdown::cost::expr_cost;

/// Gives every script of a plan its verdict.
pub fn classify(scripts: &mut ScriptTable) {
    for script in scripts.iter_mut() {
        script.verdict = Some(verdict(script));
    }
}

fn verdict(script: &Script) -> Verdict {
    let reason = match script.source.lang.as_str() {
        "expression" => "a Lucene expression is a tree of doubles".to_owned(),
        lang => format!("the {lang} source is one typed tree of {} type", script.ty),
    };
    Verdict { tier: Tier::Expression, reason, cost: expr_cost(&script.expr) }
}
