//! A query whose score is multiplied.

use tantivy::DocId;

use super::{BoxMatcher, Matcher};
use crate::error::Result;
use crate::exec::window::{Bits, Scores};

/// A query and the factor for its score.
pub(super) struct Boost<'a> {
    query: BoxMatcher<'a>,
    boost: f32,
}

impl<'a> Boost<'a> {
    pub(super) fn new(query: BoxMatcher<'a>, boost: f32) -> Self {
        Self { query, boost }
    }
}

impl Matcher for Boost<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        self.query.seek(base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        self.query.matches(base, candidates)
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        self.query.score(base, candidates, scores)?;
        for score in scores {
            *score *= self.boost;
        }
        Ok(())
    }

    fn goes_back(&self) -> bool {
        self.query.goes_back()
    }

    fn count(&self) -> Option<u64> {
        self.query.count()
    }

    fn keeps_place(&self) -> bool {
        self.query.keeps_place()
    }

    fn cost(&self) -> u64 {
        self.query.cost()
    }
}
