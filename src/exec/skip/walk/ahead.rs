//! Looks ahead: the zones of several windows are judged together, from the middle ones to the fine ones.

use std::mem;

use tantivy::DocId;

use super::gate::{Actions, Gate};
use super::{Judgements, Level, WINDOW, Walk};
use crate::exec::ones::Ones;
use crate::exec::skip::judgement::GROUP;
use crate::exec::zones::FINE_OF_MIDDLE;

/// How many windows are judged together at most in document order, and how far away the last may be.
const MOST: usize = 32;
const REACH: u32 = 128;

/// How many middle zones a window has.
const MIDDLE: u32 = Level::Middle.parts();

/// Windows whose zones have been judged. The buffers are used again.
#[derive(Debug)]
pub(super) struct Ahead {
    /// Their numbers, ascending.
    windows: Vec<u32>,
    /// Their middle zones.
    middle: Judgements,
    /// Where the fine zones of each middle one start; none: it does not matter.
    starts: Vec<Option<usize>>,
    fine: Judgements,
}

/// What is done with the fine zones of a window, a bit for each.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FineActions {
    pub(super) visit: u32,
    pub(super) count: u32,
    pub(super) all: u32,
}

impl Ahead {
    /// None yet.
    pub(super) fn new() -> Self {
        let room = |level: Level| Judgements::with_room(MOST * (WINDOW / level.size()) as usize);
        Self {
            windows: Vec::with_capacity(MOST),
            middle: room(Level::Middle),
            starts: Vec::with_capacity(MOST * MIDDLE as usize),
            fine: room(Level::Fine),
        }
    }

    /// The windows.
    pub(super) fn windows(&self) -> &[u32] {
        &self.windows
    }

    /// The place of a window among them; none if it has not been judged.
    pub(super) fn place(&self, window: u32) -> Option<usize> {
        self.windows.binary_search(&window).ok()
    }

    /// What is done with the fine zones of the window at a place.
    pub(super) fn actions(&self, place: usize, gate: &Gate) -> FineActions {
        let mut actions = FineActions::default();
        for quarter in 0..MIDDLE {
            let at = place * MIDDLE as usize + quarter as usize;
            let zone = self.windows[place] * MIDDLE + quarter;
            let Actions { visit, count, all } = match self.starts[at] {
                Some(start) => gate.actions(&self.fine, start, |lane| first_of_fine(zone, lane)),
                None => gate.action(zone * Level::Middle.size(), &self.middle.get(at)).into(),
            };
            let shift = quarter * FINE_OF_MIDDLE;
            actions.visit |= u32::from(visit) << shift;
            actions.count |= u32::from(count) << shift;
            actions.all |= u32::from(all) << shift;
        }
        actions
    }

    /// Those of some fine zones of the window at a place that may hold a hit, and the keys of their best.
    pub(super) fn open(&self, place: usize, rest: u32, gate: &Gate, open: &mut Vec<(u64, u32)>) {
        for (quarter, start) in (0..MIDDLE).zip(&self.starts[place * MIDDLE as usize..]) {
            let Some(start) = start else { continue };
            let zone = self.windows[place] * MIDDLE + quarter;
            let found = gate.open(&self.fine, *start, |lane| first_of_fine(zone, lane));
            let rest = (rest >> (quarter * FINE_OF_MIDDLE)) as u8;
            for lane in Ones((found & rest).into()) {
                open.push((self.fine.keys[start + lane as usize], zone * FINE_OF_MIDDLE + lane));
            }
        }
    }
}

/// The first document of a fine zone of a middle one.
#[inline]
fn first_of_fine(middle: u32, lane: usize) -> DocId {
    middle * Level::Middle.size() + lane as u32 * Level::Fine.size()
}

impl Walk<'_> {
    /// What is done with the fine zones of a window.
    pub(super) fn fine_actions(&mut self, number: u32, gate: &Gate) -> FineActions {
        if self.ahead.place(number).is_none() {
            let end = (number + REACH).min(self.visited.len() as u32);
            let most = if self.patience.is_full() { MOST } else { 1 };
            let mut windows = mem::take(&mut self.ahead.windows);
            windows.clear();
            windows.push(number);
            windows.extend(self.windows_to_visit(number + 1..end, gate).take(most - 1));
            self.judge_fine(windows, gate);
        }
        let place = self.ahead.place(number).expect("the window was judged now, if not before");
        self.ahead.actions(place, gate)
    }

    /// Judges the fine zones of some windows; those of middle zones that are not visited are not looked at.
    pub(super) fn judge_fine(&mut self, windows: Vec<u32>, gate: &Gate) {
        let docs = self.segment.max_doc();
        let Ahead { windows: known, middle, starts, fine } = &mut self.ahead;
        *known = windows;
        middle.clear();
        starts.clear();
        fine.clear();
        self.judge.judge_parts(Level::Middle, known.iter().copied(), docs, middle);
        let zone = |at: usize| known[at / MIDDLE as usize] * MIDDLE + at as u32 % MIDDLE;
        let zones = known.len() * MIDDLE as usize;
        middle.pad(GROUP);
        let mut open = 0;
        for at in (0..zones).step_by(GROUP) {
            let Actions { visit, .. } = gate.actions(middle, at, |lane| zone(at + lane) * Level::Middle.size());
            for lane in 0..GROUP.min(zones - at) {
                let is_open = visit >> lane & 1 == 1;
                starts.push(is_open.then_some(open));
                open += if is_open { GROUP } else { 0 };
            }
        }
        let open = (0..zones).filter(|at| starts[*at].is_some()).map(zone);
        self.judge.judge_parts(Level::Fine, open, docs, fine);
    }
}
