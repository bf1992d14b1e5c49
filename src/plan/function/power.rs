//! Roots, powers and logarithms: `java.lang.Math`, computed by `libm` so that every tier gives the same bits.

use super::batch::{map_in_place, map1, map2};
use super::bounds::{EXACT, LIBM, double, increasing, increasing_on, widened};
use super::{functions, wide};
use crate::plan::interval::Doubles;

functions! {
    /// The square root; NaN for a negative number.
    sqrt(F64) -> F64, cost 0.8, "sqrt(9.0)" => "3.0", |args, out, _| map1(args, out, f64::sqrt), |a| increasing_on(a, -0.0, f64::INFINITY, f64::sqrt, EXACT);
    /// The cube root.
    cbrt(F64) -> F64, cost 8.0, "cbrt(27.0)" => "3.0", |args, out, _| map1(args, out, libm::cbrt), |a| increasing(a, libm::cbrt, LIBM);
    /// e raised to a power.
    exp(F64) -> F64, cost 6.0, "exp(0.0)" => "1.0", |args, out, _| map_in_place(args, out, wide::exp), |a| increasing(a, libm::exp, LIBM);
    /// e raised to a power, minus 1; exact near 0.
    expm1(F64) -> F64, cost 8.0, "expm1(0.0)" => "0.0", |args, out, _| map1(args, out, libm::expm1), |a| increasing(a, libm::expm1, LIBM);
    /// The natural logarithm; NaN for a negative number, minus infinity for 0.
    log(F64) -> F64, cost 6.0, "log(1.0)" => "0.0", |args, out, _| map_in_place(args, out, wide::log), |a| increasing_on(a, -0.0, f64::INFINITY, libm::log, LIBM);
    /// The natural logarithm of 1 + x; exact near 0.
    log1p(F64) -> F64, cost 8.0, "log1p(0.0)" => "0.0", |args, out, _| map_in_place(args, out, wide::log1p), |a| increasing_on(a, -1.0, f64::INFINITY, libm::log1p, LIBM);
    /// The logarithm to base 2.
    log2(F64) -> F64, cost 8.0, "log2(8.0)" => "3.0", |args, out, _| map1(args, out, libm::log2), |a| increasing_on(a, -0.0, f64::INFINITY, libm::log2, LIBM);
    /// The logarithm to base 10.
    log10(F64) -> F64, cost 8.0, "log10(1000.0)" => "3.0", |args, out, _| map_in_place(args, out, wide::log10), |a| increasing_on(a, -0.0, f64::INFINITY, libm::log10, LIBM);
    /// The first number raised to the power of the second; as in Java, 1 to the power of infinity is NaN.
    pow(F64, F64) -> F64, cost 20.0, "pow(2.0, 10.0)" => "1024.0", |args, out, _| map2(args, out, pow), |a| pow_bounds(double(a, 0), double(a, 1)).into();
    /// The length of the hypotenuse.
    hypot(F64, F64) -> F64, cost 6.0, "hypot(3.0, 4.0)" => "5.0", |args, out, _| map2(args, out, libm::hypot), |a| hypot_bounds(double(a, 0), double(a, 1)).into();
}

/// `java.lang.Math.pow`: C answers 1 where Java answers NaN.
pub(crate) fn pow(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (exponent.is_infinite() && base.abs() == 1.0) {
        f64::NAN
    } else {
        libm::pow(base, exponent)
    }
}

/// A power is monotone in both numbers while the base has no sign; a base with one has the power of its absolute value,
/// with a sign if the exponent is odd, or NaN if that is no whole number.
pub(super) fn pow_bounds(base: Doubles, exponent: Doubles) -> Doubles {
    if let (Some(base), Some(exponent)) = (base.as_point(), exponent.as_point()) {
        return Doubles::point(pow(base, exponent));
    }
    let one_to_infinity = base.abs().lo <= 1.0 && base.abs().hi >= 1.0 && exponent.has_infinity();
    let mut all = power_of_positives(base.positives(), exponent).or_nan(exponent.nan | one_to_infinity);
    if base.nan {
        // NaN to the power of 0 is 1.
        all = all.or_nan(true);
        if exponent.contains_zero() {
            all = all.join(Doubles::point(1.0));
        }
    }
    let negatives = base.negatives();
    if negatives.is_empty() {
        return all;
    }
    let size = power_of_positives(-negatives, exponent);
    let whole = exponent.as_point().filter(|y| y.trunc() == *y && y.is_finite());
    let signed = match whole {
        Some(y) if y % 2.0 == 0.0 => size,
        Some(_) => -size,
        None => size.join(-size).or_nan(true),
    };
    all.join(signed)
}

fn power_of_positives(base: Doubles, exponent: Doubles) -> Doubles {
    if base.is_empty() || exponent.is_empty() {
        return Doubles::NONE;
    }
    // A NaN is that of 1 to the power of infinity: its neighbours are 1 to the power of something less.
    let corners = base.corners(exponent, |x, y| if x == 1.0 { 1.0 } else { pow(x, y) }, |_, _| 1.0);
    widened(Doubles { nan: false, ..corners }, LIBM)
}

/// The hypotenuse grows with both absolute values; it is infinite if one of them is, whatever the other.
fn hypot_bounds(a: Doubles, b: Doubles) -> Doubles {
    let (a, b) = (a.abs(), b.abs());
    let mut all = Doubles::NONE.or_nan(a.nan | b.nan);
    if !a.is_empty() && !b.is_empty() {
        let ends = Doubles::new(libm::hypot(a.lo, b.lo), libm::hypot(a.hi, b.hi));
        all = all.join(widened(ends, LIBM));
    }
    if (a.nan && b.has_infinity()) || (b.nan && a.has_infinity()) {
        all = all.join(Doubles::point(f64::INFINITY));
    }
    all
}
