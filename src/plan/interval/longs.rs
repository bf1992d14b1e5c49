//! Intervals of longs and Java's arithmetic on them: it wraps around, and then anything can come out.

use super::Truth;

/// Longs from `lo` to `hi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Longs {
    /// The least value.
    pub lo: i64,
    /// The greatest value.
    pub hi: i64,
}

impl Longs {
    /// Every long.
    pub const ALL: Self = Self { lo: i64::MIN, hi: i64::MAX };

    /// Every int.
    pub(crate) const INTS: Self = Self { lo: i32::MIN as i64, hi: i32::MAX as i64 };

    /// From `lo` to `hi`.
    pub const fn new(lo: i64, hi: i64) -> Self {
        Self { lo, hi }
    }

    /// One value.
    pub const fn point(value: i64) -> Self {
        Self::new(value, value)
    }

    /// The one value that it can have.
    #[inline]
    pub fn as_point(self) -> Option<i64> {
        (self.lo == self.hi).then_some(self.lo)
    }

    /// Whether a long lies in it.
    #[inline]
    pub fn contains(self, x: i64) -> bool {
        (self.lo..=self.hi).contains(&x)
    }

    /// The least interval that contains both.
    #[inline]
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi) }
    }

    /// What both have in common, if there is something.
    #[inline]
    pub(crate) fn meet(self, other: Self) -> Option<Self> {
        let both = Self { lo: self.lo.max(other.lo), hi: self.hi.min(other.hi) };
        (both.lo <= both.hi).then_some(both)
    }

    /// The images of both ends of a function that grows with its argument.
    #[inline]
    pub(crate) fn increasing(self, f: impl Fn(i64) -> i64) -> Self {
        Self { lo: f(self.lo), hi: f(self.hi) }
    }

    /// The least interval around the results of all four pairs of ends; `None` where one has none.
    #[inline]
    pub(crate) fn corners(self, other: Self, f: impl Fn(i64, i64) -> Option<i64>) -> Option<Self> {
        let first = f(self.lo, other.lo)?;
        let mut all = Self::point(first);
        for (a, b) in [(self.lo, other.hi), (self.hi, other.lo), (self.hi, other.hi)] {
            all = all.join(Self::point(f(a, b)?));
        }
        Some(all)
    }

    /// Ends that were computed; all longs if one wrapped around.
    #[inline]
    fn unless_wrapped(lo: Option<i64>, hi: Option<i64>) -> Self {
        match (lo, hi) {
            (Some(lo), Some(hi)) => Self { lo, hi },
            _ => Self::ALL,
        }
    }

    #[inline]
    pub(crate) fn add(self, other: Self) -> Self {
        Self::unless_wrapped(self.lo.checked_add(other.lo), self.hi.checked_add(other.hi))
    }

    #[inline]
    pub(crate) fn subtract(self, other: Self) -> Self {
        Self::unless_wrapped(self.lo.checked_sub(other.hi), self.hi.checked_sub(other.lo))
    }

    #[inline]
    pub(crate) fn multiply(self, other: Self) -> Self {
        self.corners(other, i64::checked_mul).unwrap_or(Self::ALL)
    }

    #[inline]
    pub(crate) fn negate(self) -> Self {
        Self::point(0).subtract(self)
    }

    /// The absolute values; that of the least long is itself.
    #[inline]
    pub(crate) fn abs(self) -> Self {
        if self.lo >= 0 {
            self
        } else if self.lo == i64::MIN {
            Self::ALL
        } else if self.hi <= 0 {
            self.negate()
        } else {
            Self { lo: 0, hi: self.hi.max(-self.lo) }
        }
    }

    /// The low bits of a long as a number of a smaller type, whose values `of` are.
    #[inline]
    pub(crate) fn wrap(self, of: Self, f: impl Fn(i64) -> i64) -> Self {
        let wrapped = self.increasing(f);
        // Neither end wraps, or both do so often: less than a turn apart, they are still in order.
        let turn = of.hi.abs_diff(of.lo);
        if self.hi.abs_diff(self.lo) <= turn && wrapped.lo <= wrapped.hi { wrapped } else { of }
    }

    /// All bits inverted: the order is, too.
    #[inline]
    fn inverted(self) -> Self {
        Self { lo: !self.hi, hi: !self.lo }
    }

    /// The longs that need no more bits than those of two intervals, with the signs that a result can have.
    #[inline]
    fn of_width(a: Self, b: Self, negative: bool, positive: bool) -> Self {
        let widest = [a.lo, a.hi, b.lo, b.hi].map(|x| 64 - (x ^ (x >> 63)).leading_zeros()).into_iter().max();
        let most = match widest.unwrap_or(63) {
            63.. => i64::MAX,
            bits => (1 << bits) - 1,
        };
        Self { lo: if negative { !most } else { 0 }, hi: if positive { most } else { -1 } }
    }

    #[inline]
    pub(crate) fn bit_and(self, other: Self) -> Self {
        let negative = self.lo < 0 && other.lo < 0;
        let width = Self::of_width(self, other, negative, self.hi >= 0 || other.hi >= 0);
        // What has no sign can only lose bits.
        let mut hi = width.hi.min(self.hi.max(other.hi));
        if self.lo >= 0 {
            hi = hi.min(self.hi);
        }
        if other.lo >= 0 {
            hi = hi.min(other.hi);
        }
        Self { lo: width.lo, hi }
    }

    #[inline]
    pub(crate) fn bit_or(self, other: Self) -> Self {
        self.inverted().bit_and(other.inverted()).inverted()
    }

    #[inline]
    pub(crate) fn bit_xor(self, other: Self) -> Self {
        let differ = (self.lo < 0 && other.hi >= 0) || (self.hi >= 0 && other.lo < 0);
        let agree = (self.lo < 0 && other.lo < 0) || (self.hi >= 0 && other.hi >= 0);
        Self::of_width(self, other, differ, agree)
    }

    /// How many bits a shift can take: the lowest bits of its count, as many as `most` has.
    #[inline]
    fn shifts(self, most: i64) -> Self {
        self.wrap(Self::new(0, most), |n| n & most)
    }

    /// Shifted left; the count is taken modulo `most` + 1.
    #[inline]
    pub(crate) fn shift_left(self, count: Self, most: i64) -> Self {
        let exact = |a: i64, n: i64| Some(a << n).filter(|shifted| shifted >> n == a);
        self.corners(count.shifts(most), exact).unwrap_or(Self::ALL)
    }

    /// Shifted right with the sign; the count is taken modulo `most` + 1.
    #[inline]
    pub(crate) fn shift_right(self, count: Self, most: i64) -> Self {
        self.corners(count.shifts(most), |a, n| Some(a >> n)).unwrap_or(Self::ALL)
    }

    /// Shifted right with zeros.
    #[inline]
    pub(crate) fn shift_right_unsigned(self, count: Self) -> Self {
        let count = count.shifts(63);
        let shift = |a: i64, n: i64| Some((a as u64 >> n) as i64);
        if self.lo >= 0 || (self.hi < 0 && count.lo > 0) {
            self.corners(count, shift).unwrap_or(Self::ALL)
        } else if count.lo > 0 {
            Self::new(0, (u64::MAX >> count.lo) as i64)
        } else {
            Self::ALL
        }
    }

    #[inline]
    pub(crate) fn less(self, other: Self) -> Truth {
        Truth { yes: self.lo < other.hi, no: self.hi >= other.lo }
    }

    #[inline]
    pub(crate) fn less_or_equal(self, other: Self) -> Truth {
        Truth { yes: self.lo <= other.hi, no: self.hi > other.lo }
    }

    #[inline]
    pub(crate) fn equal(self, other: Self) -> Truth {
        let same = self.lo == self.hi && other.lo == other.hi && self.lo == other.lo;
        Truth { yes: self.lo <= other.hi && other.lo <= self.hi, no: !same }
    }
}
