//! `half_float`, `float`, `double`: IEEE numbers of 16, 32 and 64 bits. Values and bounds are rounded as the type is.

use std::ops::Bound;

use half::f16;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::field::RangeSpec;
use crate::plan::field::number::{NumberOptions, as_double, of_document};
use crate::plan::mapping::Field;
use crate::plan::node::SortType;
use crate::plan::query::Query;
use crate::plan::value::Value;

/// A floating-point number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Float {
    /// How exact it is.
    pub precision: Precision,
    /// The value of explicit nulls.
    pub null_value: Option<f64>,
    /// What all number types have.
    pub options: NumberOptions,
}

/// The precision of a floating-point number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Precision {
    /// 16 bits.
    Half,
    /// 32 bits.
    Single,
    /// 64 bits.
    Double,
}

impl Precision {
    /// The type's name in a mapping.
    pub fn name(self) -> &'static str {
        match self {
            Self::Half => "half_float",
            Self::Single => "float",
            Self::Double => "double",
        }
    }

    /// As which type it sorts.
    pub fn sort_type(self) -> SortType {
        match self {
            Self::Half | Self::Single => SortType::Float,
            Self::Double => SortType::Double,
        }
    }

    /// The value as a field of this precision holds it.
    pub fn round(self, value: f64) -> f64 {
        match self {
            // By way of a float, as values are read: rounding twice is part of the recorded behaviour.
            Self::Half => f16::from_f32(value as f32).to_f64(),
            Self::Single => f64::from(value as f32),
            Self::Double => value,
        }
    }
}

impl Float {
    /// A floating-point type without parameters.
    pub fn new(precision: Precision) -> Self {
        Self { precision, null_value: None, options: NumberOptions::default() }
    }

    pub(crate) fn term(&self, field: &Field, value: &Value) -> Result<Query> {
        Ok(field.constant_term(Value::F64(self.rounded(field, value)?)))
    }

    /// A half_float's bounds move inwards to the next value that it has, others are rounded.
    pub(crate) fn range(&self, field: &Field, range: &RangeSpec) -> Result<Query> {
        let inward = |bound: &Bound<Value>, up: bool| -> Result<Bound<Value>> {
            let (value, rounded, included) = match bound {
                Bound::Included(v) => (as_double(field, v)? as f32, self.rounded(field, v)?, true),
                Bound::Excluded(v) => (as_double(field, v)? as f32, self.rounded(field, v)?, false),
                Bound::Unbounded => return Ok(Bound::Unbounded),
            };
            let is_inside = if up { rounded > value.into() } else { rounded < value.into() };
            Ok(match self.precision {
                // Rounded inwards, the bound is beyond the given one: it is included in any case.
                Precision::Half if is_inside => Bound::Included(Value::F64(rounded)),
                // Rounded outwards, it is not within.
                Precision::Half if rounded != f64::from(value) => Bound::Excluded(Value::F64(rounded)),
                _ if included => Bound::Included(Value::F64(rounded)),
                _ => Bound::Excluded(Value::F64(rounded)),
            })
        };
        Ok(field.between(inward(&range.lower, true)?, inward(&range.upper, false)?))
    }

    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        let parsed = of_document(field, value, self.options).and_then(|number| match number {
            None => Ok(self.null_value),
            Some(number) => self.rounded(field, &number).map(Some),
        });
        match parsed {
            Err(_) if self.options.ignore_malformed && !value.is_object() => Ok(None),
            parsed => Ok(parsed?.map(Value::F64)),
        }
    }

    fn rounded(&self, field: &Field, value: &Value) -> Result<f64> {
        let rounded = self.precision.round(as_double(field, value)?);
        if rounded.is_finite() {
            Ok(rounded)
        } else {
            Err(field.bad_value(format!("only finite values are supported, found {value}")))
        }
    }
}
