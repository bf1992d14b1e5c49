//! Which zones are visited first: the few that may hold the best hits, so that their threshold skips most others.

use super::judge::Judge;
use super::judgement::{Judgements, State};
use crate::exec::zones::{FINE, FINE_OF_MIDDLE, Level};

/// How many fine zones are visited first for each hit that is wanted: not every document of a zone matches.
const ZONES: usize = 3;
/// The least and the greatest number of them.
const LEAST: usize = 12;
const MOST: usize = 256;

/// A window, and which of its fine zones.
pub(super) type Seed = (u32, u32);

/// The fine zones of the best bounds for so many hits in a segment of so many documents, the windows ascending. `coarse`
/// gives keys and windows.
pub(super) fn seeds(judge: &mut Judge, mut coarse: Vec<(u64, u32)>, docs: u32, hits: usize) -> Vec<Seed> {
    let wanted = wanted(hits);
    let (Some(best), Some(worst)) = (coarse.iter().min(), coarse.iter().max()) else { return Vec::new() };
    // Where all bounds are the same, the first documents are as good as any.
    if best.0 == worst.0 && coarse.len() > 1 {
        return Vec::new();
    }
    keep_least(&mut coarse, wanted / 2);
    let room = wanted * FINE_OF_MIDDLE as usize;
    let (mut zones, mut known) = (coarse, Judgements::with_room(room));
    for level in [Level::Middle, Level::Fine] {
        known.clear();
        judge.judge_parts(level, zones.iter().map(|(_, zone)| *zone), docs, &mut known);
        let numbers = zones.iter().flat_map(|(_, zone)| zone * level.parts()..(zone + 1) * level.parts());
        let parts = known.keys.iter().copied().zip(numbers).zip(&known.states);
        zones = parts.filter(|(_, state)| state.has(State::SOME)).map(|(part, _)| part).collect();
        keep_least(&mut zones, wanted);
    }
    by_windows(zones)
}

/// Fine zones by their windows, which ascend.
pub(super) fn by_windows(mut zones: Vec<(u64, u32)>) -> Vec<Seed> {
    zones.sort_unstable_by_key(|(_, zone)| *zone);
    let mut seeds: Vec<Seed> = Vec::new();
    for (_, zone) in zones {
        let (window, bit) = (zone / FINE, 1 << (zone % FINE));
        match seeds.last_mut() {
            Some((last, fine)) if *last == window => *fine |= bit,
            _ => seeds.push((window, bit)),
        }
    }
    seeds
}

/// How many fine zones are visited first for so many hits.
pub(super) fn wanted(hits: usize) -> usize {
    hits.saturating_mul(ZONES).clamp(LEAST, MOST)
}

/// Keeps so many of the least.
pub(super) fn keep_least(zones: &mut Vec<(u64, u32)>, count: usize) {
    if count < zones.len() {
        zones.select_nth_unstable(count);
        zones.truncate(count);
    }
}
