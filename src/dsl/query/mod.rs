//! The query types: one file each, listed here once.

use std::fmt::Debug;

use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::Result;
use crate::plan::query::Query;

/// Every query type that runs, by name.
pub const QUERY_TYPES: &[QueryType] = &[];

/// A query type: the key in the body, and how its value is read.
#[derive(Debug)]
pub struct QueryType {
    /// The key, such as `term`.
    pub name: &'static str,
    /// Reads the value of the key.
    pub read: fn(Cursor<'_>) -> Result<Box<dyn QueryShape>>,
}

/// A query as the body gives it: what it says, not yet what it means under a mapping.
pub trait QueryShape: Debug {
    /// What the query means: fields resolved, values typed, text analysed, scripts compiled.
    ///
    /// # Errors
    /// A value does not fit its field, a script does not compile, a limit is exceeded.
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query>;
}
