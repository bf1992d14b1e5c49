//! What a threshold is worth: how many windows it skips, and which share of the fine zones of the others.

use super::best::ALL;
use super::{FEW, Found, Level, WINDOW, Walk};
use crate::pushdown::fragment::Fragment;

/// What is to be expected of the rest of a walk.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Outlook {
    /// Most windows are skipped.
    Good,
    /// Such a share of the fine zones of a few windows can be skipped.
    Skips(f64),
}

/// How many windows are looked at.
const SAMPLE: usize = 4;

/// At most this part of the windows (one in ...) is left where most are skipped.
const MOST_LEFT: usize = 4;

impl Walk<'_> {
    /// How many documents match, as far as it can be told: at most as many as are looked at, and about as many of them as of
    /// those that were visited, which were chosen for their bounds and hold more rather than fewer.
    pub(super) fn expected(&self, found: &Found) -> u64 {
        let zones: u64 = self.visited.iter().map(|fine| u64::from(fine.count_ones())).sum();
        if !self.counts || self.drops_matches() || zones == 0 || found.counter.is_done() {
            return self.windows.cost();
        }
        let counted = found.counter.value() - self.counted_before;
        let all = u64::from(self.segment.max_doc());
        self.windows.cost().min(counted * all / (zones * u64::from(Level::Fine.size())))
    }

    /// What the threshold that has been reached is worth.
    pub(super) fn look(&mut self, found: &Found) -> Outlook {
        // What is only visited to be counted is of no matter where that ends early.
        let gate = self.gate(found);
        let gate = if found.counter.ends_early(self.expected(found)) { gate.without_counts() } else { gate };
        let open = (0..).zip(self.coarse.iter().zip(&self.visited));
        let open = open.filter(|(number, (known, visited))| **visited != ALL && gate.visits(number * WINDOW, known));
        let open: Vec<u32> = open.map(|(number, _)| number).collect();
        if self.coarse.len() <= FEW as usize || open.len() * MOST_LEFT <= self.coarse.len() {
            return Outlook::Good;
        }
        let sample: Vec<u32> = open.iter().step_by(open.len().div_ceil(SAMPLE)).copied().collect();
        self.judge_fine(sample, &gate);
        let (mut all, mut visited) = (0, 0);
        for (window, fine) in self.ahead.windows() {
            let first = |at: usize| window * WINDOW + at as u32 * Level::Fine.size();
            all += fine.len();
            visited += (0..fine.len()).filter(|at| gate.visits(first(*at), &fine[*at])).count();
        }
        Outlook::Skips(1.0 - visited as f64 / all.max(1) as f64)
    }
}

/// Estimated nanoseconds that the scripts of a document take.
pub(super) fn script_cost(fragment: &Fragment) -> f64 {
    let mut cost = 0.0;
    fragment.each_searching_script(&mut |id| {
        cost += fragment.scripts.get(id).verdict.as_ref().map_or(0.0, |verdict| verdict.cost);
    });
    cost
}
