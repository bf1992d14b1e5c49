//! `range`: values between bounds; of a text, terms between bounds.

use std::ops::Bound;

use super::set::PostingsCollector;
use super::{BoxMatcher, column};
use crate::error::{Code, Error, Result};
use crate::exec::index::storage_error;
use crate::exec::segment::SegmentContext;
use crate::plan::value::Value;

/// Prepares a `range` query.
pub(super) fn matcher<'a>(
    segment: SegmentContext<'_>,
    path: &str,
    lower: Bound<&Value>,
    upper: Bound<&Value>,
) -> Result<BoxMatcher<'a>> {
    let index = if segment.has_column(path) { None } else { segment.inverted(path)? };
    let Some(index) = index else { return column::between(segment, path, lower, upper) };
    let mut terms = index.reader.terms().range();
    terms = match lower {
        Bound::Included(value) => terms.ge(text(path, value)?),
        Bound::Excluded(value) => terms.gt(text(path, value)?),
        Bound::Unbounded => terms,
    };
    terms = match upper {
        Bound::Included(value) => terms.le(text(path, value)?),
        Bound::Excluded(value) => terms.lt(text(path, value)?),
        Bound::Unbounded => terms,
    };
    let mut collector = PostingsCollector::new(segment, Some(path), &index);
    let mut stream = terms.into_stream().map_err(storage_error)?;
    while stream.advance() {
        collector.add(stream.value())?;
    }
    Ok(Box::new(collector.finish()?))
}

fn text<'v>(path: &str, value: &'v Value) -> Result<&'v [u8]> {
    match value {
        Value::Str(text) => Ok(text.as_bytes()),
        other => {
            let reason = format!("{} cannot be compared with the terms of `{path}`", other.describe());
            Err(Error::new(Code::InvalidFieldValue, reason))
        }
    }
}
