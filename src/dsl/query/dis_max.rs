//! `dis_max`: documents of any of several queries, with the best score and a part of the others.

use super::common::Common;
use super::{QueryShape, read as read_query};
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::query::Query;

#[derive(Debug)]
struct DisMax {
    queries: Vec<Box<dyn QueryShape>>,
    tie_breaker: f32,
    common: Common,
}

/// Reads `{"queries": [QUERY, ..], "tie_breaker": ..}`; one query may stand without the array.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut queries, mut tie_breaker, mut common) = (None, 0.0, Common::default());
    at.each_key(|key, value| {
        match key {
            "queries" => {
                let list = queries.insert(Vec::new());
                value.one_or_many(|query| {
                    list.push(read_query(query)?);
                    Ok(())
                })?;
            }
            "tie_breaker" => {
                tie_breaker = value.float()?;
                if !(0.0..=1.0).contains(&tie_breaker) {
                    return Err(value
                        .error(Code::InvalidValue, format!("tie breaker {} found", value.value))
                        .expected("a number from 0 to 1"));
                }
            }
            _ => common.read(key, value, "dis_max", &["queries", "tie_breaker"])?,
        }
        Ok(())
    })?;
    let queries = queries.filter(|queries| !queries.is_empty()).ok_or_else(|| {
        at.error(Code::MissingKey, "`dis_max` without `queries` found").expected("`queries`, an array")
    })?;
    Ok(Box::new(DisMax { queries, tie_breaker, common }))
}

impl QueryShape for DisMax {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let queries =
            cx.boosted(self.common.boost, |cx| self.queries.iter().map(|q| q.lower(cx)).collect::<Result<_>>())?;
        Ok(Query::DisMax { queries, tie_breaker: self.tie_breaker })
    }
}
