//! Walks over the zones of a segment: the best first, then the rest in document order, never one that cannot matter.

mod ahead;
mod best;
mod gate;
mod outlook;

use ahead::Ahead;
use gate::{Action, Gate};
use outlook::script_cost;

use super::Matches;
use super::judge::{Judge, Judgement};
use super::patience::Patience;
use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::metrics::Stopwatch;
use crate::exec::operator::line::{Line, Work};
use crate::exec::operator::source::Windows;
use crate::exec::pipeline::Found;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{NO_DOC, WINDOW};
use crate::exec::zones::{FINE, Level, ZoneList};
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
    coarse: Vec<Judgement>,
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

/// How many fine zones a window has.
const FINE_LANES: usize = FINE as usize;

impl<'a> Walk<'a> {
    /// Prepares a walk; none where judging zones would cost more than it can save.
    pub(crate) fn new(segment: SegmentContext<'a>, fragment: &'a Fragment, number: u32) -> Result<Option<Self>> {
        let windows = Windows::new(segment, &fragment.query, fragment.scored)?;
        let zones = segment.max_doc().div_ceil(WINDOW);
        // Where all matches are as good, the first are the best.
        let is_certain = fragment.top_hits.sort.is_empty() && fragment.score.is_none() && fragment.query.scores_alike();
        if zones > FEW && !cost::judging_pays(windows.cost(), script_cost(fragment), zones, is_certain) {
            return Ok(None);
        }
        Ok(Some(Self {
            segment,
            fragment,
            judge: Judge::new(segment, fragment)?,
            windows,
            batch: Batch::new(),
            work: Work::Collect,
            number,
            coarse: Vec::with_capacity(zones as usize),
            visited: vec![0; zones as usize],
            counts: true,
            counted_before: 0,
            patience: Patience::default(),
            ahead: Ahead::default(),
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
            self.coarse.extend_from_slice(self.judge.judge(&windows));
        }
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
        let is_unknown = |known: &Judgement| known.fails || (known.key <= UNBOUNDED && known.matches != Matches::None);
        found.best.limit() > 0 && self.coarse.len() > FEW as usize && self.coarse.iter().all(is_unknown)
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
        while let Some(known) = self.coarse.get(number as usize).copied() {
            let (first, rest) = (number * WINDOW, !self.visited[number as usize]);
            found.metrics.zones.coarse += 1;
            let action = self.gate(found).action(first, &known);
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
            if action == Action::Visit {
                self.visit(number, rest, line, found)?;
            } else {
                found.metrics.zones.coarse_skipped += 1;
                self.count(number, rest, known.matches, line, found)?;
            }
            number += 1;
        }
        self.flush(line, found)?;
        Ok(Walked::Done)
    }

    /// Evaluates those of some fine zones of a window that matter.
    fn visit(&mut self, number: u32, rest: u32, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        if !self.patience.judges() {
            return self.evaluate(number, rest, Work::Collect, line, found);
        }
        let (mut visited, mut counted, mut all) = (0, 0, 0);
        let judged = u64::from(rest.count_ones());
        let gate = self.gate(found);
        for (at, known) in (0..).zip(self.fine_zones(number, &gate)) {
            let bit: u32 = 1 << at;
            if rest & bit == 0 {
                continue;
            }
            match gate.action(number * WINDOW + at * Level::Fine.size(), known) {
                Action::Visit => visited |= bit,
                Action::Count if known.matches == Matches::All => all |= bit,
                Action::Count => counted |= bit,
                Action::Skip => {}
            }
        }
        if all != 0 {
            self.count(number, all, Matches::All, line, found)?;
        }
        // A window is matched once: what is only counted is evaluated beside what has to be.
        let (fine, work) = if visited == 0 { (counted, Work::Count) } else { (visited | counted, Work::Collect) };
        let evaluated = if work == Work::Collect { fine.count_ones() } else { 0 };
        self.patience.learn(judged > u64::from(evaluated));
        found.metrics.zones.fine += judged;
        found.metrics.zones.fine_skipped += judged - u64::from(evaluated);
        if fine == 0 { Ok(()) } else { self.evaluate(number, fine, work, line, found) }
    }

    /// Counts the matches in some fine zones of a window.
    fn count(
        &mut self,
        number: u32,
        fine: u32,
        matches: Matches,
        line: &mut Line<'a>,
        found: &mut Found,
    ) -> Result<()> {
        if matches != Matches::All {
            return self.evaluate(number, fine, Work::Count, line, found);
        }
        found.counter.add(self.windows.documents(number * WINDOW).of_halves(fine).len());
        Ok(())
    }

    /// Finds the matches in some fine zones of a window; the operators run over them as soon as there are enough.
    fn evaluate(&mut self, number: u32, fine: u32, work: Work, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        if self.work != work {
            self.flush(line, found)?;
            self.work = work;
        }
        let base = number * WINDOW;
        let mut watch = Stopwatch::start(&mut found.metrics);
        let mut bits = self.windows.documents(base).of_halves(fine);
        match work {
            Work::Collect => self.windows.matches(base, &mut bits)?,
            Work::Count => self.windows.matches_unscored(base, &mut bits)?,
        }
        let count = bits.len();
        watch.lap(count, count);
        if work == Work::Count && !self.fragment.tests_matches() {
            // No operator drops any.
            if self.counts {
                found.counter.add(count);
            }
            return Ok(());
        }
        if count > self.batch.room() {
            self.flush(line, found)?;
        }
        self.windows.extend(&mut self.batch, base, &bits);
        if self.batch.len() >= ENOUGH { self.flush(line, found) } else { Ok(()) }
    }

    /// Runs the operators over the documents that wait.
    fn flush(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        if self.batch.len() == 0 {
            return Ok(());
        }
        let Found { best, counter, metrics } = found;
        let count = line.run(&mut self.batch, self.work, best, &mut Stopwatch::after_source(metrics))?;
        self.batch.clear();
        if self.counts {
            counter.add(count);
        }
        if let Some(key) = best.bar().and_then(|bar| bar.shared_key()) {
            self.segment.execution.threshold.lower(key);
        }
        Ok(())
    }

    /// What zones have to pass now.
    fn gate(&self, found: &Found) -> Gate {
        Gate::new(found, self.segment.execution.threshold.get(), self.number, self.counts)
    }
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
