//! What all number types share: how a constant of a query or a value of a document is read as a number.

use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::mapping::Field;
use crate::plan::value::Value;

/// Parameters that all number types have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NumberOptions {
    /// Whether strings and decimals are refused in documents (`"coerce": false`).
    pub is_strict: bool,
    /// Whether malformed values of documents are left out instead of refusing the document.
    pub ignore_malformed: bool,
}

/// A text as Java reads a double: blanks around it and a suffix (`1.5f`) are allowed.
pub(crate) fn parse_java_double(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c <= ' ');
    let number = text.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(text);
    match number.trim_start_matches(['+', '-']) {
        "NaN" => Some(f64::NAN),
        "Infinity" if number.starts_with('-') => Some(f64::NEG_INFINITY),
        "Infinity" => Some(f64::INFINITY),
        _ if number.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b)) => number.parse().ok(),
        _ => None,
    }
}

/// A constant of a query as a double.
pub(crate) fn as_double(field: &Field, value: &Value) -> Result<f64> {
    match value {
        Value::Str(text) => parse_java_double(text),
        other => other.as_f64(),
    }
    .ok_or_else(|| not_a_number(field, value))
}

/// A constant of a query as a whole number: the part before the point, and whether there is something behind it.
pub(crate) fn as_whole(field: &Field, value: &Value) -> Result<Whole> {
    let double = match value {
        Value::I64(v) => return Ok(Whole { value: i128::from(*v), fraction: 0.0 }),
        Value::U64(v) => return Ok(Whole { value: i128::from(*v), fraction: 0.0 }),
        Value::Str(text) => match text.trim().parse() {
            Ok(value) => return Ok(Whole { value, fraction: 0.0 }),
            Err(_) => as_double(field, value)?,
        },
        _ => as_double(field, value)?,
    };
    if double.is_nan() {
        return Err(not_a_number(field, value));
    }
    Ok(Whole { value: double.trunc() as i128, fraction: double.fract() })
}

/// A number in two parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Whole {
    /// The part before the point.
    pub(crate) value: i128,
    /// The part behind the point, with the number's sign.
    pub(crate) fraction: f64,
}

impl Whole {
    /// The value, if it is within the limits of a type.
    pub(crate) fn within(self, field: &Field, min: i128, max: i128) -> Result<i128> {
        if (min..=max).contains(&self.value) {
            return Ok(self.value);
        }
        let article = if field.ty.name().starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
        Err(field.bad_value(format!("value {} is out of range for {article} {}", self.value, field.ty)))
    }
}

/// A number of a document: `None` for null and for the empty string, which counts as null.
pub(crate) fn of_document(field: &Field, value: &Json, options: NumberOptions) -> Result<Option<Value>> {
    let number = match value {
        Json::Null => return Ok(None),
        Json::Number(n) => {
            n.as_i64().map(Value::I64).or_else(|| n.as_u64().map(Value::U64)).or(n.as_f64().map(Value::F64))
        }
        Json::String(_) if options.is_strict => None,
        Json::String(s) if s.is_empty() => return Ok(None),
        Json::String(s) => Some(Value::Str(s.clone())),
        _ => None,
    };
    match number {
        Some(number) => Ok(Some(number)),
        None => Err(field.bad_value(format!("{value} is no number"))),
    }
}

fn not_a_number(field: &Field, value: &Value) -> crate::error::Error {
    field.bad_value(format!("{value} is no number"))
}
