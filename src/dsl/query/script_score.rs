//! `script_score`: the documents of a query, with a script as the score.

use super::common::Common;
use super::{QueryShape, read as read_query};
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::dsl::script::ScriptShape;
use crate::error::{Code, Result};
use crate::plan::function_score::script_score;
use crate::plan::query::{Query, ScoredQuery};

const KEYS: &[&str] = &["query", "script", "min_score"];

#[derive(Debug)]
struct ScriptScore {
    query: Box<dyn QueryShape>,
    script: ScriptShape,
    min_score: Option<f32>,
    common: Common,
}

/// Reads `{"query": QUERY, "script": SCRIPT, "min_score": ..}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut query, mut script, mut min_score, mut common) = (None, None, None, Common::default());
    at.each_key(|key, value| {
        match key {
            "query" => query = Some(read_query(value)?),
            "script" => {
                value.object()?;
                script = Some(ScriptShape::read(value)?);
            }
            "min_score" => min_score = Some(value.float()?),
            _ => common.read(key, value, "script_score", KEYS)?,
        }
        Ok(())
    })?;
    let missing = |key: &str| {
        at.error(Code::MissingKey, format!("`script_score` without `{key}` found"))
            .expected("`query`, a query, and `script`, the score")
    };
    Ok(Box::new(ScriptScore {
        query: query.ok_or_else(|| missing("query"))?,
        script: script.ok_or_else(|| missing("script"))?,
        min_score,
        common,
    }))
}

impl QueryShape for ScriptScore {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        // `_score` in the script is the inner score as it is; boosts multiply the script's result.
        let query = Box::new(cx.unboosted(|cx| self.query.lower(cx))?);
        let boost = cx.boost * self.common.boost;
        let script = script_score(self.script.resolve(cx), boost, cx.scope(), &self.script.at)?;
        let script = cx.scripts.intern(script);
        Ok(Query::Scored(ScoredQuery { query, script, filters: Vec::new(), min_score: self.min_score }))
    }
}
