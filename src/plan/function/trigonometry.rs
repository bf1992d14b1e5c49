//! Angles: `java.lang.Math`, and the inverse hyperbolic functions of Lucene's `MathUtil`.

use std::f64::consts::{FRAC_PI_2, PI};

use super::batch::{map1, map2};
use super::bounds::{
    EXACT, LIBM, between_poles, decreasing_on, double, even, increasing, increasing_on, wave, widened,
};
use super::functions;
use crate::plan::interval::Doubles;

functions! {
    /// The sine of an angle in radians.
    sin(F64) -> F64, cost 10.0, "sin(0.0)" => "0.0", |args, out, _| map1(args, out, libm::sin), |a| wave(double(a, 0), FRAC_PI_2, libm::sin).into();
    /// The cosine of an angle in radians.
    cos(F64) -> F64, cost 10.0, "cos(0.0)" => "1.0", |args, out, _| map1(args, out, libm::cos), |a| wave(double(a, 0), 0.0, libm::cos).into();
    /// The tangent of an angle in radians.
    tan(F64) -> F64, cost 14.0, "tan(0.0)" => "0.0", |args, out, _| map1(args, out, libm::tan), |a| between_poles(double(a, 0), FRAC_PI_2, PI, libm::tan).into();
    /// The arc sine in radians; NaN beyond 1.
    asin(F64) -> F64, cost 8.0, "asin(0.0)" => "0.0", |args, out, _| map1(args, out, libm::asin), |a| increasing_on(a, -1.0, 1.0, libm::asin, LIBM);
    /// The arc cosine in radians; NaN beyond 1.
    acos(F64) -> F64, cost 8.0, "acos(1.0)" => "0.0", |args, out, _| map1(args, out, libm::acos), |a| decreasing_on(a, -1.0, 1.0, libm::acos, LIBM);
    /// The arc tangent in radians.
    atan(F64) -> F64, cost 8.0, "atan(0.0)" => "0.0", |args, out, _| map1(args, out, libm::atan), |a| increasing(a, libm::atan, LIBM);
    /// The angle of the point (x, y) in radians, from y and x.
    atan2(F64, F64) -> F64, cost 12.0, "atan2(0.0, 1.0)" => "0.0", |args, out, _| map2(args, out, libm::atan2), |a| atan2_bounds(double(a, 0), double(a, 1)).into();
    /// The hyperbolic sine.
    sinh(F64) -> F64, cost 12.0, "sinh(0.0)" => "0.0", |args, out, _| map1(args, out, libm::sinh), |a| increasing(a, libm::sinh, LIBM);
    /// The hyperbolic cosine.
    cosh(F64) -> F64, cost 12.0, "cosh(0.0)" => "1.0", |args, out, _| map1(args, out, libm::cosh), |a| even(a, libm::cosh, LIBM);
    /// The hyperbolic tangent.
    tanh(F64) -> F64, cost 12.0, "tanh(0.0)" => "0.0", |args, out, _| map1(args, out, libm::tanh), |a| increasing(a, libm::tanh, LIBM);
    /// The inverse hyperbolic sine.
    asinh(F64) -> F64, cost 10.0, "asinh(0.0)" => "0.0", |args, out, _| map1(args, out, asinh), |a| increasing(a, asinh, LIBM);
    /// The inverse hyperbolic cosine; NaN below 1.
    acosh(F64) -> F64, cost 10.0, "acosh(1.0)" => "0.0", |args, out, _| map1(args, out, acosh), |a| acosh_bounds(double(a, 0)).into();
    /// The inverse hyperbolic tangent; NaN beyond 1.
    atanh(F64) -> F64, cost 10.0, "atanh(0.0)" => "0.0", |args, out, _| map1(args, out, atanh), |a| increasing_on(a, -1.0, 1.0, atanh, LIBM);
    /// Radians to degrees.
    to_degrees(F64) -> F64, cost 0.5, "to_degrees(0.0)" => "0.0", |args, out, _| map1(args, out, to_degrees), |a| increasing(a, to_degrees, EXACT);
    /// Degrees to radians.
    to_radians(F64) -> F64, cost 0.5, "to_radians(0.0)" => "0.0", |args, out, _| map1(args, out, to_radians), |a| increasing(a, to_radians, EXACT);
}

/// Java multiplies by these constants; Rust's methods may round otherwise.
const DEGREES_TO_RADIANS: f64 = 0.017_453_292_519_943_295;
const RADIANS_TO_DEGREES: f64 = 57.295_779_513_082_32;

/// `java.lang.Math.toRadians`.
pub(crate) fn to_radians(degrees: f64) -> f64 {
    degrees * DEGREES_TO_RADIANS
}

fn to_degrees(radians: f64) -> f64 {
    radians * RADIANS_TO_DEGREES
}

fn asinh(x: f64) -> f64 {
    let a = x.abs();
    libm::log((a * a + 1.0).sqrt() + a).copysign(x)
}

fn acosh(x: f64) -> f64 {
    libm::log((x * x - 1.0).sqrt() + x)
}

fn atanh(x: f64) -> f64 {
    let a = x.abs();
    0.5f64.copysign(x) * libm::log((1.0 + a) / (1.0 - a))
}

/// On either side of the x axis the angle is monotone in both coordinates.
fn atan2_bounds(y: Doubles, x: Doubles) -> Doubles {
    if let (Some(y), Some(x)) = (y.as_point(), x.as_point()) {
        return Doubles::point(libm::atan2(y, x));
    }
    let side = |y: Doubles| y.corners(x, libm::atan2, |_, _| 0.0);
    widened(side(y.negatives()).join(side(y.positives())), LIBM)
}

/// Below 1 it is NaN, but for what rounding makes of far negative numbers.
fn acosh_bounds(x: Doubles) -> Doubles {
    if x.lo < -1.0 {
        return Doubles::ALL;
    }
    let domain = x.within(1.0, f64::INFINITY);
    let image = domain.increasing(acosh);
    let image = if domain.as_point().is_some() { image } else { widened(image, LIBM) };
    image.or_nan(x.lo < 1.0)
}
