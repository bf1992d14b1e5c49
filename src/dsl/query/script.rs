//! `script`: documents for which a script is true, score 1.

use super::QueryShape;
use super::common::Common;
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::dsl::script::ScriptShape;
use crate::error::{Code, Result};
use crate::plan::query::Query;
use crate::plan::script::ScriptContext;

#[derive(Debug)]
struct Script {
    script: ScriptShape,
    common: Common,
}

/// Reads `{"script": SCRIPT}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut script, mut common) = (None, Common::default());
    at.each_key(|key, value| match key {
        "script" => {
            script = Some(ScriptShape::read(value)?);
            Ok(())
        }
        _ => common.read(key, value, "script", &["script"]),
    })?;
    let script = script.ok_or_else(|| {
        at.error(Code::MissingKey, "a `script` query without `script` found")
            .hint("write {\"script\": {\"script\": {\"source\": \"...\"}}}")
    })?;
    Ok(Box::new(Script { script, common }))
}

impl QueryShape for Script {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let script = self.script.lower(cx, ScriptContext::Filter)?;
        cx.leaf(Query::Script { script }, self.common.boost)
    }
}
