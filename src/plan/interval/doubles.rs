//! Intervals of doubles and IEEE arithmetic on them.
//!
//! The ends are ordered with `-0.0` below `0.0`. In that order `+ - * /` are monotone in each operand while the other one
//! stays (a divisor while it keeps its sign), so the least and the greatest result come from ends.

use std::ops::{Add, Div, Mul, Neg, Rem, Sub};

use super::{Longs, Truth};

/// Doubles from `lo` to `hi`, and NaN where `nan`. Where `lo > hi` there are none, but perhaps NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Doubles {
    /// The least value.
    pub lo: f64,
    /// The greatest value.
    pub hi: f64,
    /// Whether it may be NaN.
    pub nan: bool,
}

/// The lower of two numbers; `-0.0` is below `0.0`.
#[inline]
pub(crate) fn lower(a: f64, b: f64) -> f64 {
    if a < b || (a == b && a.is_sign_negative()) { a } else { b }
}

/// The higher of two numbers; `0.0` is above `-0.0`.
#[inline]
pub(crate) fn higher(a: f64, b: f64) -> f64 {
    if a > b || (a == b && a.is_sign_positive()) { a } else { b }
}

impl Doubles {
    /// Every double, and NaN.
    pub const ALL: Self = Self { lo: f64::NEG_INFINITY, hi: f64::INFINITY, nan: true };

    /// No number; NaN unless said otherwise.
    pub const NAN: Self = Self { lo: f64::INFINITY, hi: f64::NEG_INFINITY, nan: true };

    /// No value at all: of what always fails.
    pub const NONE: Self = Self { nan: false, ..Self::NAN };

    /// From `lo` to `hi`, never NaN.
    pub const fn new(lo: f64, hi: f64) -> Self {
        Self { lo, hi, nan: false }
    }

    /// One value.
    pub fn point(value: f64) -> Self {
        if value.is_nan() { Self::NAN } else { Self::new(value, value) }
    }

    /// The same numbers, and NaN too where `nan`.
    #[must_use]
    pub const fn or_nan(self, nan: bool) -> Self {
        Self { nan: self.nan | nan, ..self }
    }

    /// Whether there is no number.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.lo > self.hi
    }

    /// The one value that it can have, NaN apart.
    #[inline]
    pub fn as_point(self) -> Option<f64> {
        (self.lo.to_bits() == self.hi.to_bits() && !self.nan).then_some(self.lo)
    }

    /// Whether a number lies in it.
    #[inline]
    pub fn contains(self, x: f64) -> bool {
        let from = lower(self.lo, x).to_bits() == self.lo.to_bits();
        if x.is_nan() { self.nan } else { from && higher(self.hi, x).to_bits() == self.hi.to_bits() }
    }

    /// Whether some number of it is infinite.
    #[inline]
    pub fn has_infinity(self) -> bool {
        !self.is_empty() && (self.lo == f64::NEG_INFINITY || self.hi == f64::INFINITY)
    }

    /// The least interval that contains both.
    #[inline]
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        if self.is_empty() || other.is_empty() {
            let some = if self.is_empty() { other } else { self };
            return Self { nan: self.nan | other.nan, ..some };
        }
        Self { lo: lower(self.lo, other.lo), hi: higher(self.hi, other.hi), nan: self.nan | other.nan }
    }

    /// What of it lies from `lo` to `hi`; NaN stays.
    #[inline]
    #[must_use]
    pub fn within(self, lo: f64, hi: f64) -> Self {
        let cut = Self { lo: higher(self.lo, lo), hi: lower(self.hi, hi), nan: self.nan };
        if cut.is_empty() || higher(cut.lo, cut.hi).to_bits() != cut.hi.to_bits() {
            return Self { nan: self.nan, ..Self::NAN };
        }
        cut
    }

    /// The part with a sign, `-0.0` and below.
    #[inline]
    pub(crate) fn negatives(self) -> Self {
        self.within(f64::NEG_INFINITY, -0.0)
    }

    /// The part without, `0.0` and above.
    #[inline]
    pub(crate) fn positives(self) -> Self {
        self.within(0.0, f64::INFINITY)
    }

    /// The absolute values.
    #[inline]
    #[must_use]
    pub fn abs(self) -> Self {
        if self.is_empty() || self.lo.is_sign_positive() {
            self
        } else if self.hi.is_sign_negative() {
            -self
        } else {
            Self { lo: 0.0, hi: higher(-self.lo, self.hi), nan: self.nan }
        }
    }

    /// The images of both ends of a function that grows with its argument.
    #[inline]
    pub(crate) fn increasing(self, f: impl Fn(f64) -> f64) -> Self {
        if self.is_empty() { self } else { Self { lo: f(self.lo), hi: f(self.hi), nan: self.nan } }
    }

    /// The images of both ends of a function that falls as its argument grows.
    #[inline]
    pub(crate) fn decreasing(self, f: impl Fn(f64) -> f64) -> Self {
        if self.is_empty() { self } else { Self { lo: f(self.hi), hi: f(self.lo), nan: self.nan } }
    }

    /// The least interval around the results of all four pairs of ends, for a function that is monotone in each argument.
    ///
    /// Where a pair gives NaN, its neighbours give zeros or infinities: `limit` says what zero it has.
    #[inline]
    pub(crate) fn corners(self, other: Self, f: impl Fn(f64, f64) -> f64, limit: impl Fn(f64, f64) -> f64) -> Self {
        if self.is_empty() || other.is_empty() {
            return Self { nan: self.nan | other.nan, ..Self::NAN };
        }
        let mut all = Self { nan: self.nan | other.nan, ..Self::NAN };
        for (a, b) in [(self.lo, other.lo), (self.lo, other.hi), (self.hi, other.lo), (self.hi, other.hi)] {
            let mut value = f(a, b);
            if value.is_nan() {
                all.nan = true;
                value = limit(a, b);
            }
            all.lo = lower(all.lo, value);
            all.hi = higher(all.hi, value);
        }
        all
    }

    /// How it compares with another: for each comparison, whether it may hold and whether it may not.
    #[inline]
    pub(crate) fn less(self, other: Self) -> Truth {
        Truth { yes: self.lo < other.hi, no: self.nan || other.nan || self.hi >= other.lo }
    }

    #[inline]
    pub(crate) fn less_or_equal(self, other: Self) -> Truth {
        Truth { yes: self.lo <= other.hi, no: self.nan || other.nan || self.hi > other.lo }
    }

    #[inline]
    pub(crate) fn equal(self, other: Self) -> Truth {
        let same = self.lo == self.hi && other.lo == other.hi && self.lo == other.lo;
        Truth { yes: self.lo <= other.hi && other.lo <= self.hi, no: self.nan || other.nan || !same }
    }
}

impl Doubles {
    /// Whether it is what most are, so that the ends of sums, products and quotients are known at once: finite numbers that
    /// are not below zero, at least one, and no NaN.
    #[inline]
    fn is_plain(self) -> bool {
        !self.nan & (self.lo >= 0.0) & (self.lo <= self.hi) & (self.hi < f64::INFINITY)
    }
}

/// A zero with the sign of a product.
#[inline]
fn signed_zero(a: f64, b: f64) -> f64 {
    if a.is_sign_negative() == b.is_sign_negative() { 0.0 } else { -0.0 }
}

impl Neg for Doubles {
    type Output = Self;

    #[inline]
    fn neg(self) -> Self {
        if self.is_empty() { self } else { Self { lo: -self.hi, hi: -self.lo, nan: self.nan } }
    }
}

impl Add for Doubles {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        if self.is_plain() && other.is_plain() {
            return Self::new(self.lo + other.lo, self.hi + other.hi);
        }
        let mut nan = self.nan | other.nan;
        if self.is_empty() || other.is_empty() {
            return Self { nan, ..Self::NAN };
        }
        let (mut lo, mut hi) = (self.lo + other.lo, self.hi + other.hi);
        nan |= self.lo == f64::NEG_INFINITY && other.hi == f64::INFINITY;
        nan |= self.hi == f64::INFINITY && other.lo == f64::NEG_INFINITY;
        // One of two least values is infinity: then all of its operand are, and what is left besides NaN is infinity.
        if lo.is_nan() {
            lo = f64::INFINITY;
        }
        if hi.is_nan() {
            hi = f64::NEG_INFINITY;
        }
        Self { lo, hi, nan }
    }
}

impl Sub for Doubles {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        self + -other
    }
}

impl Mul for Doubles {
    type Output = Self;

    #[inline]
    fn mul(self, other: Self) -> Self {
        if self.is_plain() && other.is_plain() {
            let zero = self.lo.is_sign_negative() | other.lo.is_sign_negative();
            return Self::new(if zero { -0.0 } else { self.lo * other.lo }, self.hi * other.hi + 0.0);
        }
        let zero_times_infinity =
            (self.contains_zero() && other.has_infinity()) || (other.contains_zero() && self.has_infinity());
        self.corners(other, |a, b| a * b, signed_zero).or_nan(zero_times_infinity)
    }
}

impl Div for Doubles {
    type Output = Self;

    #[inline]
    fn div(self, other: Self) -> Self {
        if self.is_plain() && other.is_plain() && other.lo > 0.0 {
            return Self::new(self.lo / other.hi, self.hi / other.lo);
        }
        let undefined =
            (self.contains_zero() && other.contains_zero()) || (self.has_infinity() && other.has_infinity());
        let divide = |divisor: Self| self.corners(divisor, |a, b| a / b, signed_zero);
        let quotient = if other.lo.is_sign_negative() && other.hi.is_sign_positive() {
            divide(other.negatives()).join(divide(other.positives()))
        } else {
            divide(other)
        };
        quotient.or_nan(undefined)
    }
}

impl Rem for Doubles {
    type Output = Self;

    /// The remainder has the sign of the dividend, is no greater, and is less than the divisor.
    #[inline]
    fn rem(self, other: Self) -> Self {
        let nan = self.nan || other.nan || self.has_infinity() || other.contains_zero();
        let (size, divisor) = (self.abs(), other.abs());
        if size.is_empty() || divisor.is_empty() {
            return Self { nan, ..Self::NAN };
        }
        if size.hi < divisor.lo {
            return self.or_nan(nan);
        }
        let most = lower(size.hi, divisor.hi);
        let lo = if self.lo.is_sign_negative() { -most } else { 0.0 };
        let hi = if self.hi.is_sign_positive() { most } else { -0.0 };
        Self { lo, hi, nan }
    }
}

impl Doubles {
    /// Whether one of the zeros lies in it.
    #[inline]
    pub(crate) fn contains_zero(self) -> bool {
        self.lo <= 0.0 && self.hi >= 0.0
    }
}

impl From<Longs> for Doubles {
    /// Longs as the nearest doubles.
    #[inline]
    fn from(longs: Longs) -> Self {
        Self::new(longs.lo as f64, longs.hi as f64)
    }
}
