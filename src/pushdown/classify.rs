//! Gives each script its verdict: in which tier it runs, why, and what that costs.

use std::sync::Arc;

use datafusion_expr::Expr;

use crate::plan::expr::{as_tabulated, can_fail};
use crate::plan::script::{Script, ScriptTable, Tier, Verdict, WasmDriver};
use crate::plan::udf::{UdfProfile, UdfRuntime, UdfType, called_udfs};
use crate::plan::walk::{each_operand, only_field};
use crate::pushdown::cost::{call_cost, expr_cost};

/// Gives every script of a plan its verdict.
pub fn classify(scripts: &mut ScriptTable) {
    for script in scripts.iter_mut() {
        script.verdict = Some(verdict(script));
    }
}

fn verdict(script: &Script) -> Verdict {
    let calls = called_udfs(&script.expr);
    let cost = expr_cost(&script.expr);
    if let Some(dearest) = calls.iter().max_by(|a, b| call_cost(a).total_cmp(&call_cost(b))) {
        return Verdict { tier: tier(dearest), reason: calls_reason(script, &calls), cost };
    }
    let mut reason = match script.source.lang.as_str() {
        "expression" => "a Lucene expression, every value a double".to_owned(),
        "painless" => format!("no loop and no object, so one tree of type {}", script.ty),
        "function_score" => "the query's own functions, as arithmetic".to_owned(),
        "python" => "arithmetic only, runs as a tree".to_owned(),
        lang => format!("{lang} as one tree of type {}", script.ty),
    };
    let tabulated = tabulated_columns(&script.expr);
    if !tabulated.is_empty() {
        reason.push_str(&format!("; by table of {} if few values", tabulated.join(", ")));
    }
    if can_fail(&script.expr) {
        reason.push_str("; can fail on a document");
    }
    Verdict { tier: Tier::Expression, reason, cost }
}

/// The columns by whose values parts of a tree can be computed.
fn tabulated_columns(expr: &Expr) -> Vec<&str> {
    fn visit<'a>(expr: &'a Expr, found: &mut Vec<&'a str>) {
        match as_tabulated(expr).and_then(only_field) {
            Some(path) if found.contains(&path) => {}
            Some(path) => found.push(path),
            None => each_operand(expr, &mut |operand| visit(operand, found)),
        }
    }
    let mut found = Vec::new();
    visit(expr, &mut found);
    found
}

fn tier(profile: &UdfProfile) -> Tier {
    match &profile.runtime {
        UdfRuntime::Wasm { export } => {
            let strings = profile.result == UdfType::Str || profile.args.iter().any(|arg| arg.ty == UdfType::Str);
            let driver = if strings { WasmDriver::Strings } else { WasmDriver::Columns };
            Tier::Wasm { export: export.clone(), driver }
        }
        UdfRuntime::Python { mode, .. } => Tier::Python { mode: *mode },
    }
}

fn calls_reason(script: &Script, calls: &[&Arc<UdfProfile>]) -> String {
    let named: Vec<_> = calls.iter().map(|profile| format!("{profile} ({})", profile.runtime.language())).collect();
    let around = match script.source.lang.as_str() {
        "wasm" | "python" => "its arguments and its result are a tree",
        _ => "the rest stays a tree",
    };
    format!("calls {}; {around}", named.join(", "))
}
