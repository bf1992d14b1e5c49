//! `byte`, `short`, `integer`, `long`: whole numbers of 8 to 64 bits.

use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::field::RangeSpec;
use crate::plan::field::number::{NumberOptions, Whole, as_whole, of_document};
use crate::plan::mapping::Field;
use crate::plan::node::SortType;
use crate::plan::query::Query;
use crate::plan::value::Value;

/// A whole number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Integer {
    /// How many bits it has.
    pub width: Width,
    /// The value of explicit nulls.
    pub null_value: Option<i64>,
    /// What all number types have.
    pub options: NumberOptions,
}

/// The width of a whole number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Width {
    /// 8 bits.
    Byte,
    /// 16 bits.
    Short,
    /// 32 bits.
    Integer,
    /// 64 bits.
    Long,
}

impl Width {
    /// The type's name in a mapping.
    pub fn name(self) -> &'static str {
        match self {
            Self::Byte => "byte",
            Self::Short => "short",
            Self::Integer => "integer",
            Self::Long => "long",
        }
    }

    /// As which type it sorts.
    pub fn sort_type(self) -> SortType {
        match self {
            Self::Byte | Self::Short | Self::Integer => SortType::Int,
            Self::Long => SortType::Long,
        }
    }

    /// The limits of values in documents.
    pub(crate) fn limits(self) -> (i128, i128) {
        match self {
            Self::Byte => (i8::MIN.into(), i8::MAX.into()),
            Self::Short => (i16::MIN.into(), i16::MAX.into()),
            Self::Integer => (i32::MIN.into(), i32::MAX.into()),
            Self::Long => (i64::MIN.into(), i64::MAX.into()),
        }
    }

    /// The limits of constants in queries: byte and short are asked as integers, so 200 matches no byte but is no error.
    fn query_limits(self) -> (i128, i128) {
        match self {
            Self::Byte | Self::Short | Self::Integer => Self::Integer.limits(),
            Self::Long => Self::Long.limits(),
        }
    }
}

impl Integer {
    /// An integer type without parameters.
    pub fn new(width: Width) -> Self {
        Self { width, null_value: None, options: NumberOptions::default() }
    }

    pub(crate) fn term(&self, field: &Field, value: &Value) -> Result<Query> {
        let whole = as_whole(field, value)?;
        if whole.fraction != 0.0 {
            return Ok(field.nothing("a whole number never equals a decimal"));
        }
        let (min, max) = self.width.query_limits();
        Ok(field.constant_term(Value::I64(whole.within(field, min, max)? as i64)))
    }

    pub(crate) fn range(&self, field: &Field, range: &RangeSpec) -> Result<Query> {
        let (min, max) = self.width.query_limits();
        Ok(match whole_bounds(field, range, min, max)? {
            Some((lower, upper)) => field.between(
                lower.map_or(Bound::Unbounded, |v| Bound::Included(Value::I64(v as i64))),
                upper.map_or(Bound::Unbounded, |v| Bound::Included(Value::I64(v as i64))),
            ),
            None => field.nothing("no whole number is between the bounds"),
        })
    }

    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        let (min, max) = self.width.limits();
        let parsed = of_document(field, value, self.options).and_then(|number| {
            let Some(number) = number else { return Ok(self.null_value) };
            let whole = as_whole(field, &number)?;
            if self.options.is_strict && whole.fraction != 0.0 {
                return Err(field.bad_value(format!("{value} has a decimal part")));
            }
            Ok(Some(whole.within(field, min, max)? as i64))
        });
        match parsed {
            Err(_) if self.options.ignore_malformed && !value.is_object() => Ok(None),
            parsed => Ok(parsed?.map(Value::I64)),
        }
    }
}

/// The inclusive bounds of a range over whole numbers, decimals rounded inwards; `None` where nothing is between them.
pub(crate) fn whole_bounds(
    field: &Field,
    range: &RangeSpec,
    min: i128,
    max: i128,
) -> Result<Option<(Option<i128>, Option<i128>)>> {
    let step = |bound: &Bound<Value>, inward: i128| -> Result<Option<i128>> {
        let (value, inclusive) = match bound {
            Bound::Included(v) => (v, true),
            Bound::Excluded(v) => (v, false),
            Bound::Unbounded => return Ok(None),
        };
        let whole: Whole = as_whole(field, value)?;
        let exact = whole.within(field, min, max)?;
        // The part before the point is on the inner side of a decimal already if the decimal points the other way.
        let moves = if whole.fraction == 0.0 { !inclusive } else { whole.fraction.signum() == inward as f64 };
        Ok(Some(if moves { exact + inward } else { exact }))
    };
    let (lower, upper) = (step(&range.lower, 1)?, step(&range.upper, -1)?);
    let is_empty =
        lower.unwrap_or(min) > upper.unwrap_or(max) || lower.is_some_and(|l| l > max) || upper.is_some_and(|u| u < min);
    Ok(if is_empty { None } else { Some((lower, upper)) })
}
