//! The bounds of a `bool`: its clauses one after the other, as long as documents reach them.

use super::query::QueryBounds;
use super::range::Sum;
use super::{Matches, Verdict, Verdicts};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{LANES, ZoneList};
use crate::plan::query::{BoolQuery, Query, Scope};

/// The clauses of a `bool`, in the order in which they are evaluated.
pub(super) struct BoolBounds {
    steps: Vec<Step>,
    minimum_should_match: u32,
    /// Whether the score is that of the one scored clause, as it is.
    is_single: bool,
    /// What is known of a clause.
    found: Box<Verdicts>,
    /// The sums of the scores of the clauses so far.
    sums: Box<[Sum; LANES]>,
    /// Of the optional clauses, how many match.
    tallies: Box<[Tally; LANES]>,
}

/// How many optional clauses match.
#[derive(Clone, Copy, Default)]
struct Tally {
    perhaps: u32,
    surely: u32,
    fails: bool,
}

enum Step {
    Scored(QueryBounds),
    Required(QueryBounds),
    Excluded(QueryBounds),
    /// The optional clauses.
    Optional(Vec<QueryBounds>),
}

impl BoolBounds {
    /// Prepares the bounds of a `bool` over root documents.
    pub(super) fn new(segment: SegmentContext<'_>, query: &BoolQuery, scope: Scope) -> Result<Self> {
        let BoolQuery { must, filter, should, must_not, minimum_should_match } = query;
        // Clauses that run scripts come after all others, in the order of the body; the optional ones as early as they may.
        let (mut first, mut last) = (Vec::new(), Vec::new());
        let mut place = |query: &Query, scope, step: fn(QueryBounds) -> Step| {
            let bounds = QueryBounds::new(segment, query, scope)?;
            if query.runs_script(scope) { &mut last } else { &mut first }.push(step(bounds));
            Ok::<_, crate::error::Error>(())
        };
        for query in must {
            place(query, scope, Step::Scored)?;
        }
        for query in filter {
            place(query, Scope::Filter, Step::Required)?;
        }
        for query in must_not {
            place(query, Scope::Filter, Step::Excluded)?;
        }
        if scope == Scope::Scored || *minimum_should_match > 0 {
            let optional = should.iter().map(|query| QueryBounds::new(segment, query, scope));
            let optional = Step::Optional(optional.collect::<Result<_>>()?);
            if should.iter().any(|query| query.runs_script(scope)) { &mut last } else { &mut first }.push(optional);
        }
        first.append(&mut last);
        let is_single = must.len() == 1 && should.is_empty();
        Ok(Self {
            steps: first,
            minimum_should_match: *minimum_should_match,
            is_single,
            found: Box::new(Verdicts::new()),
            sums: Box::new([Sum::ZERO; LANES]),
            tallies: Box::new([Tally::default(); LANES]),
        })
    }

    /// What is known of some zones.
    pub(super) fn judge(&mut self, list: &ZoneList, verdicts: &mut Verdicts) {
        let Self { steps, minimum_should_match, is_single, found, sums, tallies } = self;
        let minimum = *minimum_should_match;
        verdicts.fill(list.len, Verdict::constant(Matches::All, 0.0));
        sums[..list.len].fill(Sum::ZERO);
        for step in steps {
            match step {
                Step::Scored(query) => {
                    query.judge(list, found);
                    verdicts.each(list.len, |lane, verdict| {
                        sums[lane].add(found.score(lane));
                        let score = found.score(lane);
                        Verdict { score, ..verdict.and(found.matches[lane], found.fails[lane]) }
                    });
                }
                Step::Required(query) => {
                    query.judge(list, found);
                    verdicts.each(list.len, |lane, verdict| verdict.and(found.matches[lane], found.fails[lane]));
                }
                Step::Excluded(query) => {
                    query.judge(list, found);
                    verdicts.each(list.len, |lane, verdict| {
                        let passing = match found.matches[lane] {
                            Matches::None => Matches::All,
                            Matches::Some => Matches::Some,
                            Matches::All => Matches::None,
                        };
                        verdict.and(passing, found.fails[lane])
                    });
                }
                Step::Optional(queries) => {
                    tallies[..list.len].fill(Tally::default());
                    for query in queries {
                        query.judge(list, found);
                        for (lane, (tally, sum)) in tallies.iter_mut().zip(sums.iter_mut()).enumerate().take(list.len) {
                            tally.add(found.get(lane), sum);
                        }
                    }
                    verdicts.each(list.len, |lane, verdict| {
                        let Tally { perhaps, surely, fails } = tallies[lane];
                        verdict.and(Matches::of(surely < minimum, perhaps >= minimum), fails)
                    });
                }
            }
            if verdicts.matching(list.len).next().is_none() {
                return;
            }
        }
        if !*is_single {
            verdicts.each(list.len, |lane, verdict| match verdict.matches {
                Matches::None => verdict,
                _ => Verdict { score: sums[lane].rounded(), ..verdict },
            });
        }
    }
}

impl Verdict {
    /// What is left where another test has to hold, too; where nothing reaches it, it cannot fail.
    fn and(self, matches: Matches, fails: bool) -> Self {
        match (self.matches, self.matches.and(matches)) {
            (Matches::None, _) => self,
            (_, Matches::None) => Self::nothing(self.fails || fails),
            (_, matches) => Self { matches, fails: self.fails || fails, ..self },
        }
    }
}

impl Tally {
    /// Counts an optional clause, and adds its score.
    fn add(&mut self, found: Verdict, sum: &mut Sum) {
        self.fails |= found.fails;
        match found.matches {
            Matches::None => {}
            Matches::Some => {
                self.perhaps += 1;
                sum.add_perhaps(found.score);
            }
            Matches::All => {
                (self.perhaps, self.surely) = (self.perhaps + 1, self.surely + 1);
                sum.add(found.score);
            }
        }
    }
}
