//! Documents that were collected beforehand: what many terms of a dictionary match, ids, presence.

use tantivy::DocId;
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;

use super::Matcher;
use crate::error::Result;
use crate::exec::index::storage_error;
use crate::exec::window::{Bits, SegmentBits, window_of};

/// A set of documents.
pub(super) struct Set {
    docs: SegmentBits,
    len: u64,
}

impl Set {
    /// An empty set of a segment.
    pub(super) fn new(max_doc: DocId) -> Self {
        Self { docs: SegmentBits::new(max_doc), len: 0 }
    }

    /// Adds a document.
    pub(super) fn insert(&mut self, doc: DocId) {
        self.docs.insert(doc);
        self.len += 1;
    }
}

impl Matcher for Set {
    fn seek(&mut self, base: DocId) -> DocId {
        window_of(self.docs.next(base))
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        candidates.and(&self.docs.window(base));
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn cost(&self) -> u64 {
        self.len
    }
}

/// Collects the documents of terms; the postings' buffers are used for all of them.
pub(super) struct PostingsCollector<'a> {
    index: &'a InvertedIndexReader,
    postings: Option<BlockSegmentPostings>,
}

impl<'a> PostingsCollector<'a> {
    pub(super) fn new(index: &'a InvertedIndexReader) -> Self {
        Self { index, postings: None }
    }

    /// Adds the documents of a term.
    pub(super) fn add(&mut self, term: &TermInfo, set: &mut Set) -> Result<()> {
        let postings = match &mut self.postings {
            Some(postings) => {
                self.index.reset_block_postings_from_terminfo(term, postings).map_err(storage_error)?;
                postings
            }
            none => {
                let opened = self.index.read_block_postings_from_terminfo(term, IndexRecordOption::Basic);
                none.insert(opened.map_err(storage_error)?)
            }
        };
        while postings.block_len() > 0 {
            for doc in postings.docs() {
                set.insert(*doc);
            }
            postings.advance();
        }
        Ok(())
    }
}
