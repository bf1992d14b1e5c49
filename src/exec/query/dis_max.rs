//! `dis_max`: the best score counts, and a share of the others.

use tantivy::DocId;

use super::{BoxMatcher, Matcher};
use crate::error::Result;
use crate::exec::window::{self, Bits, NO_DOC, Scores, WINDOW};

/// The queries and the factor for all scores but the best.
pub(super) struct DisMax<'a> {
    queries: Vec<BoxMatcher<'a>>,
    tie_breaker: f32,
    scratch: Box<Scores>,
    others: Box<[f64; WINDOW as usize]>,
}

impl<'a> DisMax<'a> {
    pub(super) fn new(queries: Vec<BoxMatcher<'a>>, tie_breaker: f32) -> Self {
        Self { queries, tie_breaker, scratch: window::scores(), others: Box::new([0.0; WINDOW as usize]) }
    }
}

impl Matcher for DisMax<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        self.queries.iter_mut().map(|q| q.seek(base)).min().unwrap_or(NO_DOC)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        let mut found = Bits::default();
        for query in &mut self.queries {
            let mut rest = *candidates;
            rest.and_not(&found);
            query.matches(base, &mut rest)?;
            found.or(&rest);
        }
        *candidates = found;
        Ok(())
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        let mut found = Bits::default();
        scores.fill(0.0);
        self.others.fill(0.0);
        for query in &mut self.queries {
            let mut matching = *candidates;
            query.score(base, &mut matching, &mut self.scratch)?;
            for at in matching.iter() {
                let (i, score) = (at as usize, self.scratch[at as usize]);
                let (best, other) =
                    if found.contains(at) { (scores[i].max(score), scores[i].min(score)) } else { (score, 0.0) };
                scores[i] = best;
                self.others[i] += f64::from(other);
            }
            found.or(&matching);
        }
        for at in found.iter() {
            let i = at as usize;
            scores[i] = (f64::from(scores[i]) + self.others[i] * f64::from(self.tie_breaker)) as f32;
        }
        *candidates = found;
        Ok(())
    }

    fn goes_back(&self) -> bool {
        self.queries.iter().all(|query| query.goes_back())
    }

    fn keeps_place(&self) -> bool {
        self.queries.iter().any(|query| query.keeps_place())
    }

    fn cost(&self) -> u64 {
        self.queries.iter().map(|q| q.cost()).sum()
    }
}
