//! `terms`: documents that have one of several values in a field, score 1.

use serde_json::Value as Json;

use super::QueryShape;
use super::common::{Common, unmapped, value_text};
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::query::Query;
use crate::plan::value::Value;

/// How many values there may be (`index.max_terms_count`).
const MAX_TERMS: usize = 65_536;

#[derive(Debug)]
struct Terms {
    field: String,
    values: Vec<Value>,
    common: Common,
    at: String,
}

/// Reads `{"FIELD": [VALUE, ..], "boost": ..}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut terms, mut common) = (None, Common::default());
    at.each_key(|key, value| match value.value {
        Json::Array(_) if terms.is_some() => Err(value
            .error(Code::ConflictingKeys, format!("a second field `{key}` found"))
            .expected("one field")
            .hint("combine several `terms` with `bool`")),
        Json::Array(items) => {
            if items.len() > MAX_TERMS {
                return Err(value
                    .error(Code::TooLarge, format!("{} values found", items.len()))
                    .with_type("illegal_argument_exception")
                    .expected(format!("at most {MAX_TERMS}")));
            }
            let mut values = Vec::with_capacity(items.len());
            value.each_element(|item| read_item(item, &mut values))?;
            terms = Some((key.to_owned(), values, value.path.to_string()));
            Ok(())
        }
        Json::Object(_) => Err(value.error(Code::Unsupported, "a terms lookup does not run yet")),
        _ if key == "value_type" => match value.word(&[("default", true), ("bitmap", false)])? {
            true => Ok(()),
            false => Err(value.error(Code::Unsupported, "terms as a bitmap do not run yet")),
        },
        _ if matches!(key, "boost" | "_name") => common.read(key, value, "terms", &[]),
        _ => Err(value.wrong_type("an array of values").hint("use `term` for one value")),
    })?;
    let (field, values, at) = terms.ok_or_else(|| {
        at.error(Code::MissingKey, "`terms` without a field found").expected("a field with an array of values")
    })?;
    Ok(Box::new(Terms { field, values, common, at }))
}

/// Reads a value. An object among the values stands for all the words in it: OpenSearch's parser does not look at
/// the structure.
fn read_item(at: Cursor<'_>, values: &mut Vec<Value>) -> Result<()> {
    match at.value {
        Json::Null => Err(at.error(Code::MissingKey, "null among the values of `terms` found").expected("a value")),
        Json::Array(_) => Err(at.wrong_type("a value")),
        Json::Object(_) => {
            values.push(Value::Str("{".into()));
            at.each_key(|key, value| {
                values.push(Value::Str(key.to_owned()));
                read_item(value, values)
            })?;
            values.push(Value::Str("}".into()));
            Ok(())
        }
        Json::Bool(_) | Json::Number(_) | Json::String(_) => {
            values.push(Value::from_json(at.value));
            Ok(())
        }
    }
}

impl QueryShape for Terms {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        if self.values.is_empty() {
            return cx.leaf(Query::MatchNone { reason: "`terms` of no values".into() }, 1.0);
        }
        let query = match cx.resolve(&self.field) {
            Ok(FieldRef::Mapped(field)) => field.terms(&self.values, &cx.values()),
            Ok(FieldRef::Id) => Ok(Query::Ids { values: self.values.iter().map(value_text).collect() }),
            Ok(FieldRef::Unmapped) => Ok(unmapped(&self.field)),
            Err(e) => Err(e),
        };
        cx.leaf(query.map_err(|e| e.at(self.at.clone()))?, self.common.boost)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dsl::query::tests::lower;

    #[test]
    fn values_of_every_kind() {
        let terms = |field: &str, values| match lower(&json!({"terms": {field: values}})).unwrap() {
            Query::Terms { values, .. } => values.len(),
            Query::Term { .. } => 1,
            Query::MatchNone { .. } => 0,
            other => panic!("{other:?}"),
        };
        assert_eq!(terms("tag", json!(["a", 5, true])), 3);
        assert_eq!(terms("tag", json!([{"value": "a"}])), 4);
        assert_eq!(terms("tag", json!([])), 0);
        assert_eq!(terms("available", json!([true, "true"])), 1);
        let many = json!({"terms": {"stock": vec![5; MAX_TERMS + 1]}});
        assert_eq!(lower(&many).unwrap_err().code(), Code::TooLarge);
    }
}
