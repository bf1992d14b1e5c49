//! Values of sorts: how `search_after` and `missing` are read, how a sort value is shown.

use serde_json::{Value as Json, json};

use super::{DocType, ValueContext, number::parse_java_double};
use crate::error::{Code, Error, Result};
use crate::plan::date::math::{Rounding, parse_date_math};
use crate::plan::date::zone::TimeZone;
use crate::plan::date::{DateFormat, iso_millis};
use crate::plan::field::geo_point::decode;
use crate::plan::field::ip::parse_ip;
use crate::plan::node::SortType;
use crate::plan::value::Value;

impl SortType {
    /// Reads a value of `search_after`; dates may be written in the field's format.
    ///
    /// # Errors
    /// The value does not fit the type.
    pub fn parse_search_after(self, value: &Value, format: &DateFormat, cx: &ValueContext) -> Result<Value> {
        match (self, value) {
            (Self::Date, Value::Str(text)) => {
                parse_date_math(text, format, &TimeZone::default(), cx.now_ms, Rounding::Down).map(Value::I64)
            }
            _ => self.parse(value),
        }
        .map_err(|cause| {
            Error::new(Code::InvalidSearchAfter, format!("{value} is no sort value of this type"))
                .expected(self.describe())
                .because(cause)
        })
    }

    /// Reads a value of `missing`; dates are milliseconds.
    ///
    /// # Errors
    /// The value does not fit the type.
    pub fn parse_missing(self, value: &Value) -> Result<Value> {
        self.parse(value)
    }

    fn parse(self, value: &Value) -> Result<Value> {
        let wrong = || {
            Error::new(Code::InvalidValue, format!("for input string: {value}"))
                .with_type("number_format_exception")
                .expected(self.describe())
        };
        match self {
            // Numbers lose their decimals and, as Java casts them, their upper bits.
            Self::Int => match value {
                Value::I64(v) => Ok(Value::I64(i64::from(*v as i32))),
                Value::F64(v) => Ok(Value::I64(i64::from(*v as i32))),
                Value::Str(text) => text.parse::<i32>().map(|v| Value::I64(v.into())).map_err(|_| wrong()),
                _ => Err(wrong()),
            },
            Self::Long | Self::Date => match value {
                Value::I64(v) => Ok(Value::I64(*v)),
                Value::F64(v) => Ok(Value::I64(*v as i64)),
                Value::Str(text) => match (text.parse(), parse_java_double(text)) {
                    (Ok(v), _) => Ok(Value::I64(v)),
                    (Err(_), Some(v)) if self == Self::Long && v.is_finite() => Ok(Value::I64(v.floor() as i64)),
                    _ => Err(wrong()),
                },
                _ => Err(wrong()),
            },
            Self::UnsignedLong => match value {
                Value::I64(v) => u64::try_from(*v).map(Value::U64).map_err(|_| wrong()),
                Value::U64(v) => Ok(Value::U64(*v)),
                Value::F64(v) if *v >= 0.0 => Ok(Value::U64(*v as u64)),
                Value::Str(text) => text.parse().map(Value::U64).map_err(|_| wrong()),
                _ => Err(wrong()),
            },
            Self::Float | Self::Double => {
                let double = match value {
                    Value::Str(text) => parse_java_double(text),
                    other => other.as_f64(),
                };
                let double = double.ok_or_else(wrong)?;
                Ok(Value::F64(if self == Self::Float { f64::from(double as f32) } else { double }))
            }
            Self::Keyword => match value {
                Value::Null => Ok(Value::Null),
                Value::Str(text) => Ok(Value::Str(text.clone())),
                Value::List(_) | Value::Object(_) => Err(wrong()),
                other => Ok(Value::Str(other.to_string())),
            },
            Self::Ip => match value {
                Value::Null => Ok(Value::Null),
                Value::Ip(ip) => Ok(Value::Ip(*ip)),
                Value::Str(text) => parse_ip(text).map(Value::Ip),
                _ => Err(wrong()),
            },
        }
    }

    /// The value that a document without value sorts by, at the high or the low end.
    pub fn missing_sentinel(self, is_high: bool) -> Value {
        match (self, is_high) {
            (Self::Int, true) => Value::I64(i32::MAX.into()),
            (Self::Int, false) => Value::I64(i32::MIN.into()),
            (Self::Long | Self::Date, true) => Value::I64(i64::MAX),
            (Self::Long | Self::Date, false) => Value::I64(i64::MIN),
            (Self::UnsignedLong, true) => Value::U64(u64::MAX),
            (Self::UnsignedLong, false) => Value::U64(0),
            (Self::Float | Self::Double, true) => Value::F64(f64::INFINITY),
            (Self::Float | Self::Double, false) => Value::F64(f64::NEG_INFINITY),
            (Self::Keyword | Self::Ip, _) => Value::Null,
        }
    }

    /// A sort value as an answer shows it: floats as short as floats are, infinities and NaN as strings.
    pub fn display(self, value: &Value) -> Json {
        match (self, value) {
            (Self::Float, Value::F64(v)) => float_json(*v as f32),
            _ => display(value),
        }
    }

    fn describe(self) -> &'static str {
        match self {
            Self::Int | Self::Long => "a whole number",
            Self::UnsignedLong => "a whole number that is not negative",
            Self::Float | Self::Double => "a number",
            Self::Date => "a date or milliseconds",
            Self::Keyword => "a string",
            Self::Ip => "an IP address",
        }
    }
}

impl DocType {
    /// A document's value as script fields show it.
    pub fn display(self, value: &Value) -> Json {
        match (self, value) {
            (Self::Date, Value::I64(millis)) => json!(iso_millis(*millis)),
            (Self::GeoPoint, Value::I64(encoded)) => {
                let (lat, lon) = decode(*encoded);
                json!({"lat": lat, "lon": lon})
            }
            _ => display(value),
        }
    }
}

/// A float as JSON: the shortest decimal that is this float (0.1, not 0.10000000149011612).
pub fn float_json(value: f32) -> Json {
    if value.is_finite() {
        // The shortest text of a float is a double, too; parsing it cannot fail.
        json!(value.to_string().parse::<f64>().unwrap_or(f64::from(value)))
    } else {
        display(&Value::F64(value.into()))
    }
}

/// A value as JSON; what JSON lacks (NaN, infinities, addresses) as strings.
pub fn display(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Bool(v) => json!(v),
        Value::I64(v) => json!(v),
        Value::U64(v) => json!(v),
        Value::F64(v) if v.is_finite() => json!(v),
        Value::F64(v) if v.is_nan() => json!("NaN"),
        Value::F64(v) => json!(if *v > 0.0 { "Infinity" } else { "-Infinity" }),
        Value::Str(v) => json!(v),
        Value::Ip(_) => json!(value.to_string()),
        Value::List(items) => items.iter().map(display).collect(),
        Value::Object(entries) => entries.iter().map(|(key, value)| (key.clone(), display(value))).collect(),
    }
}
