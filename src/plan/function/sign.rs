//! Signs, bounds and neighbours of doubles: the rest of `java.lang.Math`.

use super::batch::{map1, map2};
use super::functions;

functions! {
    /// The absolute value.
    abs(F64) -> F64, cost 0.3, "abs(-1.5)" => "1.5", |args, out, _| map1(args, out, f64::abs);
    /// 1, 0 or -1 with the number's sign; NaN for NaN.
    signum(F64) -> F64, cost 0.5, "signum(-7.0)" => "-1.0", |args, out, _| map1(args, out, signum);
    /// The smaller number; NaN if one is NaN, and -0.0 is below 0.0.
    min(F64, F64) -> F64, cost 0.6, "min(0.0, -0.0)" => "-0.0", |args, out, _| map2(args, out, min);
    /// The greater number; NaN if one is NaN, and 0.0 is above -0.0.
    max(F64, F64) -> F64, cost 0.6, "max(0.0, -0.0)" => "0.0", |args, out, _| map2(args, out, max);
    /// The first number with the sign of the second.
    copy_sign(F64, F64) -> F64, cost 0.5, "copy_sign(2.0, -1.0)" => "-2.0", |args, out, _| map2(args, out, f64::copysign);
    /// The remainder of the division rounded to the nearest whole number (`Math.IEEEremainder`).
    ieee_remainder(F64, F64) -> F64, cost 10.0, "ieee_remainder(5.0, 3.0)" => "-1.0", |args, out, _| map2(args, out, libm::remainder);
    /// The next double towards positive infinity.
    next_up(F64) -> F64, cost 1.0, "next_up(0.0)" => "5e-324", |args, out, _| map1(args, out, f64::next_up);
    /// The next double towards negative infinity.
    next_down(F64) -> F64, cost 1.0, "next_down(1.0)" => "0.9999999999999999", |args, out, _| map1(args, out, f64::next_down);
    /// The next double after the first towards the second.
    next_after(F64, F64) -> F64, cost 2.0, "next_after(1.0, 2.0)" => "1.0000000000000002", |args, out, _| map2(args, out, libm::nextafter);
    /// The distance to the next double.
    ulp(F64) -> F64, cost 2.0, "ulp(1.0)" => "2.220446049250313e-16", |args, out, _| map1(args, out, ulp);
    /// The number times 2 to the power of an int.
    scalb(F64, I64) -> F64, cost 2.0, "scalb(3.0, 4)" => "48.0", |args, out, _| map2(args, out, scalb);
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
