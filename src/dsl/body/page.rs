//! `from` and `size`: which page of the hits.

use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::error::{Code, Result};

/// Reads `from`.
pub(crate) fn read_from(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.from = count(value)?;
    Ok(())
}

/// Reads `size`.
pub(crate) fn read_size(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.size = count(value)?;
    Ok(())
}

/// A number of hits.
fn count(value: Cursor<'_>) -> Result<usize> {
    let n = integer(value)?;
    usize::try_from(n).map_err(|_| {
        value.error(Code::InvalidValue, format!("{} is {n}", value.path)).expected("a number of hits, 0 or more")
    })
}

/// An integer as Java's `int`.
pub(crate) fn integer(value: Cursor<'_>) -> Result<i32> {
    let n = value.integer()?;
    i32::try_from(n).map_err(|_| {
        value
            .error(Code::InvalidValue, format!("{} is {n}, which does not fit 32 bits", value.path))
            .expected(format!("an integer up to {}", i32::MAX))
    })
}
