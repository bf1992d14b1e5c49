//! `exists`: documents that have a value in a field, in a leaf of an object, or in a field of a pattern; score 1.

use super::QueryShape;
use super::common::{Common, unmapped};
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::field::FieldType;
use crate::plan::mapping::Field;
use crate::plan::query::Query;

#[derive(Debug)]
struct Exists {
    field: String,
    common: Common,
    at: String,
}

/// Reads `{"field": NAME}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut field, mut common) = (None, Common::default());
    at.each_key(|key, value| match key {
        "field" => {
            field = Some((value.text()?, value.path.to_string()));
            Ok(())
        }
        _ => common.read(key, value, "exists", &["field"]),
    })?;
    let missing = || at.error(Code::MissingKey, "`exists` without `field` found").expected("`field`, a field's name");
    let (field, at) = field.filter(|(name, _)| !name.is_empty()).ok_or_else(missing)?;
    Ok(Box::new(Exists { field, common, at }))
}

impl QueryShape for Exists {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = self.query(cx).map_err(|e| e.at(self.at.clone()))?;
        cx.leaf(query, self.common.boost)
    }
}

impl Exists {
    fn query(&self, cx: &Lowering<'_>) -> Result<Query> {
        let fields: Vec<&Field> = if self.field.contains('*') {
            cx.mapping.matching(&self.field).collect()
        } else if cx.mapping.object(&self.field).is_some() {
            cx.mapping.below(&self.field).collect()
        } else {
            match cx.resolve(&self.field)? {
                FieldRef::Mapped(field) => vec![field],
                FieldRef::Id => return Ok(Query::MatchAll),
                FieldRef::Unmapped => Vec::new(),
            }
        };
        if let Some(field) = fields.iter().find(|f| matches!(f.ty, FieldType::Unsupported(_))) {
            return Err(field.unsupported());
        }
        if fields.is_empty() {
            return Ok(unmapped(&self.field));
        }
        Ok(Query::Exists { fields: fields.iter().map(|f| f.path.clone()).collect() })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dsl::query::tests::lower;

    #[test]
    fn fields_objects_and_patterns() {
        for (name, expected) in [
            ("tag", vec!["tag"]),
            ("attrs", vec!["attrs.color", "attrs.size"]),
            ("attrs.*", vec!["attrs.color", "attrs.size"]),
            ("a*e", vec!["attrs.size", "available"]),
        ] {
            let Query::Exists { mut fields } = lower(&json!({"exists": {"field": name}})).unwrap() else { panic!() };
            fields.sort();
            assert_eq!(fields, expected, "{name}");
        }
        assert!(matches!(lower(&json!({"exists": {"field": "no*"}})).unwrap(), Query::MatchNone { .. }));
        assert_eq!(lower(&json!({"exists": {"field": "*"}})).unwrap_err().code(), Code::Unsupported);
    }
}
