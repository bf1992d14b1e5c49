//! `date`: an instant in milliseconds since the epoch, read and shown in formats.

use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::date::DateFormat;
use crate::plan::date::math::{Rounding, parse_date_math};
use crate::plan::date::zone::TimeZone;
use crate::plan::field::{RangeSpec, ValueContext};
use crate::plan::mapping::Field;
use crate::plan::query::Query;
use crate::plan::value::Value;

/// An instant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Date {
    /// How values are written.
    pub format: DateFormat,
    /// The value of explicit nulls, in milliseconds.
    pub null_value: Option<i64>,
    /// Whether malformed values of documents are left out instead of refusing the document.
    pub ignore_malformed: bool,
}

impl Date {
    /// A term is the whole period that its text names: a day without time is all of that day.
    pub(crate) fn term(&self, field: &Field, value: &Value, cx: &ValueContext) -> Result<Query> {
        let range = RangeSpec::new(Bound::Included(value.clone()), Bound::Included(value.clone()));
        match self.range(field, &range, cx)? {
            Query::Range { lower: Bound::Included(first), upper: Bound::Included(last), .. } if first == last => {
                Ok(field.constant_term(first))
            }
            other => Ok(other),
        }
    }

    pub(crate) fn range(&self, field: &Field, range: &RangeSpec, cx: &ValueContext) -> Result<Query> {
        let format = range.format.as_deref().map(DateFormat::new).transpose()?;
        let format = format.as_ref().unwrap_or(&self.format);
        let zone = range.time_zone.as_deref().map(TimeZone::parse).transpose()?.unwrap_or_default();
        let millis =
            |value: &Value, rounding| parse_date_math(&date_text(field, value)?, format, &zone, cx.now_ms, rounding);
        // A bound that leaves its own value out leaves out the whole period that its text names.
        let lower = match &range.lower {
            Bound::Included(v) => Some(millis(v, Rounding::Down)?),
            Bound::Excluded(v) => Some(millis(v, Rounding::Up)?.saturating_add(1)),
            Bound::Unbounded => None,
        };
        let upper = match &range.upper {
            Bound::Included(v) => Some(millis(v, Rounding::Up)?),
            Bound::Excluded(v) => Some(millis(v, Rounding::Down)?.saturating_sub(1)),
            Bound::Unbounded => None,
        };
        let bound = |v: Option<i64>| v.map_or(Bound::Unbounded, |v| Bound::Included(Value::I64(v)));
        Ok(field.between(bound(lower), bound(upper)))
    }

    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        let parsed = match value {
            Json::Null => return Ok(self.null_value.map(Value::I64)),
            Json::String(text) => self.format.parse(text, &TimeZone::default()),
            Json::Number(number) => self.format.parse(&number.to_string(), &TimeZone::default()),
            _ => Err(field.bad_value(format!("{value} is no date"))),
        };
        match parsed {
            Err(_) if self.ignore_malformed && !value.is_object() => Ok(None),
            parsed => Ok(Some(Value::I64(parsed?))),
        }
    }
}

fn date_text(field: &Field, value: &Value) -> Result<String> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        Value::I64(_) | Value::U64(_) | Value::F64(_) => Ok(value.to_string()),
        other => Err(field.bad_value(format!("{} is no date", other.describe()))),
    }
}
