//! Rounding and Java's conversions between numbers. An int (short, byte, char) is a long that these keep in range.

use super::batch::map1;
use super::bounds::{EXACT, increasing, long, to_longs};
use super::functions;
use crate::plan::interval::{Doubles, Longs};

functions! {
    /// The next whole number above.
    ceil(F64) -> F64, cost 0.5, "ceil(1.2)" => "2.0", |args, out, _| map1(args, out, f64::ceil), |a| increasing(a, f64::ceil, EXACT);
    /// The next whole number below.
    floor(F64) -> F64, cost 0.5, "floor(-1.2)" => "-2.0", |args, out, _| map1(args, out, f64::floor), |a| increasing(a, f64::floor, EXACT);
    /// The whole number next to it towards zero.
    trunc(F64) -> F64, cost 0.5, "trunc(-1.8)" => "-1.0", |args, out, _| map1(args, out, f64::trunc), |a| increasing(a, f64::trunc, EXACT);
    /// The nearest whole number; halves go to the even one.
    rint(F64) -> F64, cost 0.5, "rint(2.5)" => "2.0", |args, out, _| map1(args, out, f64::round_ties_even), |a| increasing(a, f64::round_ties_even, EXACT);
    /// The nearest long; halves go up, NaN to 0 (`java.lang.Math.round`).
    round(F64) -> I64, cost 1.0, "round(-2.5)" => "-2", |args, out, _| map1(args, out, round), |a| to_longs(a, round);
    /// A double as a long: cut off towards 0, saturating, NaN to 0 (Java's `(long)`).
    to_i64(F64) -> I64, cost 0.7, "to_i64(-3.9)" => "-3", |args, out, _| map1(args, out, |x: f64| x as i64), |a| to_longs(a, |x| x as i64);
    /// A double as an int: cut off towards 0, saturating, NaN to 0 (Java's `(int)`).
    to_i32(F64) -> I64, cost 0.7, "to_i32(1e10)" => "2147483647", |args, out, _| map1(args, out, to_i32), |a| to_longs(a, to_i32);
    /// A double rounded to the nearest float.
    to_f32(F64) -> F64, cost 0.4, "to_f32(0.1)" => "0.10000000149011612", |args, out, _| map1(args, out, to_f32), |a| increasing(a, to_f32, EXACT);
    /// A long as the nearest float.
    i64_to_f32(I64) -> F64, cost 0.4, "i64_to_f32(16777217)" => "16777216.0", |args, out, _| map1(args, out, |x: i64| f64::from(x as f32)), |a| { let x = long(a, 0); Doubles::new(f64::from(x.lo as f32), f64::from(x.hi as f32)).into() };
    /// The low 32 bits of a long, as an int.
    wrap_i32(I64) -> I64, cost 0.3, "wrap_i32(2147483648)" => "-2147483648", |args, out, _| map1(args, out, |x: i64| i64::from(x as i32)), |a| long(a, 0).wrap(Longs::INTS, |x| i64::from(x as i32)).into();
    /// The low 16 bits of a long, as a short.
    wrap_i16(I64) -> I64, cost 0.3, "wrap_i16(70000)" => "4464", |args, out, _| map1(args, out, |x: i64| i64::from(x as i16)), |a| long(a, 0).wrap(Longs::new(-0x8000, 0x7FFF), |x| i64::from(x as i16)).into();
    /// The low 8 bits of a long, as a byte.
    wrap_i8(I64) -> I64, cost 0.3, "wrap_i8(300)" => "44", |args, out, _| map1(args, out, |x: i64| i64::from(x as i8)), |a| long(a, 0).wrap(Longs::new(-0x80, 0x7F), |x| i64::from(x as i8)).into();
    /// The low 16 bits of a long, as a char.
    wrap_u16(I64) -> I64, cost 0.3, "wrap_u16(65601)" => "65", |args, out, _| map1(args, out, |x: i64| i64::from(x as u16)), |a| long(a, 0).wrap(Longs::new(0, 0xFFFF), |x| i64::from(x as u16)).into();
}

fn round(x: f64) -> i64 {
    let below = x.floor();
    (if x - below >= 0.5 { below + 1.0 } else { below }) as i64
}

fn to_i32(x: f64) -> i64 {
    i64::from(x as i32)
}

fn to_f32(x: f64) -> f64 {
    f64::from(x as f32)
}
