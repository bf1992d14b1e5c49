//! The loop over raw values that is compiled for wider vectors, too: see [`widened`].

#![expect(unsafe_code, reason = "a function for certain processors may only be called after asking the processor")]

use crate::plan::function::wide::widened;

widened! {
    /// Whether each value lies at most `width` above `low`.
    within(values: &[u64], low: u64, width: u64, out: &mut [bool]) = within_width;
}

#[inline(always)]
fn within_width(values: &[u64], low: u64, width: u64, out: &mut [bool]) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = value.wrapping_sub(low) <= width);
}
