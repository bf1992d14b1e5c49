//! `scaled_float`: a decimal that is kept as a long, the value times a factor.
//!
//! Values of queries and documents are given as that long: [`ScaledFloat::value`] turns it back.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::field::number::{NumberOptions, as_double, of_document};
use crate::plan::field::{RangeSpec, try_map_bound};
use crate::plan::mapping::Field;
use crate::plan::query::Query;
use crate::plan::value::Value;

/// A decimal of fixed precision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScaledFloat {
    /// The factor.
    pub scaling_factor: f64,
    /// The value of explicit nulls, not scaled.
    pub null_value: Option<f64>,
    /// What all number types have.
    pub options: NumberOptions,
}

impl ScaledFloat {
    /// The value that a scaled long stands for.
    pub fn value(&self, scaled: i64) -> f64 {
        // Times the inverse, as OpenSearch does it: the last bit can differ from a division.
        scaled as f64 * (1.0 / self.scaling_factor)
    }

    pub(crate) fn term(&self, field: &Field, value: &Value) -> Result<Query> {
        Ok(field.constant_term(Value::I64(self.scaled(field, value)?)))
    }

    /// Bounds are rounded to steps as values are, then the range includes or excludes that step.
    pub(crate) fn range(&self, field: &Field, range: &RangeSpec) -> Result<Query> {
        let typed = |v: &Value| self.scaled(field, v).map(Value::I64);
        Ok(field.between(try_map_bound(&range.lower, typed)?, try_map_bound(&range.upper, typed)?))
    }

    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        let parsed = of_document(field, value, self.options).and_then(|number| match number {
            None => Ok(self.null_value.map(|v| java_round(v * self.scaling_factor))),
            Some(number) => self.scaled(field, &number).map(Some),
        });
        match parsed {
            Err(_) if self.options.ignore_malformed && !value.is_object() => Ok(None),
            parsed => Ok(parsed?.map(Value::I64)),
        }
    }

    fn scaled(&self, field: &Field, value: &Value) -> Result<i64> {
        let double = as_double(field, value)?;
        if double.is_finite() {
            Ok(java_round(double * self.scaling_factor))
        } else {
            Err(field.bad_value(format!("only finite values are supported, found {value}")))
        }
    }
}

/// Java's `Math.round`: halves go up.
fn java_round(value: f64) -> i64 {
    let floor = value.floor();
    if value - floor >= 0.5 { floor as i64 + 1 } else { floor as i64 }
}
