//! What Python does with floats where IEEE and Java do something else: it raises, and its remainder has the divisor's sign.

use super::batch::{Batch, BatchMut, RowErrors, Scalar, map2, strings};
use super::bounds::double;
use super::functions;
use crate::plan::interval::{Bounds, Doubles};

functions! {
    /// The number; fails where it is zero. Arguments: the number, the reason, the place.
    nonzero(F64, Str, I64) -> F64 or fails, cost 0.5, "nonzero(0.0, 'float modulo', 0)" => "fails: float modulo", |args, out, errors| check(args, out, errors, |x| x == 0.0), |a| nonzero_bounds(double(a, 0));
    /// The number, also where it is NaN; fails where it is below zero. Arguments: the number, the reason, the place.
    not_negative(F64, Str, I64) -> F64 or fails, cost 0.5, "not_negative(-1.0, 'math domain error', 0)" => "fails: math domain error", |args, out, errors| check(args, out, errors, |x| x < 0.0), |a| not_negative_bounds(double(a, 0));
    /// The number; fails where it is NaN. Arguments: the number, the reason, the place.
    not_nan(F64, Str, I64) -> F64 or fails, cost 0.5, "not_nan(1.5, 'NaN', 0)" => "1.5", |args, out, errors| check(args, out, errors, f64::is_nan), |a| not_nan_bounds(double(a, 0));
    /// The number, also where it is NaN; fails where it is infinite. Arguments: the number, the reason, the place.
    not_infinite(F64, Str, I64) -> F64 or fails, cost 0.5, "not_infinite(1.5, 'infinity', 0)" => "1.5", |args, out, errors| check(args, out, errors, f64::is_infinite), |a| not_infinite_bounds(double(a, 0));
    /// The remainder of the division that is rounded down (`a % b` in Python): it has the sign of the divisor.
    floor_mod(F64, F64) -> F64, cost 10.0, "floor_mod(-7.0, 3.0)" => "2.0", |args, out, _| map2(args, out, floor_mod), |a| floor_mod_bounds(double(a, 0), double(a, 1)).into();
    /// The quotient, rounded down (`a // b` in Python).
    floor_div(F64, F64) -> F64, cost 12.0, "floor_div(-7.0, 2.0)" => "-4.0", |args, out, _| map2(args, out, floor_div), |a| floor_div_bounds(double(a, 0), double(a, 1)).into();
}

fn check(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>, fails: impl Fn(f64) -> bool) {
    let (values, reasons, sites) = (f64::column(&args[0]), strings(&args[1]), i64::column(&args[2]));
    let out = f64::column_mut(out);
    out.copy_from_slice(values);
    // As a rule none fails, and this loop runs in vectors.
    if out.iter().fold(false, |any, x| any | fails(*x)) {
        for (row, _) in out.iter().enumerate().filter(|(_, x)| fails(**x)) {
            errors.raise(row, "arithmetic_exception", sites[row] as usize, || reasons.get(row).to_owned());
        }
    }
}

/// `float_rem` of CPython, but for the divisor 0, for which it gives NaN.
fn floor_mod(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        0.0_f64.copysign(b)
    } else if (b < 0.0) != (rest < 0.0) {
        rest + b
    } else {
        rest
    }
}

/// `float_floor_div` of CPython, but for the divisor 0, for which it gives NaN.
fn floor_div(a: f64, b: f64) -> f64 {
    let rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 && (b < 0.0) != (rest < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(a / b);
    }
    let floor = quotient.floor();
    if quotient - floor > 0.5 { floor + 1.0 } else { floor }
}

fn nonzero_bounds(x: Doubles) -> Bounds {
    Bounds { value: x.into(), fails: x.contains_zero() }
}

fn not_negative_bounds(x: Doubles) -> Bounds {
    let passed = x.within(-0.0, f64::INFINITY).or_nan(x.nan);
    Bounds { value: passed.into(), fails: !x.is_empty() && x.lo < 0.0 }
}

fn not_nan_bounds(x: Doubles) -> Bounds {
    Bounds { value: Doubles { nan: false, ..x }.into(), fails: x.nan }
}

fn not_infinite_bounds(x: Doubles) -> Bounds {
    let passed = x.within(f64::MIN, f64::MAX).or_nan(x.nan);
    Bounds { value: passed.into(), fails: x.has_infinity() }
}

/// The remainder lies between zero and the divisor, which it may come to when it is rounded.
fn floor_mod_bounds(a: Doubles, b: Doubles) -> Doubles {
    if let (Some(a), Some(b)) = (a.as_point(), b.as_point()) {
        return Doubles::point(floor_mod(a, b));
    }
    let nan = a.nan || b.nan || a.has_infinity() || b.contains_zero();
    if a.is_empty() || b.is_empty() {
        return Doubles { nan, ..Doubles::NAN };
    }
    let lo = if b.lo.is_sign_negative() { b.lo } else { 0.0 };
    let hi = if b.hi.is_sign_positive() { b.hi } else { -0.0 };
    Doubles::new(lo, hi).or_nan(nan)
}

fn floor_div_bounds(a: Doubles, b: Doubles) -> Doubles {
    match (a.as_point(), b.as_point()) {
        (Some(a), Some(b)) => Doubles::point(floor_div(a, b)),
        _ => Doubles::ALL,
    }
}
