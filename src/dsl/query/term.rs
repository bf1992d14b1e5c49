//! `term`: documents that have exactly this value in a field; text is not analysed.

use super::QueryShape;
use super::common::{Common, read_value, unmapped, value_text};
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::query::Query;
use crate::plan::value::Value;

const KEYS: &[&str] = &["value", "case_insensitive"];

#[derive(Debug)]
struct Term {
    field: String,
    value: Value,
    case_insensitive: bool,
    common: Common,
    at: String,
}

/// Reads `{"FIELD": VALUE}` or `{"FIELD": {"value": VALUE, "case_insensitive": .., "boost": ..}}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    at.one_key("one field", |field, inner| {
        let (mut value, mut case_insensitive, mut common) = (None, false, Common::default());
        if inner.value.is_object() {
            inner.each_key(|key, option| {
                match key {
                    "value" | "term" => value = Some(read_value(option)?),
                    "case_insensitive" => case_insensitive = option.boolean()?,
                    _ => common.read(key, option, "term", KEYS)?,
                }
                Ok(())
            })?;
        } else {
            value = Some(read_value(inner)?);
        }
        let value = value.ok_or_else(|| {
            inner.error(Code::MissingKey, "`term` without `value` found").expected("`value`, what is looked for")
        })?;
        Ok(Box::new(Term { field: field.to_owned(), value, case_insensitive, common, at: inner.path.to_string() }) as _)
    })
}

impl QueryShape for Term {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = match cx.resolve(&self.field) {
            Ok(FieldRef::Mapped(field)) if self.case_insensitive => field.term_ignoring_case(&self.value, &cx.values()),
            Ok(FieldRef::Mapped(field)) => field.term(&self.value, &cx.values()),
            Ok(FieldRef::Id) if self.case_insensitive => {
                // They are indexed in a form of their own, which no text is compared with.
                Ok(Query::MatchNone { reason: "`_id` is not compared without regard to case".into() })
            }
            Ok(FieldRef::Id) => Ok(Query::Ids { values: vec![value_text(&self.value)] }),
            Ok(FieldRef::Unmapped) => Ok(unmapped(&self.field)),
            Err(e) => Err(e),
        };
        cx.leaf(query.map_err(|e| e.at(self.at.clone()))?, self.common.boost)
    }
}
