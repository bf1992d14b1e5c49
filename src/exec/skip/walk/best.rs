//! Visits what has the best bounds first: the threshold that it gives skips most of the rest.

use super::gate::Gate;
use super::outlook::{Outlook, script_cost};
use super::{Found, Line, Result, WINDOW, Walk, Work, cost};
use crate::exec::skip::seeds::{self, Seed};

/// How many windows are judged together at most: the threshold rises from some to the next.
const MOST: usize = 16;

/// How many windows of the best bounds are visited for each hit that is wanted, where a few zones have helped little.
const WINDOWS: usize = 3;
/// The least and the greatest number of them.
const LEAST: usize = MOST;
const GREATEST: usize = 64;

/// The fine zones of a window that has been visited as a whole.
pub(super) const ALL: u32 = u32::MAX;

impl<'a> Walk<'a> {
    /// Visits the zones of the best bounds; false where the threshold that they give helps too little.
    ///
    /// A few fine zones are enough where few hits stand out; where all bounds are the same, the first documents are as good as
    /// any. Where most windows may still hold a better one, the best of these
    /// are visited, unless a sample says that this will not help, either.
    pub(super) fn visit_best(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<bool> {
        if !self.visit_seeds(line, found)? && !self.visit_first(line, found)? {
            return Ok(true);
        }
        let (documents, script) = (self.windows.cost() as f64, script_cost(self.fragment));
        let mut pays = match self.look(found) {
            Outlook::Good => return Ok(true),
            Outlook::Skips(0.0) => return Ok(false),
            // Where documents are bounded, they cost little: to skip more of them is worth less than it takes.
            Outlook::Skips(share) if line.bounds_documents(self.windows.cost())? => {
                return Ok(cost::skipping_beats_bounding(documents / self.visited.len() as f64, share));
            }
            Outlook::Skips(share) => self.pays(share, found),
        };
        if cost::best_windows_pay(documents, script) {
            self.visit_windows(line, found)?;
            // A better threshold is worth no less.
            pays = pays
                || match self.look(found) {
                    Outlook::Good => true,
                    Outlook::Skips(share) => self.pays(share, found),
                };
        }
        Ok(pays)
    }

    /// Whether to skip such a share of the fine zones is worth judging them.
    fn pays(&self, share: f64, found: &Found) -> bool {
        let documents = self.expected(found) as f64;
        cost::skipping_pays(documents / self.visited.len() as f64, script_cost(self.fragment), share)
    }

    /// Visits the fine zones of the best bounds; whether there were any.
    fn visit_seeds(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<bool> {
        let open = self.open_windows(&self.gate(found)).collect();
        let seeds = seeds::seeds(&mut self.judge, open, self.segment.max_doc(), found.best.limit());
        self.visit_zones(&seeds, line, found)?;
        Ok(!seeds.is_empty())
    }

    /// Visits the first windows that may hold a hit until there are as many hits as are wanted; whether there are.
    fn visit_first(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<bool> {
        let first: Vec<_> = self.open_windows(&self.gate(found)).take(MOST).collect();
        for (_, number) in first {
            self.visit_zones(&[(number, ALL)], line, found)?;
            if found.best.bar().is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Visits some fine zones of windows.
    fn visit_zones(&mut self, zones: &[Seed], line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        for (number, fine) in zones {
            self.visited[*number as usize] |= fine;
            self.evaluate(*number, *fine, Work::Collect, line, found)?;
        }
        self.turn_back(line, found)
    }

    /// Visits the windows of the best bounds, the best of them first: few of the others may still matter then.
    fn visit_windows(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        let mut best: Vec<_> = self.open_windows(&self.gate(found)).collect();
        seeds::keep_least(&mut best, found.best.limit().saturating_mul(WINDOWS).clamp(LEAST, GREATEST));
        best.sort_unstable();
        for best in best.chunks(MOST) {
            let gate = self.gate(found);
            let first = |number: u32| number * WINDOW;
            let is_open = |number: &u32| gate.is_open(first(*number), &self.coarse.get(*number as usize));
            let mut windows: Vec<u32> = best.iter().map(|(_, number)| *number).filter(is_open).collect();
            windows.sort_unstable();
            self.judge_fine(windows.clone(), &gate);
            let mut zones = self.open_ahead(&gate);
            let wanted = seeds::wanted(found.best.limit());
            if zones.len() > 2 * wanted {
                // The best of them first, too.
                seeds::keep_least(&mut zones, wanted);
                self.visit_zones(&seeds::by_windows(zones), line, found)?;
            }
            for number in windows {
                self.visit(number, !self.visited[number as usize], line, found)?;
                self.visited[number as usize] = ALL;
            }
            self.turn_back(line, found)?;
        }
        Ok(())
    }

    /// The fine zones of windows that were judged which may hold a hit, and the keys of their best.
    fn open_ahead(&self, gate: &Gate) -> Vec<(u64, u32)> {
        let mut open = Vec::new();
        for (place, window) in self.ahead.windows().iter().enumerate() {
            self.ahead.open(place, !self.visited[*window as usize], gate, &mut open);
        }
        open
    }

    /// What comes next stands before what was visited.
    fn turn_back(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        self.flush(line, found)?;
        self.windows.restart()?;
        line.restart()
    }
}
