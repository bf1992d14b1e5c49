//! Visits what has the best bounds first: the threshold that it gives skips most of the rest.

use super::ahead::MOST;
use super::gate::Gate;
use super::outlook::{Outlook, script_cost};
use super::{Found, Line, Result, WINDOW, Walk, Work, cost, seeds};

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
    /// A few fine zones are enough where few hits stand out. Where most windows may still hold a better one, the best of these
    /// are visited, unless a sample says that this will not help, either.
    pub(super) fn visit_best(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<bool> {
        if !self.visit_seeds(line, found)? {
            return Ok(true);
        }
        let (documents, script) = (self.windows.cost() as f64, script_cost(self.fragment));
        let mut outlook = self.look(found);
        match outlook {
            Outlook::Good => return Ok(true),
            Outlook::Skips(0.0) => return Ok(false),
            // Where documents are bounded, they cost little: to skip more of them is worth less than it takes.
            Outlook::Skips(share) if line.bounds_documents(self.windows.cost())? => {
                return Ok(cost::skipping_beats_bounding(documents / self.coarse.len() as f64, share));
            }
            Outlook::Skips(_) => {}
        }
        if cost::best_windows_pay(documents, script) {
            self.visit_windows(line, found)?;
            outlook = self.look(found);
        }
        Ok(match outlook {
            Outlook::Good => true,
            Outlook::Skips(share) => cost::skipping_pays(documents / self.coarse.len() as f64, script, share),
        })
    }

    /// Visits the fine zones of the best bounds; whether there were any.
    fn visit_seeds(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<bool> {
        let open = self.open(&self.gate(found));
        let seeds = seeds::seeds(&mut self.judge, open, self.segment.max_doc(), found.best.limit());
        for (number, fine) in &seeds {
            self.visited[*number as usize] |= fine;
            self.evaluate(*number, *fine, Work::Collect, line, found)?;
        }
        self.turn_back(line, found)?;
        Ok(!seeds.is_empty())
    }

    /// Visits the windows of the best bounds.
    fn visit_windows(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        let mut best = self.open(&self.gate(found));
        seeds::keep_least(&mut best, found.best.limit().saturating_mul(WINDOWS).clamp(LEAST, GREATEST));
        let mut numbers: Vec<u32> = best.into_iter().map(|(_, number)| number).collect();
        numbers.sort_unstable();
        for numbers in numbers.chunks(MOST) {
            let gate = self.gate(found);
            self.judge_fine(numbers.to_vec(), &gate);
            for number in numbers {
                self.visit(*number, !self.visited[*number as usize], line, found)?;
                self.visited[*number as usize] = ALL;
            }
        }
        self.turn_back(line, found)
    }

    /// The windows that may hold a hit, and the keys of their best.
    fn open(&self, gate: &Gate) -> Vec<(u64, u32)> {
        let open = (0..).zip(&self.coarse).filter(|(number, known)| gate.is_open(number * WINDOW, known));
        open.map(|(number, known)| (known.key, number)).collect()
    }

    /// What comes next stands before what was visited.
    fn turn_back(&mut self, line: &mut Line<'a>, found: &mut Found) -> Result<()> {
        self.flush(line, found)?;
        self.windows.restart()?;
        line.restart()
    }
}
