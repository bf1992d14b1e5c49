//! `range`: documents that have a value between bounds, score 1.

use std::ops::Bound;

use serde_json::Value as Json;

use super::QueryShape;
use super::common::{Common, read_value, unmapped};
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result};
use crate::plan::date::DateFormat;
use crate::plan::date::zone::TimeZone;
use crate::plan::field::RangeSpec;
use crate::plan::query::Query;
use crate::plan::value::Value;

const KEYS: &[&str] =
    &["gt", "gte", "lt", "lte", "from", "to", "include_lower", "include_upper", "format", "time_zone", "relation"];

/// `disjoint` is known to OpenSearch, but refused by it too.
const RELATIONS: &[(&str, ())] = &[("intersects", ()), ("within", ()), ("contains", ())];

#[derive(Debug)]
struct Range {
    field: String,
    range: RangeSpec,
    common: Common,
    at: String,
}

/// One end of a range while it is read: `gt` and `gte` set both parts, so the last of them wins.
#[derive(Debug)]
struct End {
    value: Option<Value>,
    included: bool,
}

impl End {
    fn set(&mut self, at: Cursor<'_>) -> Result<()> {
        self.value = match at.value {
            Json::Null => None,
            _ => Some(read_value(at)?),
        };
        Ok(())
    }

    fn bound(self) -> Bound<Value> {
        match self.value {
            None => Bound::Unbounded,
            Some(value) if self.included => Bound::Included(value),
            Some(value) => Bound::Excluded(value),
        }
    }
}

/// Reads `{"FIELD": {"gte": .., "lt": .., "format": .., "time_zone": .., "relation": .., "boost": ..}}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    at.one_key("one field", |field, inner| {
        let mut lower = End { value: None, included: true };
        let mut upper = End { value: None, included: true };
        let (mut format, mut time_zone, mut common) = (None, None, Common::default());
        inner.each_key(|key, value| {
            match key {
                "from" => lower.set(value)?,
                "gte" | "gt" => {
                    lower.set(value)?;
                    lower.included = key != "gt";
                }
                "to" => upper.set(value)?,
                "lte" | "lt" => {
                    upper.set(value)?;
                    upper.included = key != "lt";
                }
                "include_lower" => lower.included = value.boolean()?,
                "include_upper" => upper.included = value.boolean()?,
                "format" => format = Some(read_format(value)?),
                "time_zone" => time_zone = Some(read_time_zone(value)?),
                "relation" => value.word_of_any_case(RELATIONS)?,
                _ => common.read(key, value, "range", KEYS)?,
            }
            Ok(())
        })?;
        let range = RangeSpec { lower: lower.bound(), upper: upper.bound(), format, time_zone };
        Ok(Box::new(Range { field: field.to_owned(), range, common, at: inner.path.to_string() }) as _)
    })
}

/// Reads a format of dates; it must be right even where the field holds no dates.
fn read_format(at: Cursor<'_>) -> Result<String> {
    let format = at.text()?;
    DateFormat::new(&format).map_err(|e| e.at(at.path.to_string()))?;
    Ok(format)
}

/// Reads a time zone; it must be right even where the field holds no dates.
fn read_time_zone(at: Cursor<'_>) -> Result<String> {
    let zone = at.text()?;
    TimeZone::parse(&zone).map_err(|e| e.at(at.path.to_string()))?;
    Ok(zone)
}

impl QueryShape for Range {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = self.query(cx).map_err(|e| e.at(self.at.clone()))?;
        cx.leaf(query, self.common.boost)
    }
}

impl Range {
    fn query(&self, cx: &Lowering<'_>) -> Result<Query> {
        match cx.resolve(&self.field)? {
            FieldRef::Mapped(field) => match (&self.range.lower, &self.range.upper) {
                (Bound::Unbounded, Bound::Unbounded) => Ok(Query::Exists { fields: vec![field.path.clone()] }),
                _ => field.range(&self.range, &cx.values()),
            },
            FieldRef::Id => Err(Error::new(Code::UnsupportedField, "`range` does not work on `_id`")),
            FieldRef::Unmapped => Ok(unmapped(&self.field)),
        }
    }
}
