//! Signs, bounds and neighbours of doubles: the rest of `java.lang.Math`.

use super::batch::{map1, map2};
use super::bounds::{EXACT, double, even, increasing, increasing2, long};
use super::functions;
use crate::plan::interval::{Doubles, Longs, higher, lower};

functions! {
    /// The absolute value.
    abs(F64) -> F64, cost 0.3, "abs(-1.5)" => "1.5", |args, out, _| map1(args, out, f64::abs), |a| double(a, 0).abs().into();
    /// 1, 0 or -1 with the number's sign; NaN for NaN.
    signum(F64) -> F64, cost 0.5, "signum(-7.0)" => "-1.0", |args, out, _| map1(args, out, signum), |a| increasing(a, signum, EXACT);
    /// The smaller number; NaN if one is NaN, and -0.0 is below 0.0.
    min(F64, F64) -> F64, cost 0.6, "min(0.0, -0.0)" => "-0.0", |args, out, _| map2(args, out, min), |a| increasing2(a, min);
    /// The greater number; NaN if one is NaN, and 0.0 is above -0.0.
    max(F64, F64) -> F64, cost 0.6, "max(0.0, -0.0)" => "0.0", |args, out, _| map2(args, out, max), |a| increasing2(a, max);
    /// The first number with the sign of the second.
    copy_sign(F64, F64) -> F64, cost 0.5, "copy_sign(2.0, -1.0)" => "-2.0", |args, out, _| map2(args, out, f64::copysign), |a| copy_sign_bounds(double(a, 0), double(a, 1)).into();
    /// The remainder of the division rounded to the nearest whole number (`Math.IEEEremainder`).
    ieee_remainder(F64, F64) -> F64, cost 10.0, "ieee_remainder(5.0, 3.0)" => "-1.0", |args, out, _| map2(args, out, libm::remainder), |a| ieee_remainder_bounds(double(a, 0), double(a, 1)).into();
    /// The next double towards positive infinity.
    next_up(F64) -> F64, cost 1.0, "next_up(0.0)" => "5e-324", |args, out, _| map1(args, out, f64::next_up), |a| increasing(a, f64::next_up, EXACT);
    /// The next double towards negative infinity.
    next_down(F64) -> F64, cost 1.0, "next_down(1.0)" => "0.9999999999999999", |args, out, _| map1(args, out, f64::next_down), |a| increasing(a, f64::next_down, EXACT);
    /// The next double after the first towards the second.
    next_after(F64, F64) -> F64, cost 2.0, "next_after(1.0, 2.0)" => "1.0000000000000002", |args, out, _| map2(args, out, libm::nextafter), |a| increasing2(a, libm::nextafter);
    /// The distance to the next double.
    ulp(F64) -> F64, cost 2.0, "ulp(1.0)" => "2.220446049250313e-16", |args, out, _| map1(args, out, ulp), |a| even(a, ulp, EXACT);
    /// The number times 2 to the power of an int.
    scalb(F64, I64) -> F64, cost 2.0, "scalb(3.0, 4)" => "48.0", |args, out, _| map2(args, out, scalb), |a| scalb_bounds(double(a, 0), long(a, 1)).into();
}

fn signum(x: f64) -> f64 {
    if x == 0.0 { x } else { x.signum() }
}

/// `java.lang.Math.min`.
pub(crate) fn min(a: f64, b: f64) -> f64 {
    if a.is_nan() {
        a
    } else if a == b {
        if a.is_sign_negative() { a } else { b }
    } else if a < b {
        a
    } else {
        b
    }
}

/// `java.lang.Math.max`.
pub(crate) fn max(a: f64, b: f64) -> f64 {
    if a.is_nan() {
        a
    } else if a == b {
        if a.is_sign_negative() { b } else { a }
    } else if a > b {
        a
    } else {
        b
    }
}

fn ulp(x: f64) -> f64 {
    let x = x.abs();
    if x == f64::MAX {
        x - x.next_down()
    } else if x.is_infinite() {
        x
    } else {
        x.next_up() - x
    }
}

fn scalb(x: f64, exponent: i64) -> f64 {
    libm::scalbn(x, exponent.clamp(-5000, 5000) as i32)
}

/// NaN has a sign, too, but which is open.
fn copy_sign_bounds(size: Doubles, sign: Doubles) -> Doubles {
    let size = size.abs();
    let negative = sign.nan || (!sign.is_empty() && sign.lo.is_sign_negative());
    let positive = sign.nan || (!sign.is_empty() && sign.hi.is_sign_positive());
    match (negative, positive) {
        (true, true) => size.join(-size),
        (true, false) => -size,
        (false, _) => size,
    }
}

/// The remainder is at most half of the divisor, and no more than the dividend.
fn ieee_remainder_bounds(a: Doubles, b: Doubles) -> Doubles {
    if let (Some(a), Some(b)) = (a.as_point(), b.as_point()) {
        return Doubles::point(libm::remainder(a, b));
    }
    let nan = a.nan || b.nan || a.has_infinity() || b.contains_zero();
    let (size, divisor) = (a.abs(), b.abs());
    if size.is_empty() || divisor.is_empty() {
        return Doubles { nan, ..Doubles::NAN };
    }
    // The half of the smallest number is none.
    let half = if divisor.hi < f64::MIN_POSITIVE { divisor.hi } else { divisor.hi / 2.0 };
    let most = lower(size.hi, half);
    if size.hi < divisor.lo / 2.0 { a.or_nan(nan) } else { Doubles::new(-most, most).or_nan(nan) }
}

fn scalb_bounds(x: Doubles, exponent: Longs) -> Doubles {
    if x.is_empty() {
        return x;
    }
    let ends = [(x.lo, exponent.lo), (x.lo, exponent.hi), (x.hi, exponent.lo), (x.hi, exponent.hi)];
    ends.into_iter().fold(Doubles::NONE.or_nan(x.nan), |all, (x, n)| {
        let value = scalb(x, n);
        Doubles { lo: lower(all.lo, value), hi: higher(all.hi, value), nan: all.nan }
    })
}
