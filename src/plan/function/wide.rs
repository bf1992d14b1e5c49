//! Loops once more for processors with wider vectors, chosen when they run.
//!
//! The crate is compiled for any x86-64, whose vectors hold two doubles; with AVX2 they hold four, with AVX-512 eight. The
//! loops are the same source: `#[inline(always)]` compiles them into a function that may use the wider instructions. Results
//! are the same bit for bit, since none contracts a multiplication with an addition.

#![expect(unsafe_code, reason = "a function for certain processors may only be called after asking the processor")]

use super::{bounds, exponential, sloppy_math};

/// Defines functions that run a loop, compiled for AVX2 and for AVX-512 where the processor has them:
/// `name(arguments) = loop;`.
macro_rules! widened {
    ($(#[doc = $doc:literal] $name:ident($($arg:ident: $ty:ty),+) = $plain:path;)+) => {$(
        #[doc = $doc]
        pub(super) fn $name($($arg: $ty),+) {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512dq,avx512bw,avx512vl")]
                fn widest($($arg: $ty),+) {
                    $plain($($arg),+);
                }

                #[target_feature(enable = "avx2")]
                fn wide($($arg: $ty),+) {
                    $plain($($arg),+);
                }

                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                {
                    // SAFETY: the processor has these parts of AVX-512, as the lines above asked.
                    return unsafe { widest($($arg),+) };
                }
                if is_x86_feature_detected!("avx2") {
                    // SAFETY: the processor has AVX2, as the line above asked.
                    return unsafe { wide($($arg),+) };
                }
            }
            $plain($($arg),+);
        }
    )+};
}
pub(crate) use widened;

widened! {
    /// Replaces numbers by their natural logarithms.
    log(numbers: &mut [f64]) = exponential::log;
    /// Replaces numbers by their logarithms to base 10.
    log10(numbers: &mut [f64]) = exponential::log10;
    /// Replaces numbers by the natural logarithms of 1 more.
    log1p(numbers: &mut [f64]) = exponential::log1p;
    /// Replaces numbers by e raised to them.
    exp(numbers: &mut [f64]) = exponential::exp;
    /// Rounds the ends of intervals down and up by so many units in the last place.
    widen(lower: &mut [f64], upper: &mut [f64], ulps: u64) = bounds::widen;
    /// The distances of points from one point.
    meters_from(from: (f64, f64), lats: &[f64], lons: &[f64], out: &mut [f64]) = sloppy_math::meters_from;
}
