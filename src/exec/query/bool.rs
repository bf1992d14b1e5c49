//! `bool`: required, excluded and optional clauses.

use tantivy::DocId;

use super::{BoxMatcher, Matcher, matcher as any_matcher};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{self, Bits, NO_DOC, Scores, WINDOW};
use crate::exec::zones::TermZones;
use crate::plan::query::{BoolQuery, Query, Scope};

/// Prepares a `bool` query.
pub(super) fn matcher<'a>(segment: SegmentContext<'a>, query: &'a BoolQuery) -> Result<BoxMatcher<'a>> {
    let tests = || {
        let of_role = |queries: &'a [Query], role| queries.iter().map(move |query| (query, role));
        of_role(&query.must, Role::Scored)
            .chain(of_role(&query.filter, Role::Required))
            .chain(of_role(&query.must_not, Role::Excluded))
    };
    let clauses = tests()
        .map(|(query, role)| Ok(Clause { query: any_matcher(query, segment)?, role }))
        .collect::<Result<Vec<_>>>()?;
    let order = |scope| {
        let runs = |query: &Query, role| query.runs_script(if role == Role::Scored { scope } else { Scope::Filter });
        let clauses = tests().zip(&clauses).map(|((query, role), clause)| Placed {
            runs_script: runs(query, role),
            // A solved script costs what a range does.
            script_cost: if matches!(query, Query::ScriptRange(_)) { 0.0 } else { segment.scripts.cost_of(query) },
            keeps_place: clause.query.keeps_place(),
            cost: clause.query.cost(),
        });
        Order::new(&clauses.collect::<Vec<_>>(), query.should.iter().any(|query| query.runs_script(scope)))
    };
    Ok(Box::new(Bool {
        scored: query.must.len(),
        filter_order: order(Scope::Filter),
        score_order: order(Scope::Scored),
        tests: clauses,
        counts: if query.minimum_should_match > 1 { vec![0; WINDOW as usize] } else { Vec::new() },
        minimum_should_match: query.minimum_should_match,
        should: query.should.iter().map(|q| any_matcher(q, segment)).collect::<Result<_>>()?,
        max_doc: segment.max_doc(),
        scratch: window::scores(),
        sums: Box::new([0.0; WINDOW as usize]),
    }))
}

/// What decides where a clause is evaluated.
struct Placed {
    runs_script: bool,
    /// What its scripts cost, in nanoseconds a document.
    script_cost: f64,
    keeps_place: bool,
    /// What the clause costs beside its scripts.
    cost: u64,
}

/// In which order the clauses are evaluated: the cheapest first, and scripts after everything else.
///
/// Which documents a script sees decides whether it fails, so it must not depend on how large a segment is: clauses
/// that run scripts come last, the optional clauses as early as they may. A script that can fail by itself keeps the place
/// that it has in the body among them; others are free to move, the dearest last, but never past one that cannot.
struct Order {
    steps: Vec<Step>,
    /// How many steps come before the first that can fail, and that one: only those may say which windows are passed
    /// over, since what a later one drops the failing one has to see.
    leading: usize,
}

#[derive(Clone, Copy)]
enum Step {
    /// The clause of this index must pass.
    Test(usize),
    /// The optional clauses.
    Optional,
}

impl Order {
    fn new(clauses: &[Placed], optional_runs_script: bool) -> Self {
        let keeps_place = |i: usize| clauses[i].runs_script && clauses[i].keeps_place;
        // How many clauses that keep their place stand before one, counted twice, and itself once.
        let mut before = 0;
        let places = (0..clauses.len()).map(|i| {
            let place = if !clauses[i].runs_script { 0 } else { 2 * before + usize::from(keeps_place(i)) };
            before += usize::from(keeps_place(i));
            place
        });
        let places: Vec<usize> = places.collect();
        let mut order: Vec<usize> = (0..clauses.len()).collect();
        order.sort_by(|a, b| {
            let [(a, x), (b, y)] = [a, b].map(|i| (places[*i], &clauses[*i]));
            let by_cost = x.script_cost.total_cmp(&y.script_cost).then(x.cost.cmp(&y.cost));
            a.cmp(&b).then(by_cost)
        });
        let free = places.iter().filter(|place| **place == 0).count();
        let mut steps: Vec<Step> = order.into_iter().map(Step::Test).collect();
        steps.insert(if optional_runs_script { steps.len() } else { free }, Step::Optional);
        let keeps = |step: &Step| matches!(step, Step::Test(i) if keeps_place(*i));
        let leading = steps.iter().position(keeps).map_or(steps.len(), |first| first + 1);
        Self { steps, leading }
    }
}

/// The clauses of a `bool` query and room to add their scores up.
struct Bool<'a> {
    /// What every match must pass.
    tests: Vec<Clause<'a>>,
    filter_order: Order,
    score_order: Order,
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
            // More scripts run where scores are wanted, so that what leads there leads in a filter, too.
            for step in &self.score_order.steps[..self.score_order.leading] {
                match step {
                    Step::Test(i) if self.tests[*i].role == Role::Excluded => {}
                    Step::Test(i) => at = self.tests[*i].query.seek(at),
                    Step::Optional if self.minimum_should_match == 0 => {}
                    Step::Optional => at = self.should.iter_mut().map(|q| q.seek(at)).min().unwrap_or(NO_DOC),
                }
            }
            if at == NO_DOC || at == before {
                return at;
            }
        }
    }

    fn scores_by_lookup(&self) -> Option<&TermZones> {
        match self.tests.first() {
            Some(only) if self.scored == 1 && self.should.is_empty() => only.query.scores_by_lookup(),
            _ => None,
        }
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        for at in 0..self.filter_order.steps.len() {
            if candidates.is_empty() {
                return Ok(());
            }
            match self.filter_order.steps[at] {
                Step::Test(i) => self.tests[i].narrow(base, candidates)?,
                Step::Optional if self.minimum_should_match == 0 => {}
                Step::Optional => self.optional(base, candidates, false)?,
            }
        }
        Ok(())
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        let only = self.scored == 1 && self.should.is_empty();
        self.sums.fill(0.0);
        for at in 0..self.score_order.steps.len() {
            if candidates.is_empty() {
                return Ok(());
            }
            let clause = match self.score_order.steps[at] {
                Step::Test(i) => &mut self.tests[i],
                Step::Optional if self.should.is_empty() => continue,
                Step::Optional => {
                    self.optional(base, candidates, true)?;
                    continue;
                }
            };
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

    fn goes_back(&self) -> bool {
        self.tests.iter().map(|clause| &clause.query).chain(&self.should).all(|query| query.goes_back())
    }

    fn keeps_place(&self) -> bool {
        self.tests.iter().any(|clause| clause.query.keeps_place())
            || self.should.iter().any(|query| query.keeps_place())
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
