//! What a query comes down to in a segment, as Lucene rewrites it for a reader: of optional clauses, words that are in no
//! document are left out.

use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::statistics::term_bytes;
use crate::plan::query::{BoolQuery, Query};

/// The clause to which a `bool` comes down of whose optional clauses all others are words that the segment does not hold;
/// any other query as it is.
pub(crate) fn rewrite<'a>(segment: SegmentContext<'_>, query: &'a Query) -> Result<&'a Query> {
    let Query::Bool(clauses) = query else { return Ok(query) };
    let BoolQuery { must, filter, should, must_not, minimum_should_match: 1 } = clauses else { return Ok(query) };
    if !(must.is_empty() && filter.is_empty() && must_not.is_empty()) {
        return Ok(query);
    }
    let mut only = None;
    for clause in should {
        if !is_absent(segment, clause)? && only.replace(clause).is_some() {
            return Ok(query);
        }
    }
    Ok(only.unwrap_or(query))
}

/// Whether a query asks for a word that the segment does not hold.
fn is_absent(segment: SegmentContext<'_>, query: &Query) -> Result<bool> {
    let Query::Term { field, value, .. } = query else { return Ok(false) };
    let (Some(bytes), Some(index)) = (term_bytes(value), segment.inverted(field)?) else { return Ok(false) };
    Ok(index.term(&bytes)?.is_none())
}
