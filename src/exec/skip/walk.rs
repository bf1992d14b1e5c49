//! Walks over the zones of a segment: the best first, then the rest in document order, never one that cannot matter.

mod ahead;
mod best;
mod gate;
mod outlook;
mod visit;

use std::ops::Range;

use ahead::Ahead;
use gate::{Action, Gate};
use outlook::script_cost;

use super::judge::Judge;
use super::judgement::{GROUP, Judgement, Judgements, State};
use super::patience::Patience;
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::metrics::Stopwatch;
use crate::exec::ones::Ones;
use crate::exec::operator::line::{Line, Work};
use crate::exec::operator::source::Windows;
use crate::exec::pipeline::Found;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{NO_DOC, WINDOW};
use crate::exec::zones::{Level, ZoneList};
use crate::plan::query::Query;
use crate::pushdown::cost;
use crate::pushdown::fragment::Fragment;

/// How a walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Walked {
    /// Everything was visited that matters.
    Done,
    /// The deadline came before the end.
    TimedOut,
    /// Bounds do not help here; what was found and counted is to be forgotten.
    GaveUp,
}

/// A walk over a segment.
pub(crate) struct Walk<'a> {
    segment: SegmentContext<'a>,
    fragment: &'a Fragment,
    judge: Judge,
    windows: Windows<'a>,
    /// Documents that wait for enough of their kind, and what they are wanted for.
    batch: Batch,
    work: Work,
    /// The segment's number in its shard.
    number: u32,
    /// What is known of each window.
    coarse: Judgements,
    /// Which fine zones of each window have been visited.
    visited: Vec<u32>,
    /// Whether matches are counted as they are found.
    counts: bool,
    /// How many were counted before, in other segments.
    counted_before: u64,
    patience: Patience,
    /// What is known of the zones of the next windows.
    ahead: Ahead,
}

/// In a segment of so few windows, it hardly matters what is skipped: nothing is given up.
const FEW: u32 = 16;

/// The key of infinity in a descending sort, and of minus infinity in an ascending one.
const UNBOUNDED: u64 = !(0xFFF << 52);

/// So many documents are evaluated together: fewer would cost more each, of more the threshold would be known too late.
const ENOUGH: usize = 512;

impl<'a> Walk<'a> {
    /// Prepares a walk over the matches of a fragment's query, as the segment rewrites it; none where judging zones would cost
    /// more than it can save.
    pub(crate) fn new(
        segment: SegmentContext<'a>,
        fragment: &'a Fragment,
        query: &'a Query,
        number: u32,
    ) -> Result<Option<Self>> {
        let windows = Windows::new(segment, query, fragment.scored)?;
        let zones = segment.max_doc().div_ceil(WINDOW);
        // Where all matches are as good, the first are the best.
        let is_certain = fragment.top_hits.sort.is_empty() && fragment.score.is_none() && query.scores_alike();
        if zones > FEW && !cost::judging_pays(windows.cost(), script_cost(fragment), zones, is_certain) {
            return Ok(None);
        }
        Ok(Some(Self {
            segment,
            fragment,
            judge: Judge::new(segment, fragment, query)?,
            windows,
            batch: Batch::new(),
            work: Work::Collect,
            number,
            coarse: Judgements::with_room((zones as usize).next_multiple_of(GROUP)),
            visited: vec![0; zones as usize],
            counts: true,
            counted_before: 0,
            patience: Patience::default(),
            ahead: Ahead::new(),
        }))
    }

    /// Finds the best hits and counts.
    pub(crate) fn run(mut self, line: &mut Line<'a>, found: &mut Found) -> Result<Walked> {
        self.counted_before = found.counter.value();
        if !found.counter.is_done()
            && let Some(count) = self.known_count()?
        {
            found.counter.add(count as usize);
            self.counts = false;
        }
        for windows in ZoneList::all(Level::Coarse, self.segment.max_doc()) {
            self.judge.judge(&windows, &mut self.coarse);
        }
        self.coarse.pad(GROUP);
        if self.is_unbounded(found) {
            found.metrics.zones.given_up += 1;
            return Ok(Walked::GaveUp);
        }
        if !self.fragment.top_hits.has_nested_key() && !self.visit_best(line, found)? {
            found.metrics.zones.given_up += 1;
            return Ok(Walked::GaveUp);
        }
        self.visit_rest(line, found)
    }

    /// Whether nothing is known of any window.
    fn is_unbounded(&self, found: &Found) -> bool {
        let is_unknown = |Judgement { key, state, .. }: Judgement| {
            state.has(State::FAILS) || (key <= UNBOUNDED && state.has(State::SOME))
        };
        let windows = self.visited.len();
        found.best.limit() > 0 && windows > FEW as usize && (0..windows).all(|at| is_unknown(self.coarse.get(at)))
    }

    /// The number of matches where it is known without looking at them.
    fn known_count(&self) -> Result<Option<u64>> {
        if self.drops_matches() { Ok(None) } else { self.windows.count() }
    }

    /// Whether not all matches of the query count: some score too low, or fail a test.
    fn drops_matches(&self) -> bool {
        let Fragment { score, min_score, .. } = self.fragment;
        min_score.is_some()
            || score.as_ref().is_some_and(|scoring| scoring.min_score.is_some())
            || self.fragment.tests_matches()
    }

    fn visit_rest(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<Walked> {
        let mut number = 0;
        while let Some(visited) = self.visited.get(number as usize) {
            let (first, rest) = (number * WINDOW, !visited);
            found.metrics.zones.coarse += 1;
            let action = self.gate(found).action(first, &self.coarse.get(number as usize));
            if action == Action::Skip || rest == 0 {
                found.metrics.zones.coarse_skipped += u64::from(rest != 0);
                number += 1;
                continue;
            }
            let base = self.windows.seek(first);
            if base == NO_DOC {
                break;
            }
            if base > first {
                // Nothing matches before that window.
                number = base / WINDOW;
                continue;
            }
            if self.segment.execution.deadline.is_over() {
                return Ok(Walked::TimedOut);
            }
            found.metrics.zones.coarse_skipped += u64::from(action != Action::Visit);
            match action {
                Action::Visit => self.visit(number, rest, line, found)?,
                Action::Count => self.evaluate(number, rest, Work::Count, line, found)?,
                Action::CountAll => self.count_all(number, rest, found),
                Action::Skip => {}
            }
            number += 1;
        }
        self.flush(line, found)?;
        Ok(Walked::Done)
    }

    /// The windows among some that are visited.
    fn windows_to_visit(&self, among: Range<u32>, gate: &Gate) -> impl Iterator<Item = u32> {
        ones(among, |at| gate.actions(&self.coarse, at, |lane| (at + lane) as u32 * WINDOW).visit)
    }

    /// The windows that may hold a hit, and the keys of their best.
    fn open_windows(&self, gate: &Gate) -> impl Iterator<Item = (u64, u32)> {
        let windows = 0..self.visited.len() as u32;
        let open = ones(windows, |at| gate.open(&self.coarse, at, |lane| (at + lane) as u32 * WINDOW));
        open.map(|number| (self.coarse.keys[number as usize], number))
    }

    /// What zones have to pass now.
    fn gate(&self, found: &Found) -> Gate {
        Gate::new(found, self.segment.execution.threshold.get(), self.number, self.counts)
    }
}

/// The numbers among some whose bits are set in the groups that start with each eighth.
fn ones(among: Range<u32>, group: impl Fn(usize) -> u8) -> impl Iterator<Item = u32> {
    let first = among.start - among.start % GROUP as u32;
    let groups = (first..among.end).step_by(GROUP);
    let all = groups.flat_map(move |at| Ones(group(at as usize).into()).map(move |lane| at + lane));
    all.filter(move |number| among.contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::skip::field::best_double;
    use crate::plan::interval::Doubles;

    #[test]
    fn infinities_are_no_bounds() {
        let (least, most) = (f64::NEG_INFINITY, f64::INFINITY);
        let key = |lo, hi, descending| best_double(Doubles::new(lo, hi), descending);
        assert_eq!([true, false].map(|descending| key(least, most, descending)), [UNBOUNDED; 2]);
        assert!(key(least, f64::MAX, true) > UNBOUNDED);
        assert!(key(f64::MIN, most, false) > UNBOUNDED);
    }
}
