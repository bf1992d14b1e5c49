//! `boosting`: matches of the positive query; those of the negative one are demoted.

use tantivy::DocId;

use super::{BoxMatcher, Matcher};
use crate::error::Result;
use crate::exec::window::{Bits, Scores};

/// The two queries and the factor for the scores of what matches both.
pub(super) struct Boosting<'a> {
    positive: BoxMatcher<'a>,
    negative: BoxMatcher<'a>,
    negative_boost: f32,
}

impl<'a> Boosting<'a> {
    pub(super) fn new(positive: BoxMatcher<'a>, negative: BoxMatcher<'a>, negative_boost: f32) -> Self {
        Self { positive, negative, negative_boost }
    }
}

impl Matcher for Boosting<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        self.positive.seek(base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        self.positive.matches(base, candidates)
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        self.positive.score(base, candidates, scores)?;
        let mut demoted = *candidates;
        self.negative.matches(base, &mut demoted)?;
        for at in demoted.iter() {
            scores[at as usize] *= self.negative_boost;
        }
        Ok(())
    }

    fn goes_back(&self) -> bool {
        self.positive.goes_back() && self.negative.goes_back()
    }

    fn count(&self) -> Option<u64> {
        self.positive.count()
    }

    fn keeps_place(&self) -> bool {
        self.positive.keeps_place() || self.negative.keeps_place()
    }

    fn cost(&self) -> u64 {
        self.positive.cost()
    }
}
