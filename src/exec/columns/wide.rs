//! The loops over raw values that are compiled for wider vectors, too: see [`widened`].

#![expect(unsafe_code, reason = "a function for certain processors may only be called after asking the processor")]

use crate::plan::function::wide::widened;

widened! {
    /// Whether each value lies at most `width` above `low`.
    within(values: &[u64], low: u64, width: u64, out: &mut [bool]) = within_width;
    /// Adds the places of the values that lie at most `width` above `low` to those of a word.
    places_within(values: &[u64; WORD], low: u64, width: u64, word: &mut u64) = places_within_width;
}

/// How many values have their places in a word.
pub(super) const WORD: usize = u64::BITS as usize;

/// How many bits of a word are made at a time.
const TOGETHER: usize = 8;

#[inline(always)]
fn within_width(values: &[u64], low: u64, width: u64, out: &mut [bool]) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = value.wrapping_sub(low) <= width);
}

#[inline(always)]
fn places_within_width(values: &[u64; WORD], low: u64, width: u64, word: &mut u64) {
    let mut lanes = [0u64; TOGETHER];
    for (at, values) in (0..).step_by(TOGETHER).zip(values.chunks_exact(TOGETHER)) {
        for (place, (lane, value)) in lanes.iter_mut().zip(values).enumerate() {
            let bit = u64::from(value.wrapping_sub(low) <= width) << place;
            *lane |= bit << at;
        }
    }
    *word |= lanes.iter().fold(0, |all, lane| all | lane);
}
