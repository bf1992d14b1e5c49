//! `constant_score`: the documents of a filter, all with the same score.

use super::common::Common;
use super::{QueryShape, read as read_query};
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::query::Query;

#[derive(Debug)]
struct ConstantScore {
    filter: Box<dyn QueryShape>,
    common: Common,
}

/// Reads `{"filter": QUERY, "boost": ..}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut filter, mut common) = (None, Common::default());
    at.each_key(|key, value| match key {
        "filter" => {
            filter = Some(read_query(value)?);
            Ok(())
        }
        _ => common.read(key, value, "constant_score", &["filter"]),
    })?;
    let filter = filter.ok_or_else(|| {
        at.error(Code::MissingKey, "`constant_score` without `filter` found").expected("`filter`, a query")
    })?;
    Ok(Box::new(ConstantScore { filter, common }))
}

impl QueryShape for ConstantScore {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = cx.unboosted(|cx| self.filter.lower(cx))?;
        Ok(Query::ConstantScore { query: Box::new(query), score: cx.boost * self.common.boost })
    }
}
