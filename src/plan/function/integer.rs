//! Java's arithmetic on longs and ints that an operator of the tree cannot say: it may fail, or counts bits its own way.

use super::batch::{Batch, BatchMut, RowErrors, Scalar, map1, map2};
use super::bounds::long;
use super::functions;
use crate::plan::interval::{Bounds, Longs};

functions! {
    /// The absolute value of a long; the least long stays itself.
    abs_i64(I64) -> I64, cost 0.3, "abs_i64(-5)" => "5", |args, out, _| map1(args, out, i64::wrapping_abs), |a| long(a, 0).abs().into();
    /// The smaller long.
    min_i64(I64, I64) -> I64, cost 0.4, "min_i64(1, 2)" => "1", |args, out, _| map2(args, out, |a: i64, b: i64| a.min(b)), |a| Longs::new(long(a, 0).lo.min(long(a, 1).lo), long(a, 0).hi.min(long(a, 1).hi)).into();
    /// The greater long.
    max_i64(I64, I64) -> I64, cost 0.4, "max_i64(1, 2)" => "2", |args, out, _| map2(args, out, |a: i64, b: i64| a.max(b)), |a| Longs::new(long(a, 0).lo.max(long(a, 1).lo), long(a, 0).hi.max(long(a, 1).hi)).into();
    /// The quotient of longs, cut off towards 0; an error where the divisor is 0. The last argument is the place in the source.
    int_div(I64, I64, I64) -> I64 or fails, cost 4.0, "int_div(-7, 2, 0)" => "-3", |args, out, errors| divide(args, out, errors, i64::wrapping_div), |a| quotient(long(a, 0), long(a, 1));
    /// The remainder of longs, with the sign of the dividend; an error where the divisor is 0. The last argument is the place in the source.
    int_rem(I64, I64, I64) -> I64 or fails, cost 4.0, "int_rem(-7, 3, 0)" => "-1", |args, out, errors| divide(args, out, errors, i64::wrapping_rem), |a| remainder(long(a, 0), long(a, 1));
    /// A long as an int; an error where it is none. The last argument is the place in the source.
    to_int_exact(I64, I64) -> I64 or fails, cost 0.5, "to_int_exact(3000000000, 0)" => "fails: integer overflow: 3000000000", |args, out, errors| exact_int(args, out, errors), |a| exact_int_bounds(long(a, 0));
    /// A long shifted left; the count is taken modulo 64.
    int_shl(I64, I64) -> I64, cost 0.4, "int_shl(1, 65)" => "2", |args, out, _| map2(args, out, |a: i64, n: i64| a.wrapping_shl(n as u32)), |a| long(a, 0).shift_left(long(a, 1), 63).into();
    /// A long shifted right with its sign; the count is taken modulo 64.
    int_shr(I64, I64) -> I64, cost 0.4, "int_shr(-8, 1)" => "-4", |args, out, _| map2(args, out, |a: i64, n: i64| a.wrapping_shr(n as u32)), |a| long(a, 0).shift_right(long(a, 1), 63).into();
    /// A long shifted right with zeros; the count is taken modulo 64.
    int_ushr(I64, I64) -> I64, cost 0.4, "int_ushr(-1, 60)" => "15", |args, out, _| map2(args, out, |a: i64, n: i64| (a as u64).wrapping_shr(n as u32) as i64), |a| long(a, 0).shift_right_unsigned(long(a, 1)).into();
    /// An int shifted left; the count is taken modulo 32.
    int_shl_i32(I64, I64) -> I64, cost 0.4, "int_shl_i32(1, 33)" => "2", |args, out, _| map2(args, out, |a: i64, n: i64| i64::from((a as i32).wrapping_shl(n as u32))), |a| to_int(to_int(long(a, 0)).shift_left(long(a, 1), 31)).into();
    /// An int shifted right with its sign; the count is taken modulo 32.
    int_shr_i32(I64, I64) -> I64, cost 0.4, "int_shr_i32(-8, 1)" => "-4", |args, out, _| map2(args, out, |a: i64, n: i64| i64::from((a as i32).wrapping_shr(n as u32))), |a| to_int(long(a, 0)).shift_right(long(a, 1), 31).into();
    /// An int shifted right with zeros; the count is taken modulo 32.
    int_ushr_i32(I64, I64) -> I64, cost 0.4, "int_ushr_i32(-1, 28)" => "15", |args, out, _| map2(args, out, |a: i64, n: i64| i64::from((a as u32).wrapping_shr(n as u32) as i32)), |a| to_int(without_sign(long(a, 0)).shift_right(long(a, 1), 31)).into();
}

fn exact_int(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>) {
    let [a, site] = [0, 1].map(|i| i64::column(&args[i]));
    for (row, out) in i64::column_mut(out).iter_mut().enumerate() {
        match i32::try_from(a[row]) {
            Ok(int) => *out = i64::from(int),
            Err(_) => errors
                .raise(row, "arithmetic_exception", site[row] as usize, || format!("integer overflow: {}", a[row])),
        }
    }
}

/// What is no int fails.
fn exact_int_bounds(x: Longs) -> Bounds {
    let (lo, hi) = (x.lo.max(Longs::INTS.lo), x.hi.min(Longs::INTS.hi));
    let value = if lo <= hi { Longs::new(lo, hi) } else { Longs::INTS };
    Bounds { value: value.into(), fails: x != value }
}

fn divide(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>, f: impl Fn(i64, i64) -> i64) {
    let [a, b, site] = [0, 1, 2].map(|i| i64::column(&args[i]));
    for (row, out) in i64::column_mut(out).iter_mut().enumerate() {
        if b[row] == 0 {
            errors.raise(row, "arithmetic_exception", site[row] as usize, || "/ by zero".to_owned());
        } else {
            *out = f(a[row], b[row]);
        }
    }
}

/// On either side of 0 a quotient is monotone in both numbers. By 0 it fails.
fn quotient(a: Longs, b: Longs) -> Bounds {
    let sides = [Longs::new(i64::MIN, -1), Longs::new(1, i64::MAX)].map(|side| b.meet(side));
    let mut all: Option<Longs> = None;
    for divisor in sides.into_iter().flatten() {
        // The least long divided by -1 wraps around.
        let quotient = a.corners(divisor, i64::checked_div).unwrap_or(Longs::ALL);
        all = Some(all.map_or(quotient, |all| all.join(quotient)));
    }
    // Where the divisor is always 0 there is no value.
    Bounds { value: all.unwrap_or(Longs::point(0)).into(), fails: b.contains(0) }
}

/// A remainder has the sign of the dividend, is no greater, and less than the divisor. By 0 it fails.
fn remainder(a: Longs, b: Longs) -> Bounds {
    let most = b.lo.unsigned_abs().max(b.hi.unsigned_abs()).saturating_sub(1).min(i64::MAX as u64) as i64;
    let lo = if a.lo < 0 { a.lo.max(-most) } else { 0 };
    let hi = if a.hi > 0 { a.hi.min(most) } else { 0 };
    let least = if b.contains(0) { 0 } else { b.lo.unsigned_abs().min(b.hi.unsigned_abs()) };
    let unchanged = a.lo.unsigned_abs() < least && a.hi.unsigned_abs() < least;
    Bounds { value: if unchanged { a } else { Longs::new(lo, hi) }.into(), fails: b.contains(0) }
}

fn to_int(x: Longs) -> Longs {
    x.wrap(Longs::INTS, |x| i64::from(x as i32))
}

fn without_sign(x: Longs) -> Longs {
    x.wrap(Longs::new(0, i64::from(u32::MAX)), |x| i64::from(x as u32))
}
