//! Bounds of the helpers of scores: their operations, one by one, on intervals.

use super::bounds::{LIBM, widened};
use crate::plan::interval::{Bounds, Doubles, higher};

/// `value / (k + value)`. Of numbers without a sign it grows with the value and falls with `k`; rounding twice may shake that.
pub(super) fn saturation(value: Doubles, k: Doubles) -> Doubles {
    let quotient = value / (k + value);
    let without_sign = |x: Doubles| !x.is_empty() && x.lo.is_sign_positive();
    if !without_sign(value) || !without_sign(k) || quotient.as_point().is_some() {
        return quotient;
    }
    let at = |value: f64, k: f64| Doubles::point(value / (k + value));
    let ends = at(value.lo, k.hi).join(at(value.hi, k.lo));
    if ends.nan || (k.hi + value.hi).is_infinite() {
        return quotient.within(0.0, 1.0);
    }
    widened(Doubles { nan: quotient.nan, ..ends }, LIBM).within(0.0, 1.0)
}

/// See `decay_gauss`.
pub(super) fn decay_gauss_bounds(distance: Doubles, scale: Doubles, decay: Doubles) -> Doubles {
    let half = Doubles::point(0.5);
    exp(half * square(distance) / (half * square(scale) / log(decay)))
}

/// See `decay_exp`.
pub(super) fn decay_exp_bounds(distance: Doubles, scale: Doubles, decay: Doubles) -> Doubles {
    exp((log(decay) / scale) * distance)
}

/// See `decay_linear`.
pub(super) fn decay_linear_bounds(distance: Doubles, scale: Doubles, decay: Doubles) -> Doubles {
    let zero = scale / (Doubles::point(1.0) - decay);
    let line = (zero - distance) / zero;
    if line.is_empty() { line } else { Doubles { lo: higher(line.lo, 0.0), hi: higher(line.hi, 0.0), nan: line.nan } }
}

/// A score that passes a check: it is not negative, and NaN only where that passes.
pub(super) fn checked(score: Doubles, nan_passes: bool) -> Bounds {
    let negative = !score.is_empty() && score.lo < 0.0;
    let passed = Doubles { nan: score.nan && nan_passes, ..score.within(-0.0, f64::INFINITY) };
    Bounds { value: passed.into(), fails: negative || (score.nan && !nan_passes) }
}

fn square(x: Doubles) -> Doubles {
    x.abs() * x.abs()
}

fn log(x: Doubles) -> Doubles {
    let domain = x.within(-0.0, f64::INFINITY);
    image(domain, libm::log).or_nan(!x.is_empty() && x.lo < 0.0)
}

fn exp(x: Doubles) -> Doubles {
    image(x, libm::exp)
}

fn image(x: Doubles, f: impl Fn(f64) -> f64) -> Doubles {
    let ends = x.increasing(f);
    if x.as_point().is_some() { ends } else { widened(ends, LIBM) }
}
