//! `bool`: required, excluded and optional clauses.

use tantivy::DocId;

use super::{BoxMatcher, Matcher, matcher as any_matcher};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{self, Bits, NO_DOC, Scores, WINDOW};
use crate::plan::query::{BoolQuery, Query};

/// Prepares a `bool` query.
pub(super) fn matcher<'a>(segment: SegmentContext<'a>, query: &'a BoolQuery) -> Result<BoxMatcher<'a>> {
    let mut tests = Vec::with_capacity(query.must.len() + query.filter.len() + query.must_not.len());
    for (queries, role) in
        [(&query.must, Role::Scored), (&query.filter, Role::Required), (&query.must_not, Role::Excluded)]
    {
        for query in queries {
            tests.push(Clause { query: any_matcher(query, segment)?, role, has_script: query.has_script() });
        }
    }
    // Which documents a script sees, and so whether it fails, must not depend on how large a segment is: scripts come
    // after everything else and in the order of the body. Among the others, too, equals stay in that order.
    tests.sort_by_key(|clause| (clause.has_script, if clause.has_script { 0 } else { clause.query.cost() }));
    let without_script = tests.partition_point(|clause| !clause.has_script);
    let should = query.should.iter().map(|q| any_matcher(q, segment)).collect::<Result<Vec<_>>>()?;
    let should_has_script = query.should.iter().any(Query::has_script);
    Ok(Box::new(Bool {
        optional_at: if should_has_script { tests.len() } else { without_script },
        scored: tests.iter().filter(|clause| clause.role == Role::Scored).count(),
        tests,
        counts: if query.minimum_should_match > 1 { vec![0; WINDOW as usize] } else { Vec::new() },
        minimum_should_match: query.minimum_should_match,
        should,
        max_doc: segment.max_doc(),
        scratch: window::scores(),
        sums: Box::new([0.0; WINDOW as usize]),
    }))
}

/// The clauses of a `bool` query and room to add their scores up.
struct Bool<'a> {
    /// What every match must pass: cheapest first, then what runs scripts.
    tests: Vec<Clause<'a>>,
    /// Before which of `tests` the optional clauses are evaluated.
    optional_at: usize,
    should: Vec<BoxMatcher<'a>>,
    minimum_should_match: u32,
    /// How many of `tests` are scored.
    scored: usize,
    max_doc: DocId,
    scratch: Box<Scores>,
    /// Lucene adds scores up as doubles; the order of clauses then hardly shows.
    sums: Box<[f64; WINDOW as usize]>,
    /// How many optional clauses match, where more than one must.
    counts: Vec<u32>,
}

struct Clause<'a> {
    query: BoxMatcher<'a>,
    role: Role,
    has_script: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Scored,
    Required,
    Excluded,
}

impl Bool<'_> {
    /// Keeps what enough optional clauses match; `sums` gets their scores, if wanted.
    fn optional(&mut self, base: DocId, candidates: &mut Bits, scored: bool) -> Result<()> {
        let mut found = Bits::default();
        self.counts.fill(0);
        for query in &mut self.should {
            let mut matching = *candidates;
            if scored {
                query.score(base, &mut matching, &mut self.scratch)?;
                add(&mut self.sums, &self.scratch, &matching);
            } else {
                if self.minimum_should_match == 1 {
                    matching.and_not(&found);
                }
                query.matches(base, &mut matching)?;
            }
            found.or(&matching);
            if self.minimum_should_match > 1 {
                for at in matching.iter() {
                    self.counts[at as usize] += 1;
                }
            }
        }
        match self.minimum_should_match {
            0 => {}
            1 => candidates.and(&found),
            minimum => candidates.retain(|at| found.contains(at) && self.counts[at as usize] >= minimum),
        }
        Ok(())
    }
}

impl Matcher for Bool<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        if base >= self.max_doc || self.should.len() < self.minimum_should_match as usize {
            return NO_DOC;
        }
        let mut at = base;
        loop {
            let before = at;
            for clause in self.tests.iter_mut().filter(|clause| clause.role != Role::Excluded) {
                at = clause.query.seek(at);
            }
            if self.minimum_should_match > 0 {
                at = self.should.iter_mut().map(|q| q.seek(at)).min().unwrap_or(NO_DOC);
            }
            if at == NO_DOC || at == before {
                return at;
            }
        }
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        for at in 0..=self.tests.len() {
            if candidates.is_empty() {
                return Ok(());
            }
            if at == self.optional_at && self.minimum_should_match > 0 {
                self.optional(base, candidates, false)?;
            }
            if let Some(clause) = self.tests.get_mut(at) {
                clause.narrow(base, candidates)?;
            }
        }
        Ok(())
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        let only = self.scored == 1 && self.should.is_empty();
        self.sums.fill(0.0);
        for at in 0..=self.tests.len() {
            if candidates.is_empty() {
                return Ok(());
            }
            if at == self.optional_at && !self.should.is_empty() {
                self.optional(base, candidates, true)?;
            }
            let Some(clause) = self.tests.get_mut(at) else { break };
            match clause.role {
                Role::Scored if only => clause.query.score(base, candidates, scores)?,
                Role::Scored => {
                    clause.query.score(base, candidates, &mut self.scratch)?;
                    add(&mut self.sums, &self.scratch, candidates);
                }
                Role::Required | Role::Excluded => clause.narrow(base, candidates)?,
            }
        }
        if only {
            return Ok(());
        }
        for (score, sum) in scores.iter_mut().zip(self.sums.iter()) {
            *score = *sum as f32;
        }
        Ok(())
    }

    fn cost(&self) -> u64 {
        let required = self.tests.iter().filter(|c| c.role != Role::Excluded).map(|c| c.query.cost()).min();
        let optional: u64 = self.should.iter().map(|q| q.cost()).sum();
        match required {
            Some(required) => required,
            None if self.minimum_should_match > 0 => optional,
            None => u64::from(self.max_doc),
        }
    }
}

impl Clause<'_> {
    /// Keeps the candidates that pass the clause, without a score.
    fn narrow(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        if self.role != Role::Excluded {
            return self.query.matches(base, candidates);
        }
        let mut excluded = *candidates;
        self.query.matches(base, &mut excluded)?;
        candidates.and_not(&excluded);
        Ok(())
    }
}

fn add(sums: &mut [f64; WINDOW as usize], scores: &Scores, matching: &Bits) {
    for at in matching.iter() {
        sums[at as usize] += f64::from(scores[at as usize]);
    }
}
