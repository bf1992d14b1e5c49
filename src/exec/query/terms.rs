//! `terms` and `ids`: the documents of many terms.

use super::set::PostingsCollector;
use super::{BoxMatcher, column};
use crate::error::Result;
use crate::exec::segment::{Inverted, SegmentContext};
use crate::exec::statistics::term_bytes;
use crate::plan::value::Value;

/// Prepares a `terms` query.
pub(super) fn matcher<'a>(segment: SegmentContext<'_>, path: &str, values: &[Value]) -> Result<BoxMatcher<'a>> {
    let terms: Option<Vec<_>> = values.iter().map(term_bytes).collect();
    match (terms, segment.inverted(path)?) {
        (Some(terms), Some(index)) => collect(segment, Some(path), &index, terms.iter().map(Vec::as_slice).collect()),
        _ => column::equal(segment, path, values),
    }
}

/// Prepares an `ids` query.
pub(super) fn ids<'a>(segment: SegmentContext<'_>, ids: &[String]) -> Result<BoxMatcher<'a>> {
    collect(segment, None, &segment.id_index()?, ids.iter().map(String::as_bytes).collect())
}

fn collect<'a>(
    segment: SegmentContext<'_>,
    path: Option<&str>,
    index: &Inverted,
    mut terms: Vec<&[u8]>,
) -> Result<BoxMatcher<'a>> {
    terms.sort_unstable();
    terms.dedup();
    let mut collector = PostingsCollector::new(segment, path, index);
    for term in terms {
        if let Some(info) = index.term(term)? {
            collector.add(&info)?;
        }
    }
    Ok(Box::new(collector.finish()?))
}
