//! The loops over zones that are compiled for wider vectors, too: see [`widened`].

#![expect(unsafe_code, reason = "a function for certain processors may only be called after asking the processor")]

use super::{field, score};
use crate::exec::zones::Lanes;
use crate::plan::function::wide::widened;

widened! {
    /// The keys of the best of the doubles of zones.
    best_doubles(doubles: &Lanes, descending: bool, keys: &mut [u64]) = field::best_doubles;
    /// The scores that the doubles of zones become.
    round(doubles: &Lanes, zones: usize, scores: &mut Lanes) = score::round;
}
