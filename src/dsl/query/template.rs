//! `template`: an inner query. Variables of search pipelines (`"${name}"`) have no values here and stay as they stand.

use super::{QueryShape, read as read_query};
use crate::dsl::read::Cursor;
use crate::error::Result;

/// Reads the inner query.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    read_query(at)
}
