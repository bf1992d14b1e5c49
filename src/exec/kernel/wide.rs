//! The loops over doubles once more for processors with AVX2, chosen when the program runs.
//!
//! The crate is compiled for any x86-64, whose vectors hold two doubles; with AVX2 they hold four. The loops are the same
//! source: `#[inline(always)]` compiles them into a function that may use the wider instructions. Results are the same
//! bit for bit, since neither contracts a multiplication with an addition.

#![expect(unsafe_code, reason = "a function for certain processors may only be called after asking the processor")]

use super::ops::{self, Values};
use super::program::{Arithmetic, Comparison};

/// Defines a function that runs a loop of `ops`, compiled for AVX2 where the processor has it.
macro_rules! widened {
    ($(#[doc = $doc:literal] $name:ident($($arg:ident: $ty:ty),+);)+) => {$(
        #[doc = $doc]
        pub(super) fn $name($($arg: $ty),+) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn wide($($arg: $ty),+) {
                    ops::$name($($arg),+);
                }

                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2, as the line above asked.
                    return unsafe { wide($($arg),+) };
                }
            }
            ops::$name($($arg),+);
        }
    )+};
}

widened! {
    /// Arithmetic on doubles.
    doubles(op: Arithmetic, a: Values<'_, f64>, b: Values<'_, f64>, out: &mut [f64]);
    /// Comparisons of doubles.
    compare_doubles(op: Comparison, a: Values<'_, f64>, b: Values<'_, f64>, out: &mut [bool]);
    /// One double or another.
    select_doubles(test: Values<'_, bool>, then: Values<'_, f64>, otherwise: Values<'_, f64>, out: &mut [f64]);
}
