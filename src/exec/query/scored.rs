//! `script_score` and `function_score` inside a query tree: the score of a query's matches, computed as a batch.

use tantivy::DocId;

use super::{BoxMatcher, Matcher, matcher as any_matcher};
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::operator::score::Score;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, Scores, WINDOW};
use crate::plan::query::ScoredQuery;

/// Prepares a query with a computed score.
pub(super) fn matcher<'a>(segment: SegmentContext<'a>, query: &'a ScoredQuery) -> Result<BoxMatcher<'a>> {
    Ok(Box::new(Scored {
        query: any_matcher(&query.query, segment)?,
        score: Score::new(segment, query.script, &query.filters, query.min_score, 1.0)?,
        batch: Batch::new(),
    }))
}

/// A query and what computes its score.
struct Scored<'a> {
    query: BoxMatcher<'a>,
    score: Score<'a>,
    batch: Batch,
}

impl Matcher for Scored<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        self.query.seek(base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        // Without a lower bound, the score does not decide what matches: the script does not run.
        if !self.score.drops_documents() {
            return self.query.matches(base, candidates);
        }
        let mut scores = [0.0; WINDOW as usize];
        self.score(base, candidates, &mut scores)
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        if self.score.uses_score() {
            self.query.score(base, candidates, scores)?;
        } else {
            self.query.matches(base, candidates)?;
        }
        self.batch.clear();
        self.batch.extend_window(base, candidates, scores);
        self.score.apply(&mut self.batch)?;
        *candidates = Bits::default();
        for (doc, score) in self.batch.docs().iter().zip(self.batch.scores()) {
            candidates.insert(doc - base);
            scores[(doc - base) as usize] = *score;
        }
        Ok(())
    }

    fn count(&self) -> Option<u64> {
        if self.score.drops_documents() { None } else { self.query.count() }
    }

    fn keeps_place(&self) -> bool {
        self.query.keeps_place() || self.score.keeps_place()
    }

    fn cost(&self) -> u64 {
        self.query.cost()
    }
}
