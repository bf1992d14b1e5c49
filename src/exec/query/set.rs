//! The documents of any of several terms: what many terms of a dictionary match, ids.

use tantivy::DocId;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;

use super::Matcher;
use crate::error::Result;
use crate::exec::index::storage_error;
use crate::exec::segment::{Inverted, SegmentContext};
use crate::exec::window::{Bits, SegmentBits, WORD, window_of};
use crate::exec::zones::TermZones;

/// The documents of some terms: those of frequent ones lie in zone maps, the others are collected beforehand.
pub(super) struct Union {
    mapped: Vec<TermZones>,
    listed: SegmentBits,
    /// How many postings the terms have.
    postings: u64,
    /// Whether each document has one of the terms at most.
    is_disjoint: bool,
}

impl Matcher for Union {
    fn seek(&mut self, base: DocId) -> DocId {
        let listed = window_of(self.listed.next(base));
        self.mapped.iter().map(|term| term.seek(base)).fold(listed, DocId::min)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        for (number, word) in (base / WORD..).zip(candidates.words_mut()) {
            let mapped = self.mapped.iter().fold(0, |all, term| all | term.word(number));
            *word &= mapped | self.listed.word(number);
        }
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn count(&self) -> Option<u64> {
        self.is_disjoint.then_some(self.postings)
    }

    fn cost(&self) -> u64 {
        self.postings
    }
}

/// Collects the documents of terms; the postings' buffers are used for all of them.
pub(super) struct PostingsCollector<'a> {
    segment: SegmentContext<'a>,
    /// The field of the terms; none: they are `_id`s.
    path: Option<&'a str>,
    index: &'a Inverted,
    postings: Option<BlockSegmentPostings>,
    found: Union,
}

impl<'a> PostingsCollector<'a> {
    /// A collector of the terms of a field; none: of `_id`s.
    pub(super) fn new(segment: SegmentContext<'a>, path: Option<&'a str>, index: &'a Inverted) -> Self {
        let (mapped, listed) = (Vec::new(), SegmentBits::default());
        Self { segment, path, index, postings: None, found: Union { mapped, listed, postings: 0, is_disjoint: false } }
    }

    /// Adds the documents of a term.
    pub(super) fn add(&mut self, term: &TermInfo) -> Result<()> {
        let Self { segment, path, index, postings, found } = self;
        found.postings += u64::from(term.doc_freq);
        if let Some(path) = path
            && let Some(zones) = segment.term_zones(path, term, None)?
        {
            found.mapped.push(zones);
            return Ok(());
        }
        let postings = match postings {
            Some(postings) => {
                index.reader.reset_block_postings_from_terminfo(term, postings).map_err(storage_error)?;
                postings
            }
            none => none.insert(index.postings_of(term, IndexRecordOption::Basic)?),
        };
        found.listed.grow(segment.max_doc());
        while postings.block_len() > 0 {
            postings.docs().iter().for_each(|doc| found.listed.insert(*doc));
            postings.advance();
        }
        Ok(())
    }

    /// The documents of the terms, each of which was added once.
    pub(super) fn finish(mut self) -> Result<Union> {
        self.found.is_disjoint = match self.path {
            Some(path) => self.has_single_terms(path)?,
            None => false,
        };
        Ok(self.found)
    }

    /// Whether every document has at most one term of the field: its column holds the terms, and of no document several.
    fn has_single_terms(&self, path: &str) -> Result<bool> {
        let column = self.segment.segment.columns(self.segment.mapping).column(path)?;
        Ok(column.is_text() && !column.is_multivalued())
    }
}
