//! `script_score` as a function: a script's result.

use super::FunctionShape;
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::dsl::script::ScriptShape;
use crate::error::{Code, Result};
use crate::plan::function_score::Function;

#[derive(Debug)]
struct ScriptScore(ScriptShape);

/// Reads `{"script": SCRIPT}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn FunctionShape>> {
    let mut script = None;
    at.each_key(|key, value| {
        match key {
            "script" => script = Some(ScriptShape::read(value)?),
            "_name" => drop(value.text()?),
            _ => return Err(value.unknown_key(key, "script_score", &["script"])),
        }
        Ok(())
    })?;
    let script = script.ok_or_else(|| {
        at.error(Code::MissingKey, "`script_score` without `script` found").expected("`script`, a script")
    })?;
    Ok(Box::new(ScriptScore(script)))
}

impl FunctionShape for ScriptScore {
    fn lower(&self, cx: &Lowering<'_>) -> Result<Function> {
        Ok(Function::Script(self.0.resolve(cx), self.0.at.clone()))
    }
}
