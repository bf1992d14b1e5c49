//! Java's arithmetic on longs and ints that an operator of the tree cannot say: it may fail, or counts bits its own way.

use super::batch::{Batch, BatchMut, RowErrors, Scalar, map1, map2};
use super::functions;

functions! {
    /// The absolute value of a long; the least long stays itself.
    abs_i64(I64) -> I64, cost 0.3, "abs_i64(-5)" => "5", |args, out, _| map1(args, out, i64::wrapping_abs);
    /// The smaller long.
    min_i64(I64, I64) -> I64, cost 0.4, "min_i64(1, 2)" => "1", |args, out, _| map2(args, out, |a: i64, b: i64| a.min(b));
    /// The greater long.
    max_i64(I64, I64) -> I64, cost 0.4, "max_i64(1, 2)" => "2", |args, out, _| map2(args, out, |a: i64, b: i64| a.max(b));
    /// The quotient of longs, cut off towards 0; an error where the divisor is 0. The last argument is the place in the source.
    int_div(I64, I64, I64) -> I64 or fails, cost 4.0, "int_div(-7, 2, 0)" => "-3", |args, out, errors| divide(args, out, errors, i64::wrapping_div);
    /// The remainder of longs, with the sign of the dividend; an error where the divisor is 0. The last argument is the place in the source.
    int_rem(I64, I64, I64) -> I64 or fails, cost 4.0, "int_rem(-7, 3, 0)" => "-1", |args, out, errors| divide(args, out, errors, i64::wrapping_rem);
    /// A long shifted left; the count is taken modulo 64.
    int_shl(I64, I64) -> I64, cost 0.4, "int_shl(1, 65)" => "2", |args, out, _| map2(args, out, |a: i64, n: i64| a.wrapping_shl(n as u32));
    /// A long shifted right with its sign; the count is taken modulo 64.
    int_shr(I64, I64) -> I64, cost 0.4, "int_shr(-8, 1)" => "-4", |args, out, _| map2(args, out, |a: i64, n: i64| a.wrapping_shr(n as u32));
    /// A long shifted right with zeros; the count is taken modulo 64.
    int_ushr(I64, I64) -> I64, cost 0.4, "int_ushr(-1, 60)" => "15", |args, out, _| map2(args, out, |a: i64, n: i64| (a as u64).wrapping_shr(n as u32) as i64);
    /// An int shifted left; the count is taken modulo 32.
    int_shl_i32(I64, I64) -> I64, cost 0.4, "int_shl_i32(1, 33)" => "2", |args, out, _| map2(args, out, |a: i64, n: i64| i64::from((a as i32).wrapping_shl(n as u32)));
    /// An int shifted right with its sign; the count is taken modulo 32.
    int_shr_i32(I64, I64) -> I64, cost 0.4, "int_shr_i32(-8, 1)" => "-4", |args, out, _| map2(args, out, |a: i64, n: i64| i64::from((a as i32).wrapping_shr(n as u32)));
    /// An int shifted right with zeros; the count is taken modulo 32.
    int_ushr_i32(I64, I64) -> I64, cost 0.4, "int_ushr_i32(-1, 28)" => "15", |args, out, _| map2(args, out, |a: i64, n: i64| i64::from((a as u32).wrapping_shr(n as u32) as i32));
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
