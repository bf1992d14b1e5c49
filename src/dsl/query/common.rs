//! What every query type may carry: `boost` and `_name`; and the helpers that several of them read with.

use serde_json::Value as Json;

use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::function_score::ColumnRef;
use crate::plan::mapping::Field;
use crate::plan::query::Query;
use crate::plan::value::Value;

/// The keys that every query type knows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Common {
    /// The factor for the score.
    pub(super) boost: f32,
}

impl Default for Common {
    fn default() -> Self {
        Self { boost: 1.0 }
    }
}

impl Common {
    /// Reads the key if it is one of the two; a name is taken by [`named`](super::named). Otherwise the key is unknown to `owner`.
    pub(super) fn read(&mut self, key: &str, at: Cursor<'_>, owner: &str, known: &[&str]) -> Result<()> {
        match key {
            "boost" => self.boost = read_boost(at)?,
            "_name" => {
                at.text()?;
            }
            _ => {
                let known: Vec<_> = known.iter().copied().chain(["boost", "_name"]).collect();
                return Err(at.unknown_key(key, owner, &known));
            }
        }
        Ok(())
    }
}

/// A boost: finite and not negative.
fn read_boost(at: Cursor<'_>) -> Result<f32> {
    let boost = at.float()?;
    if boost.is_sign_negative() && !boost.is_nan() {
        return Err(at
            .error(Code::InvalidValue, format!("negative boost {} found", at.value))
            .hint("use a value between 0 and 1 to lower the score"));
    }
    if !boost.is_finite() {
        return Err(at.error(Code::InvalidValue, format!("boost {} found", at.value)).expected("a finite number"));
    }
    Ok(boost)
}

/// One value for a field: a string, a number or a boolean.
pub(super) fn read_value(at: Cursor<'_>) -> Result<Value> {
    match at.value {
        Json::Null => Err(at.error(Code::MissingKey, "null found").expected("a value")),
        Json::Array(_) => Err(at.wrong_type("one value").hint("use `terms` for several values")),
        Json::Object(_) => Err(at.wrong_type("one value")),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(Value::from_json(at.value)),
    }
}

/// A value as the text that is analysed or compared.
pub(super) fn value_text(value: &Value) -> String {
    match value {
        Value::Str(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The query for a field that no document has.
pub(super) fn unmapped(field: &str) -> Query {
    Query::MatchNone { reason: format!("field `{field}` is not mapped") }
}

/// The column of a field's values as functions see them.
pub(super) fn doc_values(field: &Field) -> Result<ColumnRef> {
    match field.doc_type() {
        Some(ty) => Ok(ColumnRef { path: field.path.clone(), ty }),
        None => Err(field.refuse("functions cannot read the values of")),
    }
}
