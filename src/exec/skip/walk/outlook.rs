//! What a threshold is worth: how many windows it skips, and which share of the fine zones of the others.

use super::best::ALL;
use super::{FEW, Found, Level, Walk};
use crate::exec::zones::FINE;
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
        let windows = self.visited.len();
        let open = self.windows_to_visit(0..windows as u32, &gate);
        let open: Vec<u32> = open.filter(|number| self.visited[*number as usize] != ALL).collect();
        if windows <= FEW as usize || open.len() * MOST_LEFT <= windows {
            return Outlook::Good;
        }
        let sample: Vec<u32> = open.iter().step_by(open.len().div_ceil(SAMPLE)).copied().collect();
        self.judge_fine(sample, &gate);
        let places = 0..self.ahead.windows().len();
        let all = (places.len() as u32 * FINE).max(1);
        let visited: u32 = places.map(|place| self.ahead.actions(place, &gate).visit.count_ones()).sum();
        Outlook::Skips(1.0 - f64::from(visited) / f64::from(all))
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
