//! `match_all`: every document, score 1.

use super::QueryShape;
use super::common::Common;
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::Result;
use crate::plan::query::Query;

#[derive(Debug)]
struct MatchAll {
    common: Common,
}

/// Reads `{"boost": ..}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let mut common = Common::default();
    at.each_key(|key, value| common.read(key, value, "match_all", &[]))?;
    Ok(Box::new(MatchAll { common }))
}

impl QueryShape for MatchAll {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        cx.leaf(Query::MatchAll, self.common.boost)
    }
}
