//! The shapes that bounds of functions have, so that a function says its own in one line beside its evaluation.
//!
//! A shape takes the intervals of the arguments and gives the [`Bounds`] of the value. One point is evaluated as it is;
//! beyond it, what is rounded less exactly than IEEE demands is widened by the error that it may have. A zero stays: `libm`
//! is exact to units of the last place, so it has the sign of the true value.

use std::f64::consts::{PI, TAU};

use crate::plan::interval::{Bounds, Doubles, Interval, Longs, Truth, higher, lower};

/// How many units in the last place a function of `libm` and its true value may be apart, on both ends, with a margin:
/// their authors claim less than 1 for most, less than 2 for all.
pub(super) const LIBM: u64 = 8;

/// Of what is rounded correctly, and so grows wherever the true value does.
pub(super) const EXACT: u64 = 0;

/// An argument that is a double.
pub(super) fn double(args: &[Interval], n: usize) -> Doubles {
    args.get(n).map_or(Doubles::ALL, |arg| arg.as_doubles())
}

/// An argument that is a long.
pub(super) fn long(args: &[Interval], n: usize) -> Longs {
    args.get(n).map_or(Longs::ALL, |arg| arg.as_longs())
}

/// A function of doubles that grows with its argument.
pub(super) fn increasing(args: &[Interval], f: impl Fn(f64) -> f64, ulps: u64) -> Bounds {
    increasing_on(args, f64::NEG_INFINITY, f64::INFINITY, f, ulps)
}

/// A function of doubles that grows with its argument from `lo` to `hi`, and is NaN elsewhere.
pub(super) fn increasing_on(args: &[Interval], lo: f64, hi: f64, f: impl Fn(f64) -> f64, ulps: u64) -> Bounds {
    let x = double(args, 0);
    monotone(x, lo, hi, ulps, |x| x.increasing(&f)).into()
}

/// A function of doubles that falls with its argument from `lo` to `hi`, and is NaN elsewhere.
pub(super) fn decreasing_on(args: &[Interval], lo: f64, hi: f64, f: impl Fn(f64) -> f64, ulps: u64) -> Bounds {
    let x = double(args, 0);
    monotone(x, lo, hi, ulps, |x| x.decreasing(&f)).into()
}

fn monotone(x: Doubles, lo: f64, hi: f64, ulps: u64, ends: impl Fn(Doubles) -> Doubles) -> Doubles {
    let domain = x.within(lo, hi);
    let outside = !x.is_empty() && (domain.is_empty() || x.lo < lo || x.hi > hi);
    let image = ends(domain);
    let image = if domain.as_point().is_some() { image } else { widened(image, ulps) };
    image.or_nan(outside)
}

/// A function of doubles whose value depends on the absolute value and grows with it.
pub(super) fn even(args: &[Interval], f: impl Fn(f64) -> f64, ulps: u64) -> Bounds {
    monotone(double(args, 0).abs(), 0.0, f64::INFINITY, ulps, |x| x.increasing(&f)).into()
}

/// A function of two doubles that grows with both of them, and is NaN where one is.
pub(super) fn increasing2(args: &[Interval], f: impl Fn(f64, f64) -> f64) -> Bounds {
    let (a, b) = (double(args, 0), double(args, 1));
    let nan = a.nan | b.nan;
    if a.is_empty() || b.is_empty() {
        return Doubles { nan, ..Doubles::NAN }.into();
    }
    Doubles { lo: f(a.lo, b.lo), hi: f(a.hi, b.hi), nan }.into()
}

/// A function from doubles to longs that grows with its argument; NaN gives 0.
pub(super) fn to_longs(args: &[Interval], f: impl Fn(f64) -> i64) -> Bounds {
    let x = double(args, 0);
    let numbers = (!x.is_empty()).then(|| Longs::new(f(x.lo), f(x.hi)));
    match (numbers, x.nan) {
        (Some(numbers), true) => numbers.join(Longs::point(0)).into(),
        (Some(numbers), false) => numbers.into(),
        (None, _) => Longs::point(0).into(),
    }
}

/// A function of a long that grows with it.
pub(super) fn increasing_long(args: &[Interval], f: impl Fn(i64) -> i64) -> Bounds {
    long(args, 0).increasing(f).into()
}

/// A function of a long whose values are `of`: the value of a point, and in order between two longs of one `period`.
pub(super) fn periodic(args: &[Interval], period: i64, of: Longs, f: impl Fn(i64) -> i64) -> Bounds {
    let x = long(args, 0);
    let same = x.lo.div_euclid(period) == x.hi.div_euclid(period);
    if same || x.lo == x.hi { x.increasing(f).into() } else { of.into() }
}

/// Any long of a range.
pub(super) fn from_to(lo: i64, hi: i64) -> Bounds {
    Longs::new(lo, hi).into()
}

/// Either boolean.
pub(super) fn either(_: &[Interval]) -> Bounds {
    Truth::ANY.into()
}

/// Any string.
pub(super) fn any_text(_: &[Interval]) -> Bounds {
    Interval::Str.into()
}

/// The same, but it may fail.
pub(super) fn failing(bounds: Bounds) -> Bounds {
    Bounds { fails: true, ..bounds }
}

/// What rounds up and down at both ends by so many units in the last place. A zero stays, and nothing gets a new sign.
pub(super) fn widened(x: Doubles, ulps: u64) -> Doubles {
    if x.is_empty() {
        return x;
    }
    Doubles { lo: down(x.lo, ulps), hi: -down(-x.hi, ulps), nan: x.nan }
}

/// The same of many, none of which is empty.
#[inline(always)]
pub(super) fn widen(lower: &mut [f64], upper: &mut [f64], ulps: u64) {
    lower.iter_mut().for_each(|lo| *lo = down(*lo, ulps));
    upper.iter_mut().for_each(|hi| *hi = -down(-*hi, ulps));
}

#[inline(always)]
fn down(x: f64, ulps: u64) -> f64 {
    let bits = x.to_bits();
    let moved = if x > 0.0 { bits.saturating_sub(ulps) } else { (bits + ulps).min(f64::NEG_INFINITY.to_bits()) };
    if x == 0.0 { x } else { f64::from_bits(moved) }
}

/// A wave between -1 and 1 with a crest at `crest` and each full turn from there.
pub(super) fn wave(x: Doubles, crest: f64, f: impl Fn(f64) -> f64) -> Doubles {
    let whole = Doubles::new(-1.0, 1.0).or_nan(x.nan | x.has_infinity());
    if x.is_empty() {
        return Doubles { nan: x.nan, ..Doubles::NAN };
    }
    if let Some(angle) = x.as_point() {
        return Doubles::point(f(angle));
    }
    if !is_local(x, TAU) {
        return whole;
    }
    let ends = (f(x.lo), f(x.hi));
    let sides = widened(Doubles { lo: lower(ends.0, ends.1), hi: higher(ends.0, ends.1), nan: x.nan }, LIBM);
    let lo = if meets(x, crest + PI, TAU) { -1.0 } else { sides.lo };
    let hi = if meets(x, crest, TAU) { 1.0 } else { sides.hi };
    Doubles { lo, hi, nan: x.nan }.within(-1.0, 1.0)
}

/// A function that grows between poles, of which one is at `pole` and the next a `period` away.
pub(super) fn between_poles(x: Doubles, pole: f64, period: f64, f: impl Fn(f64) -> f64) -> Doubles {
    if x.is_empty() {
        Doubles { nan: x.nan, ..Doubles::NAN }
    } else if let Some(angle) = x.as_point() {
        Doubles::point(f(angle))
    } else if !is_local(x, period) || meets(x, pole, period) {
        Doubles { nan: x.nan | x.has_infinity(), ..Doubles::ALL }
    } else {
        widened(x.increasing(f), LIBM)
    }
}

/// Whether an interval is shorter than a period, and so near to 0 that it is known where in its period a number is.
fn is_local(x: Doubles, period: f64) -> bool {
    lower(x.lo, -x.hi) > -1e6 && x.hi - x.lo < period
}

/// Whether some `place + n * period` lies in an interval, or so near to it that rounding may say so.
fn meets(x: Doubles, place: f64, period: f64) -> bool {
    const NEAR: f64 = 1e-9;
    let turns = |x: f64| (x - place) / period;
    (turns(x.lo) - NEAR).ceil() <= turns(x.hi) + NEAR
}
