//! `terms` and `ids`: the documents of many terms.

use super::set::{PostingsCollector, Set};
use super::{BoxMatcher, column};
use crate::error::Result;
use crate::exec::index::storage_error;
use crate::exec::segment::{Inverted, SegmentContext};
use crate::exec::statistics::term_bytes;
use crate::plan::value::Value;

/// Prepares a `terms` query.
pub(super) fn matcher<'a>(segment: SegmentContext<'_>, path: &str, values: &[Value]) -> Result<BoxMatcher<'a>> {
    let terms: Option<Vec<_>> = values.iter().map(term_bytes).collect();
    match (terms, segment.inverted(path)?) {
        (Some(terms), Some(index)) => collect(segment, &index, terms.iter().map(Vec::as_slice)),
        _ => column::equal(segment, path, values),
    }
}

/// Prepares an `ids` query.
pub(super) fn ids<'a>(segment: SegmentContext<'_>, ids: &[String]) -> Result<BoxMatcher<'a>> {
    collect(segment, &segment.id_index()?, ids.iter().map(String::as_bytes))
}

fn collect<'a, 't>(
    segment: SegmentContext<'_>,
    index: &Inverted,
    terms: impl Iterator<Item = &'t [u8]>,
) -> Result<BoxMatcher<'a>> {
    let mut set = Set::new(segment.max_doc());
    let mut collector = PostingsCollector::new(&index.reader);
    for term in terms {
        if let Some(info) = index.reader.terms().get(term).map_err(storage_error)? {
            collector.add(&info, &mut set)?;
        }
    }
    Ok(Box::new(set))
}
