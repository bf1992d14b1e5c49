//! Angles: `java.lang.Math`, and the inverse hyperbolic functions of Lucene's `MathUtil`.

use super::batch::{map1, map2};
use super::functions;

functions! {
    /// The sine of an angle in radians.
    sin(F64) -> F64, cost 10.0, "sin(0.0)" => "0.0", |args, out, _| map1(args, out, libm::sin);
    /// The cosine of an angle in radians.
    cos(F64) -> F64, cost 10.0, "cos(0.0)" => "1.0", |args, out, _| map1(args, out, libm::cos);
    /// The tangent of an angle in radians.
    tan(F64) -> F64, cost 14.0, "tan(0.0)" => "0.0", |args, out, _| map1(args, out, libm::tan);
    /// The arc sine in radians; NaN beyond 1.
    asin(F64) -> F64, cost 8.0, "asin(0.0)" => "0.0", |args, out, _| map1(args, out, libm::asin);
    /// The arc cosine in radians; NaN beyond 1.
    acos(F64) -> F64, cost 8.0, "acos(1.0)" => "0.0", |args, out, _| map1(args, out, libm::acos);
    /// The arc tangent in radians.
    atan(F64) -> F64, cost 8.0, "atan(0.0)" => "0.0", |args, out, _| map1(args, out, libm::atan);
    /// The angle of the point (x, y) in radians, from y and x.
    atan2(F64, F64) -> F64, cost 12.0, "atan2(0.0, 1.0)" => "0.0", |args, out, _| map2(args, out, libm::atan2);
    /// The hyperbolic sine.
    sinh(F64) -> F64, cost 12.0, "sinh(0.0)" => "0.0", |args, out, _| map1(args, out, libm::sinh);
    /// The hyperbolic cosine.
    cosh(F64) -> F64, cost 12.0, "cosh(0.0)" => "1.0", |args, out, _| map1(args, out, libm::cosh);
    /// The hyperbolic tangent.
    tanh(F64) -> F64, cost 12.0, "tanh(0.0)" => "0.0", |args, out, _| map1(args, out, libm::tanh);
    /// The inverse hyperbolic sine.
    asinh(F64) -> F64, cost 10.0, "asinh(0.0)" => "0.0", |args, out, _| map1(args, out, asinh);
    /// The inverse hyperbolic cosine; NaN below 1.
    acosh(F64) -> F64, cost 10.0, "acosh(1.0)" => "0.0", |args, out, _| map1(args, out, acosh);
    /// The inverse hyperbolic tangent; NaN beyond 1.
    atanh(F64) -> F64, cost 10.0, "atanh(0.0)" => "0.0", |args, out, _| map1(args, out, atanh);
    /// Radians to degrees.
    to_degrees(F64) -> F64, cost 0.5, "to_degrees(0.0)" => "0.0", |args, out, _| map1(args, out, to_degrees);
    /// Degrees to radians.
    to_radians(F64) -> F64, cost 0.5, "to_radians(0.0)" => "0.0", |args, out, _| map1(args, out, to_radians);
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
