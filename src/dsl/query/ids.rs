//! `ids`: documents of these ids, score 1.

use super::QueryShape;
use super::common::Common;
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::Result;
use crate::plan::query::Query;

#[derive(Debug)]
struct Ids {
    values: Vec<String>,
    common: Common,
}

/// Reads `{"values": ["1", ..]}`; one id may stand without the array.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut values, mut common) = (Vec::new(), Common::default());
    at.each_key(|key, value| match key {
        "values" if value.value.is_array() => value.each_element(|id| {
            values.push(id.text()?);
            Ok(())
        }),
        "values" => {
            values.push(value.string()?.to_owned());
            Ok(())
        }
        _ => common.read(key, value, "ids", &["values"]),
    })?;
    Ok(Box::new(Ids { values, common }))
}

impl QueryShape for Ids {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = if self.values.is_empty() {
            Query::MatchNone { reason: "`ids` of no values".into() }
        } else {
            Query::Ids { values: self.values.clone() }
        };
        cx.leaf(query, self.common.boost)
    }
}
