//! `query` and `post_filter`: which documents match, and which of them are hits.

use crate::dsl::query;
use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::error::Result;

/// Reads `query`.
pub(crate) fn read_query(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.query = Some(query::read(value)?);
    Ok(())
}

/// Reads `post_filter`.
pub(crate) fn read_post_filter(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.post_filter = Some(query::read(value)?);
    Ok(())
}
