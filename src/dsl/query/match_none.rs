//! `match_none`: no document.

use super::QueryShape;
use super::common::Common;
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::Result;
use crate::plan::query::Query;

#[derive(Debug)]
struct MatchNone;

/// Reads `{"boost": ..}`; a boost of nothing is nothing.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let mut common = Common::default();
    at.each_key(|key, value| common.read(key, value, "match_none", &[]))?;
    Ok(Box::new(MatchNone))
}

impl QueryShape for MatchNone {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        cx.leaf(Query::MatchNone { reason: "`match_none` asked for".into() }, 1.0)
    }
}
