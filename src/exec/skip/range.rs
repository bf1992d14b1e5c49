//! Between which values scores lie. Ends are doubles, which hold every float; rounding is monotone, so rounded ends bound
//! rounded scores.

use crate::plan::interval::Interval;

/// Scores from `lo` to `hi`, and NaN where `nan`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Range {
    pub(super) lo: f64,
    pub(super) hi: f64,
    pub(super) nan: bool,
}

impl Range {
    /// Any score.
    pub(super) const ANY: Self = Self { lo: f64::NEG_INFINITY, hi: f64::INFINITY, nan: true };

    /// One score.
    pub(super) fn exactly(score: f32) -> Self {
        Self { lo: score.into(), hi: score.into(), nan: score.is_nan() }
    }

    /// Scores from 0 to another.
    pub(super) fn up_to(hi: f32) -> Self {
        Self { lo: 0.0, hi: hi.into(), nan: hi.is_nan() }
    }

    /// What scores a script's double becomes.
    pub(super) fn rounded(value: Interval) -> Self {
        match value {
            Interval::F64 { lo, hi, nan } => Self { lo: f64::from(lo as f32), hi: f64::from(hi as f32), nan },
            Interval::I64 { .. } | Interval::Bool { .. } | Interval::Str => Self::ANY,
        }
    }

    /// Either of two.
    #[must_use]
    pub(super) fn join(self, other: Self) -> Self {
        Self { lo: self.lo.min(other.lo), hi: self.hi.max(other.hi), nan: self.nan || other.nan }
    }

    /// Times a float, as floats.
    #[must_use]
    pub(super) fn times(self, factor: f32) -> Self {
        if factor == 1.0 {
            return self;
        }
        let ends = [self.lo as f32 * factor, self.hi as f32 * factor].map(f64::from);
        if ends.iter().any(|end| end.is_nan()) {
            return Self::ANY;
        }
        Self { lo: ends[0].min(ends[1]), hi: ends[0].max(ends[1]), nan: self.nan }
    }

    /// Those that are at least so high; none: nothing is.
    pub(super) fn at_least(self, min_score: f32) -> Option<Self> {
        let least = f64::from(min_score);
        (self.hi >= least).then(|| Self { lo: self.lo.max(least), hi: self.hi, nan: false })
    }

    /// Whether all are at least so high.
    pub(super) fn is_at_least(self, min_score: f32) -> bool {
        self.lo >= f64::from(min_score) && !self.nan
    }
}

/// A sum of scores that is made in doubles, in any order, and rounded to a float in the end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sum {
    lo: f64,
    hi: f64,
    /// The sum of what the ends are without their signs: by it, and the number of additions, rounding errors are bounded.
    size: f64,
    terms: u32,
    nan: bool,
    /// Whether a score may be below zero; sums of others are not, however they are rounded.
    negative: bool,
}

impl Sum {
    /// Nothing yet.
    pub(super) const ZERO: Self = Self { lo: 0.0, hi: 0.0, size: 0.0, terms: 0, nan: false, negative: false };

    /// Adds a score.
    pub(super) fn add(&mut self, score: Range) {
        self.lo += score.lo;
        self.hi += score.hi;
        self.size += score.lo.abs().max(score.hi.abs());
        self.terms += 1;
        self.nan |= score.nan;
        self.negative |= score.lo < 0.0;
    }

    /// Adds a score that may be left out.
    pub(super) fn add_perhaps(&mut self, score: Range) {
        self.add(score.join(Range { lo: 0.0, hi: 0.0, nan: false }));
    }

    /// The sum as floats.
    pub(super) fn rounded(self) -> Range {
        let error = self.error();
        let lo = if self.negative { self.lo - error } else { (self.lo - error).max(0.0) };
        Range::rounded(Interval::F64 { lo, hi: self.hi + error, nan: self.nan }).or_any()
    }

    /// How far another order of the additions may be away.
    fn error(self) -> f64 {
        // Of one addition, and one that adds to zero, nothing is lost.
        if self.terms <= 1 { 0.0 } else { self.size * f64::EPSILON * f64::from(self.terms) }
    }

    /// The sum times a factor, added to another score, as floats.
    pub(super) fn times_added_to(self, factor: f32, best: Range) -> Range {
        let factor = f64::from(factor);
        let error = self.error() * factor.abs();
        let ends = [self.lo * factor, self.hi * factor];
        let (lo, hi) = (ends[0].min(ends[1]) - error, ends[0].max(ends[1]) + error);
        let lo = if self.negative || factor < 0.0 { lo } else { lo.max(0.0) };
        let nan = self.nan || best.nan || ends.iter().any(|end| end.is_nan());
        Range::rounded(Interval::F64 { lo: best.lo + lo, hi: best.hi + hi, nan }).or_any()
    }
}

impl Range {
    /// Any score, where an end is none: infinities that cancel each other out.
    fn or_any(self) -> Self {
        let cancels = self.lo.is_nan() || self.hi.is_nan() || (self.lo.is_infinite() && self.hi.is_infinite());
        if cancels { Self::ANY } else { self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(lo: f64, hi: f64) -> Range {
        Range { lo, hi, nan: false }
    }

    #[test]
    fn ends_follow_the_scores() {
        assert_eq!(range(1.0, 2.0).times(-2.0), range(-4.0, -2.0));
        assert_eq!(range(1.0, f64::INFINITY).times(0.0), Range::ANY);
        assert_eq!(range(1.0, 2.0).at_least(1.5), Some(range(1.5, 2.0)));
        assert_eq!(range(1.0, 2.0).at_least(3.0), None);
        assert!(range(1.0, 2.0).is_at_least(1.0) && !Range::ANY.is_at_least(f32::NEG_INFINITY));
        let mut sum = Sum::ZERO;
        sum.add(range(1.0, 2.0));
        sum.add_perhaps(range(0.5, 3.0));
        let found = sum.rounded();
        assert!(found.lo <= 1.0 && found.hi >= 5.0 && found.hi < 5.001, "{found:?}");
        sum.add(range(f64::NEG_INFINITY, f64::INFINITY));
        assert_eq!(sum.rounded(), Range::ANY);
    }

    #[test]
    fn sums_hold_in_any_order() {
        // Scores whose sum depends on the order, in doubles as well as rounded to floats.
        let mut state = 7u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            f32::from_bits(0x3000_0000 + (state >> 36) as u32)
        };
        for _ in 0..2000 {
            let scores: Vec<f32> = (0..9).map(|_| next()).collect();
            let mut sum = Sum::ZERO;
            scores.iter().for_each(|score| sum.add(Range::exactly(*score)));
            let bounds = sum.rounded();
            for turn in 0..scores.len() {
                let (head, tail) = scores.split_at(turn);
                let real = tail.iter().chain(head).fold(0.0, |sum, score| sum + f64::from(*score)) as f32;
                assert!(bounds.lo <= f64::from(real) && f64::from(real) <= bounds.hi, "{scores:?}");
            }
        }
    }
}
