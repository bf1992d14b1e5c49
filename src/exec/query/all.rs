//! All documents, and none.

use tantivy::DocId;

use super::Matcher;
use crate::error::Result;
use crate::exec::window::{Bits, NO_DOC};

/// Every document.
pub(super) struct All {
    max_doc: DocId,
}

impl All {
    pub(super) fn new(max_doc: DocId) -> Self {
        Self { max_doc }
    }
}

impl Matcher for All {
    fn seek(&mut self, base: DocId) -> DocId {
        if base < self.max_doc { base } else { NO_DOC }
    }

    fn matches(&mut self, _: DocId, _: &mut Bits) -> Result<()> {
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn count(&self) -> Option<u64> {
        Some(self.max_doc.into())
    }

    fn cost(&self) -> u64 {
        u64::from(self.max_doc)
    }
}

/// No document.
pub(super) struct Nothing;

impl Matcher for Nothing {
    fn seek(&mut self, _: DocId) -> DocId {
        NO_DOC
    }

    fn matches(&mut self, _: DocId, candidates: &mut Bits) -> Result<()> {
        *candidates = Bits::default();
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn count(&self) -> Option<u64> {
        Some(0)
    }

    fn cost(&self) -> u64 {
        0
    }
}
