//! `unsigned_long`: a whole number from 0 to 18446744073709551615.

use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::field::RangeSpec;
use crate::plan::field::integer::whole_bounds;
use crate::plan::field::number::{NumberOptions, as_whole, of_document};
use crate::plan::mapping::Field;
use crate::plan::query::Query;
use crate::plan::value::Value;

/// A whole number without sign.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnsignedLong {
    /// The value of explicit nulls.
    pub null_value: Option<u64>,
    /// What all number types have.
    pub options: NumberOptions,
}

const MAX: i128 = u64::MAX as i128;

impl UnsignedLong {
    pub(crate) fn term(&self, field: &Field, value: &Value) -> Result<Query> {
        let whole = as_whole(field, value)?;
        if whole.fraction != 0.0 {
            return Ok(field.nothing("a whole number never equals a decimal"));
        }
        Ok(field.constant_term(Value::U64(whole.within(field, 0, MAX)? as u64)))
    }

    pub(crate) fn range(&self, field: &Field, range: &RangeSpec) -> Result<Query> {
        Ok(match whole_bounds(field, range, 0, MAX)? {
            Some((lower, upper)) => field.between(
                lower.map_or(Bound::Unbounded, |v| Bound::Included(Value::U64(v as u64))),
                upper.map_or(Bound::Unbounded, |v| Bound::Included(Value::U64(v as u64))),
            ),
            None => field.nothing("no whole number is between the bounds"),
        })
    }

    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        let parsed = of_document(field, value, self.options).and_then(|number| {
            let Some(number) = number else { return Ok(self.null_value) };
            let whole = as_whole(field, &number)?;
            if self.options.is_strict && whole.fraction != 0.0 {
                return Err(field.bad_value(format!("{value} has a decimal part")));
            }
            Ok(Some(whole.within(field, 0, MAX)? as u64))
        });
        match parsed {
            Err(_) if self.options.ignore_malformed && !value.is_object() => Ok(None),
            parsed => Ok(parsed?.map(Value::U64)),
        }
    }
}
