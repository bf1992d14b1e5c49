//! The documents whose values a sort looks at for a hit: the hit itself, or nested documents in it.

use tantivy::DocId;

use crate::error::Result;
use crate::exec::query::nested::Children;
use crate::exec::segment::SegmentContext;
use crate::plan::node::{NestedSort, SortMode};

/// Which documents' values count for a document, and which of several values.
pub(super) struct Documents<'a> {
    pub(super) mode: SortMode,
    nested: Option<Children<'a>>,
    docs: Vec<DocId>,
}

impl<'a> Documents<'a> {
    /// None where the sort looks at nested documents, and the segment holds none.
    pub(super) fn new(
        segment: SegmentContext<'a>,
        mode: SortMode,
        nested: Option<&'a NestedSort>,
    ) -> Result<Option<Self>> {
        let nested = match nested {
            None => None,
            Some(nested) => match Children::new(segment, &nested.path, nested.filter.as_ref())? {
                None => return Ok(None),
                children => children,
            },
        };
        Ok(Some(Self { mode, nested, docs: Vec::new() }))
    }

    /// Whether a document's own values count.
    pub(super) fn are_rows(&self) -> bool {
        self.nested.is_none()
    }

    /// The documents whose values count for a document.
    pub(super) fn of(&mut self, doc: DocId) -> Result<&[DocId]> {
        self.docs.clear();
        match &mut self.nested {
            None => self.docs.push(doc),
            Some(children) => children.collect(doc, &mut self.docs)?,
        }
        Ok(&self.docs)
    }
}
