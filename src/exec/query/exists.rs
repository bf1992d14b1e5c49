//! `exists`: documents that have a value in one of several fields.

use tantivy::DocId;
use tantivy::columnar::ColumnIndex;

use super::{BoxMatcher, Matcher, all};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, NO_DOC};

/// Prepares an `exists` query.
pub(super) fn matcher<'a>(segment: SegmentContext<'_>, paths: &[String]) -> Result<BoxMatcher<'a>> {
    let mut columns = Vec::new();
    for path in paths {
        columns.extend(segment.presence(path)?);
    }
    if columns.is_empty() {
        Ok(Box::new(all::Nothing))
    } else {
        Ok(Box::new(Exists { columns, docs: segment.max_doc() }))
    }
}

/// Documents that have a value in one of the columns.
struct Exists {
    columns: Vec<ColumnIndex>,
    docs: DocId,
}

impl Matcher for Exists {
    fn seek(&mut self, base: DocId) -> DocId {
        if base < self.docs { base } else { NO_DOC }
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        candidates.retain(|at| self.columns.iter().any(|column| column.has_value(base + at)));
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn cost(&self) -> u64 {
        u64::from(self.docs) * self.columns.len() as u64
    }
}
