//! `nested`: documents with nested documents that match.

use super::common::Common;
use super::{QueryShape, read as read_query};
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::query::{NestedScoreMode, Query};

const KEYS: &[&str] = &["path", "query", "score_mode", "ignore_unmapped", "inner_hits"];

const SCORE_MODES: &[(&str, NestedScoreMode)] = &[
    ("avg", NestedScoreMode::Avg),
    ("sum", NestedScoreMode::Sum),
    ("min", NestedScoreMode::Min),
    ("max", NestedScoreMode::Max),
    ("none", NestedScoreMode::None),
];

#[derive(Debug)]
struct Nested {
    path: String,
    /// Where `path` stands.
    at: String,
    query: Box<dyn QueryShape>,
    score_mode: NestedScoreMode,
    ignore_unmapped: bool,
    common: Common,
}

/// Reads `{"path": .., "query": QUERY, "score_mode": .., "ignore_unmapped": ..}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut path, mut query, mut common) = (None, None, Common::default());
    let (mut score_mode, mut ignore_unmapped) = (NestedScoreMode::Avg, false);
    at.each_key(|key, value| {
        match key {
            // OpenSearch's parser passes over nulls here.
            _ if value.value.is_null() => {}
            "path" => path = Some((value.text()?, value.path.to_string())),
            "query" => query = Some(read_query(value)?),
            "score_mode" => score_mode = value.word(SCORE_MODES)?,
            "ignore_unmapped" => ignore_unmapped = value.boolean()?,
            "inner_hits" => return Err(value.error(Code::Unsupported, "`inner_hits` does not run yet")),
            _ => common.read(key, value, "nested", KEYS)?,
        }
        Ok(())
    })?;
    let missing = |key: &str| at.error(Code::MissingKey, format!("`nested` without `{key}` found"));
    let (path, path_at) = path.ok_or_else(|| missing("path").expected("`path`, a nested object of the mapping"))?;
    let query = query.ok_or_else(|| missing("query").expected("`query`, a query over the nested documents"))?;
    Ok(Box::new(Nested { path, at: path_at, query, score_mode, ignore_unmapped, common }))
}

impl QueryShape for Nested {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        if cx.mapping.nested(&self.path).is_none() {
            if self.ignore_unmapped && cx.mapping.object(&self.path).is_none() {
                return Ok(Query::MatchNone { reason: format!("nested object `{}` is not mapped", self.path) });
            }
            return Err(cx.not_nested(&self.path).at(self.at.clone()));
        }
        cx.nested.push(self.path.clone());
        let query = cx.boosted(self.common.boost, |cx| self.query.lower(cx));
        cx.nested.pop();
        Ok(Query::Nested { path: self.path.clone(), query: Box::new(query?), score_mode: self.score_mode })
    }
}
