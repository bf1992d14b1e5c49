//! Roots, powers and logarithms: `java.lang.Math`, computed by `libm` so that every tier gives the same bits.

use super::batch::{map_in_place, map1, map2};
use super::{functions, wide};

functions! {
    /// The square root; NaN for a negative number.
    sqrt(F64) -> F64, cost 0.8, "sqrt(9.0)" => "3.0", |args, out, _| map1(args, out, f64::sqrt);
    /// The cube root.
    cbrt(F64) -> F64, cost 8.0, "cbrt(27.0)" => "3.0", |args, out, _| map1(args, out, libm::cbrt);
    /// e raised to a power.
    exp(F64) -> F64, cost 6.0, "exp(0.0)" => "1.0", |args, out, _| map_in_place(args, out, wide::exp);
    /// e raised to a power, minus 1; exact near 0.
    expm1(F64) -> F64, cost 8.0, "expm1(0.0)" => "0.0", |args, out, _| map1(args, out, libm::expm1);
    /// The natural logarithm; NaN for a negative number, minus infinity for 0.
    log(F64) -> F64, cost 6.0, "log(1.0)" => "0.0", |args, out, _| map_in_place(args, out, wide::log);
    /// The natural logarithm of 1 + x; exact near 0.
    log1p(F64) -> F64, cost 8.0, "log1p(0.0)" => "0.0", |args, out, _| map1(args, out, libm::log1p);
    /// The logarithm to base 2.
    log2(F64) -> F64, cost 8.0, "log2(8.0)" => "3.0", |args, out, _| map1(args, out, libm::log2);
    /// The logarithm to base 10.
    log10(F64) -> F64, cost 8.0, "log10(1000.0)" => "3.0", |args, out, _| map_in_place(args, out, wide::log10);
    /// The first number raised to the power of the second; as in Java, 1 to the power of infinity is NaN.
    pow(F64, F64) -> F64, cost 20.0, "pow(2.0, 10.0)" => "1024.0", |args, out, _| map2(args, out, pow);
    /// The length of the hypotenuse.
    hypot(F64, F64) -> F64, cost 6.0, "hypot(3.0, 4.0)" => "5.0", |args, out, _| map2(args, out, libm::hypot);
}

/// `java.lang.Math.pow`: C answers 1 where Java answers NaN.
pub(crate) fn pow(base: f64, exponent: f64) -> f64 {
    if exponent.is_nan() || (exponent.is_infinite() && base.abs() == 1.0) {
        f64::NAN
    } else {
        libm::pow(base, exponent)
    }
}
