//! Visits a window: its fine zones that matter are evaluated, in batches, the others counted.

use super::ahead::FineActions;
use super::{ENOUGH, Found, Line, Result, Stopwatch, WINDOW, Walk, Work};

impl<'a> Walk<'a> {
    /// Evaluates those of some fine zones of a window that matter.
    pub(super) fn visit(&mut self, number: u32, rest: u32, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        if !self.patience.judges() {
            return self.evaluate(number, rest, Work::Collect, line, found);
        }
        let judged = u64::from(rest.count_ones());
        let gate = self.gate(found);
        let FineActions { visit, count, all } = self.fine_actions(number, &gate);
        let (visited, counted) = (visit & rest, count & rest);
        self.count_all(number, all & rest, found);
        // A window is matched once: what is only counted is evaluated beside what has to be.
        let (fine, work) = if visited == 0 { (counted, Work::Count) } else { (visited | counted, Work::Collect) };
        let evaluated = if work == Work::Collect { fine.count_ones() } else { 0 };
        self.patience.learn(judged > u64::from(evaluated));
        found.metrics.zones.fine += judged;
        found.metrics.zones.fine_skipped += judged - u64::from(evaluated);
        if fine == 0 { Ok(()) } else { self.evaluate(number, fine, work, line, found) }
    }

    /// Counts the documents in some fine zones of a window, all of which match.
    pub(super) fn count_all(&self, number: u32, fine: u32, found: &mut Found) {
        if fine != 0 {
            found.counter.add(self.windows.documents(number * WINDOW).of_halves(fine).len());
        }
    }

    /// Finds the matches in some fine zones of a window; the operators run over them as soon as there are enough.
    pub(super) fn evaluate(
        &mut self,
        number: u32,
        fine: u32,
        work: Work,
        line: &mut Line<'a>,
        found: &mut Found,
    ) -> Result<()> {
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
    pub(super) fn flush(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
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
}
