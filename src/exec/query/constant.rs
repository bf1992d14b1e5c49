//! `constant_score`: every match scores the same.

use tantivy::DocId;

use super::{BoxMatcher, Matcher};
use crate::error::Result;
use crate::exec::window::{Bits, Scores};

/// A query that is not scored, and the score of its matches.
pub(super) struct Constant<'a> {
    query: BoxMatcher<'a>,
    score: f32,
}

impl<'a> Constant<'a> {
    pub(super) fn new(query: BoxMatcher<'a>, score: f32) -> Self {
        Self { query, score }
    }
}

impl Matcher for Constant<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        self.query.seek(base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        self.query.matches(base, candidates)
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        scores.fill(self.score);
        self.query.matches(base, candidates)
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
