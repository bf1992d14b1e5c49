//! `script_score`: a script is the score.

use datafusion_expr::Operator;

use super::inline::score_tree;
use crate::error::Result;
use crate::plan::expr::{binary, double, long};
use crate::plan::function::call;
use crate::plan::script::scope::ScriptScope;
use crate::plan::script::{Script, ScriptContext, ScriptSource, ValueType};

/// The script with its check and the boost: `ScriptScoreQuery.ScriptScorer.score`. The result of the script is cast to
/// a float, must be a number that is not negative, and is multiplied as a float.
///
/// # Errors
/// The script does not compile.
pub fn script_score(source: ScriptSource, boost: f32, scope: ScriptScope<'_>, place: &str) -> Result<Script> {
    let value = score_tree(&source, scope).map_err(|e| e.at(place))?;
    let checked = call("check_script_score", vec![call("to_f32", vec![value]), long(0)]);
    let expr = if boost == 1.0 {
        checked
    } else {
        call("to_f32", vec![binary(checked, Operator::Multiply, double(f64::from(boost)))])
    };
    let (context, places) = (ScriptContext::Score, vec![place.to_owned()]);
    Ok(Script { source, context, places, expr, ty: ValueType::F64, verdict: None })
}
