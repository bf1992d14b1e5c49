//! The types of fields: what each type's values are, and what a term or a range means on it. One type a file.

pub mod boolean;
pub mod date;
pub mod float;
pub mod geo_point;
pub mod integer;
pub mod ip;
pub mod keyword;
pub mod number;
mod query;
pub mod scaled_float;
pub mod sort;
pub mod text;
pub mod unsigned_long;

#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::{Code, Error, Result};
use crate::plan::mapping::Field;
use crate::plan::node::SortType;
use crate::plan::query::{Query, TermScoring};
use crate::plan::value::Value;

/// The type of a field, with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FieldType {
    /// Analysed text.
    Text(text::Text),
    /// A string that is one term.
    Keyword(keyword::Keyword),
    /// byte, short, integer, long.
    Integer(integer::Integer),
    /// A whole number from 0 to 2^64 - 1.
    UnsignedLong(unsigned_long::UnsignedLong),
    /// half_float, float, double.
    Float(float::Float),
    /// A decimal of fixed precision, kept as a scaled long.
    ScaledFloat(scaled_float::ScaledFloat),
    /// True or false.
    Boolean(boolean::Boolean),
    /// An instant in milliseconds.
    Date(date::Date),
    /// An IPv4 or IPv6 address.
    Ip(ip::Ip),
    /// A latitude and a longitude.
    GeoPoint(geo_point::GeoPoint),
    /// A type that OpenSearch knows and that does not work here yet: its values stay in the source.
    Unsupported(String),
}

/// The type of a field's values as scripts see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DocType {
    /// byte, short, integer, long, unsigned_long.
    Long,
    /// half_float, float, double, scaled_float.
    Double,
    /// boolean.
    Boolean,
    /// date, in milliseconds.
    Date,
    /// keyword.
    String,
    /// ip.
    Ip,
    /// geo_point, encoded.
    GeoPoint,
}

/// What the meaning of a value depends on beside its field.
#[derive(Clone, Copy, Debug, Default)]
pub struct ValueContext {
    /// `now` of date math, in milliseconds since the epoch.
    pub now_ms: i64,
}

/// The bounds of a `range` query, as the body gives them.
#[derive(Clone, Debug)]
pub struct RangeSpec {
    /// The lower bound.
    pub lower: Bound<Value>,
    /// The upper bound.
    pub upper: Bound<Value>,
    /// The format of the bounds, for dates.
    pub format: Option<String>,
    /// The time zone of the bounds, for dates.
    pub time_zone: Option<String>,
}

impl RangeSpec {
    /// A range without format and time zone.
    pub fn new(lower: Bound<Value>, upper: Bound<Value>) -> Self {
        Self { lower, upper, format: None, time_zone: None }
    }
}

impl FieldType {
    /// The name in a mapping, such as `half_float`.
    pub fn name(&self) -> &str {
        match self {
            Self::Text(_) => "text",
            Self::Keyword(_) => "keyword",
            Self::Integer(t) => t.width.name(),
            Self::UnsignedLong(_) => "unsigned_long",
            Self::Float(t) => t.precision.name(),
            Self::ScaledFloat(_) => "scaled_float",
            Self::Boolean(_) => "boolean",
            Self::Date(_) => "date",
            Self::Ip(_) => "ip",
            Self::GeoPoint(_) => "geo_point",
            Self::Unsupported(name) => name,
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Field {
    /// A value of a document, typed as this field's doc values are; `None` where nothing is indexed (null without
    /// `null_value`, a malformed value that is ignored, a keyword that is too long).
    ///
    /// A geo point may be an array of numbers; of every other type, arrays are to be taken apart by the caller.
    ///
    /// # Errors
    /// The value does not fit the type.
    pub fn parse_doc(&self, value: &Json) -> Result<Option<Value>> {
        match &self.ty {
            FieldType::Text(_) => text::parse_doc(self, value),
            FieldType::Keyword(t) => t.parse_doc(self, value),
            FieldType::Integer(t) => t.parse_doc(self, value),
            FieldType::UnsignedLong(t) => t.parse_doc(self, value),
            FieldType::Float(t) => t.parse_doc(self, value),
            FieldType::ScaledFloat(t) => t.parse_doc(self, value),
            FieldType::Boolean(t) => t.parse_doc(self, value),
            FieldType::Date(t) => t.parse_doc(self, value),
            FieldType::Ip(t) => t.parse_doc(self, value),
            FieldType::GeoPoint(t) => t.parse_doc(self, value),
            FieldType::Unsupported(_) => Ok(None),
        }
    }

    /// The type of the values as scripts see them; `None` where scripts cannot read the field.
    pub fn doc_type(&self) -> Option<DocType> {
        if !self.doc_values {
            return None;
        }
        match &self.ty {
            FieldType::Text(_) | FieldType::Unsupported(_) => None,
            FieldType::Keyword(_) => Some(DocType::String),
            FieldType::Integer(_) | FieldType::UnsignedLong(_) => Some(DocType::Long),
            FieldType::Float(_) | FieldType::ScaledFloat(_) => Some(DocType::Double),
            FieldType::Boolean(_) => Some(DocType::Boolean),
            FieldType::Date(_) => Some(DocType::Date),
            FieldType::Ip(_) => Some(DocType::Ip),
            FieldType::GeoPoint(_) => Some(DocType::GeoPoint),
        }
    }

    /// As which type the field sorts; `None` where it does not.
    pub fn sort_type(&self) -> Option<SortType> {
        if !self.doc_values {
            return None;
        }
        match &self.ty {
            FieldType::Text(_) | FieldType::GeoPoint(_) | FieldType::Unsupported(_) => None,
            FieldType::Keyword(_) => Some(SortType::Keyword),
            FieldType::Integer(t) => Some(t.width.sort_type()),
            FieldType::UnsignedLong(_) => Some(SortType::UnsignedLong),
            FieldType::Float(t) => Some(t.precision.sort_type()),
            FieldType::ScaledFloat(_) => Some(SortType::Double),
            FieldType::Boolean(_) => Some(SortType::Int),
            FieldType::Date(_) => Some(SortType::Date),
            FieldType::Ip(_) => Some(SortType::Ip),
        }
    }

    /// Whether this is analysed text.
    pub fn is_text(&self) -> bool {
        matches!(self.ty, FieldType::Text(_))
    }

    /// The refusal of a type that does not work yet.
    pub fn unsupported(&self) -> Error {
        Error::new(
            Code::Unsupported,
            format!("queries on fields of type [{}] are not supported yet: `{}`", self.ty, self.path),
        )
    }

    /// The error for something that this field's type does not allow: `what` comes before the field's name.
    pub fn refuse(&self, what: &str) -> Error {
        Error::new(Code::UnsupportedField, format!("{what} `{}`, which is of type [{}]", self.path, self.ty))
    }

    /// The error for a value that does not fit the type.
    pub(crate) fn bad_value(&self, reason: impl fmt::Display) -> Error {
        Error::new(Code::InvalidFieldValue, format!("field `{}` of type [{}]: {reason}", self.path, self.ty))
    }

    /// The query that matches nothing.
    pub(crate) fn nothing(&self, why: &str) -> Query {
        Query::MatchNone { reason: format!("`{}`: {why}", self.path) }
    }

    /// A term whose match always scores 1.
    pub(crate) fn constant_term(&self, value: Value) -> Query {
        Query::Term { field: self.path.clone(), value, scoring: TermScoring::Constant }
    }

    /// A range of typed bounds.
    pub(crate) fn between(&self, lower: Bound<Value>, upper: Bound<Value>) -> Query {
        Query::Range { field: self.path.clone(), lower, upper }
    }
}

/// Applies a function to the value of a bound.
pub(crate) fn try_map_bound<T, U>(bound: &Bound<T>, f: impl FnOnce(&T) -> Result<U>) -> Result<Bound<U>> {
    Ok(match bound {
        Bound::Included(v) => Bound::Included(f(v)?),
        Bound::Excluded(v) => Bound::Excluded(f(v)?),
        Bound::Unbounded => Bound::Unbounded,
    })
}
