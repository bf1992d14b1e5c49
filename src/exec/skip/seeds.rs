//! Which zones are visited first: the few that may hold the best hits, so that their threshold skips most others.

use super::judge::Judge;
use crate::exec::zones::{FINE, ZoneRun};

/// How many fine zones are visited first for each hit that is wanted: not every document of a zone matches.
pub(super) const FEW: usize = 3;
/// How many where these are too few.
pub(super) const MANY: usize = 12;
/// The least and the greatest number of them.
const LEAST: usize = 12;
const MOST: usize = 256;

/// A window, and which of its fine zones.
pub(super) type Seed = (u32, u32);

/// So many fine zones of the best bounds, the windows ascending. `coarse` gives keys and windows; there are `all` fine zones.
pub(super) fn seeds(judge: &mut Judge, mut coarse: Vec<(u64, u32)>, all: u32, wanted: usize) -> Vec<Seed> {
    let wanted = wanted.clamp(LEAST, MOST);
    let (Some(best), Some(worst)) = (coarse.iter().min(), coarse.iter().max()) else { return Vec::new() };
    // Where all bounds are the same, the first documents are as good as any.
    if best.0 == worst.0 && coarse.len() > 1 {
        return Vec::new();
    }
    keep_least(&mut coarse, wanted / 2);
    let mut fine = Vec::with_capacity(coarse.len() * FINE as usize);
    for (_, window) in coarse {
        let zones = ZoneRun::fine_of(window, all);
        fine.extend(judge.judge(zones).iter().map(|known| known.key).zip(zones.numbers()));
    }
    keep_least(&mut fine, wanted);
    fine.sort_unstable_by_key(|(_, zone)| *zone);
    let mut seeds: Vec<Seed> = Vec::new();
    for (_, zone) in fine {
        let (window, bit) = (zone / FINE, 1 << (zone % FINE));
        match seeds.last_mut() {
            Some((last, mask)) if *last == window => *mask |= bit,
            _ => seeds.push((window, bit)),
        }
    }
    seeds
}

/// Keeps so many of the least.
fn keep_least(zones: &mut Vec<(u64, u32)>, count: usize) {
    if count < zones.len() {
        zones.select_nth_unstable(count);
        zones.truncate(count);
    }
}
