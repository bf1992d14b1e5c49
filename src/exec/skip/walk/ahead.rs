//! Looks ahead: the zones of several windows are judged together, from the middle ones to the fine ones.

use std::mem;

use super::gate::Gate;
use super::{FINE_LANES, Judgement, Level, WINDOW, Walk};
use crate::exec::zones::{FINE, FINE_OF_MIDDLE};

/// What is known of the fine zones of a window: of those of a middle zone that does not matter, what is known of it.
pub(super) type FineZones = [Judgement; FINE_LANES];

/// How many windows are judged together at most, and how far away the last may be.
pub(super) const MOST: usize = 16;
const REACH: u32 = 128;

/// Windows whose zones have been judged. The buffers are used again.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    /// Their numbers, ascending.
    windows: Vec<u32>,
    fine: Vec<FineZones>,
    /// Their middle zones.
    middle: Vec<(u32, Judgement)>,
}

impl Ahead {
    /// The windows, and what is known of their fine zones.
    pub(super) fn windows(&self) -> impl Iterator<Item = (u32, &FineZones)> {
        self.windows.iter().copied().zip(&self.fine)
    }

    /// The place of a fine zone.
    fn fine_mut(&mut self, zone: u32) -> &mut [Judgement] {
        let window = self.windows.binary_search(&(zone / FINE)).expect("zones are those of the windows");
        &mut self.fine[window][(zone % FINE) as usize..]
    }
}

impl Walk<'_> {
    /// What is known of the fine zones of a window.
    pub(super) fn fine_zones(&mut self, number: u32, gate: &Gate) -> &FineZones {
        if self.ahead.windows.binary_search(&number).is_err() {
            let end = (number + REACH).min(self.coarse.len() as u32);
            let most = if self.patience.is_full() { MOST } else { 1 };
            let mut windows = mem::take(&mut self.ahead.windows);
            windows.clear();
            let matters = |other: &u32| *other == number || gate.visits(other * WINDOW, &self.coarse[*other as usize]);
            windows.extend((number..end).filter(matters).take(most));
            self.judge_fine(windows, gate);
        }
        let at = self.ahead.windows.binary_search(&number).expect("the window was judged now, if not before");
        &self.ahead.fine[at]
    }

    /// Judges the fine zones of some windows; those of middle zones that are not visited are not looked at.
    pub(super) fn judge_fine(&mut self, windows: Vec<u32>, gate: &Gate) {
        let docs = self.segment.max_doc();
        let mut ahead = Ahead { windows, ..mem::take(&mut self.ahead) };
        let middle = &mut ahead.middle;
        middle.clear();
        let windows = ahead.windows.iter().copied();
        self.judge.judge_parts(Level::Middle, windows, docs, |zone, known| middle.push((zone, known)));
        ahead.fine.resize(ahead.windows.len().max(ahead.fine.len()), [Judgement::NOTHING; FINE_LANES]);
        // The last window of a segment may have fewer zones.
        if let Some(last) = ahead.windows.len().checked_sub(1) {
            ahead.fine[last].fill(Judgement::NOTHING);
        }
        for at in 0..ahead.middle.len() {
            let (zone, known) = ahead.middle[at];
            ahead.fine_mut(zone * FINE_OF_MIDDLE)[..FINE_OF_MIDDLE as usize].fill(known);
        }
        let mut middle = mem::take(&mut ahead.middle);
        middle.retain(|(zone, known)| gate.visits(zone * Level::Middle.size(), known));
        let open = middle.iter().map(|(zone, _)| *zone);
        self.judge.judge_parts(Level::Fine, open, docs, |zone, known| ahead.fine_mut(zone)[0] = known);
        self.ahead = Ahead { middle, ..ahead };
    }
}
