//! `prefix`: documents that have a term with a prefix in a field, score 1.

use super::QueryShape;
use super::common::unmapped;
use super::pattern::Pattern;
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result};
use crate::plan::field::FieldType;
use crate::plan::query::Query;

#[derive(Debug)]
struct Prefix(Pattern);

/// Reads `{"FIELD": PREFIX}` or `{"FIELD": {"value": PREFIX, "case_insensitive": .., "rewrite": ..}}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    Ok(Box::new(Prefix(Pattern::read(at, "prefix", "value")?)))
}

impl QueryShape for Prefix {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = self.query(cx).map_err(|e| e.at(self.0.at.clone()))?;
        cx.leaf(query, self.0.common.boost)
    }
}

impl Prefix {
    fn query(&self, cx: &Lowering<'_>) -> Result<Query> {
        let field = match cx.resolve(&self.0.field)? {
            FieldRef::Mapped(field) => field,
            FieldRef::Id => return Err(Error::new(Code::UnsupportedField, "`prefix` does not work on `_id`")),
            FieldRef::Unmapped => return Ok(unmapped(&self.0.field)),
        };
        let prefix = match &field.ty {
            FieldType::Text(_) if field.indexed => self.0.value.clone(),
            FieldType::Keyword(keyword) if field.indexed => keyword.normalize(&self.0.value),
            FieldType::Unsupported(_) => return Err(field.unsupported()),
            _ => return Err(field.refuse("`prefix` works on indexed keyword and text fields only:")),
        };
        Ok(Query::Prefix { field: field.path.clone(), prefix, case_insensitive: self.0.case_insensitive })
    }
}
