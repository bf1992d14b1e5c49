//! Intervals: between which values an expression lies when all that is known of its inputs are intervals.
//!
//! IEEE's `+ - * / sqrt` and Java's rounding are monotone, so the rounded ends bound the rounded values. A function that
//! is rounded less exactly (logarithms, powers, angles) widens its ends by what its error may be: that stands beside its
//! evaluation in [`function`](crate::plan::function). Here is what operators do.

mod doubles;
mod longs;
mod truth;

pub use doubles::Doubles;
pub(crate) use doubles::{higher, lower};
pub use longs::Longs;
pub use truth::Truth;

use crate::plan::script::ValueType;

/// A set of values that contains all that an expression can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interval {
    /// Doubles from `lo` to `hi` (empty where `lo > hi`: then only NaN is left), and NaN where `nan`.
    ///
    /// `-0.0` is below `0.0`: what lies between `0.0` and 5 is never `-0.0`.
    F64 {
        /// The least value.
        lo: f64,
        /// The greatest value.
        hi: f64,
        /// Whether it may be NaN.
        nan: bool,
    },
    /// Longs from `lo` to `hi`.
    I64 {
        /// The least value.
        lo: i64,
        /// The greatest value.
        hi: i64,
    },
    /// Booleans.
    Bool {
        /// Whether it may be false.
        no: bool,
        /// Whether it may be true.
        yes: bool,
    },
    /// Any string.
    Str,
}

impl Interval {
    /// All values of a type.
    pub fn all(ty: ValueType) -> Self {
        match ty {
            ValueType::F64 => Doubles::ALL.into(),
            ValueType::I64 => Longs::ALL.into(),
            ValueType::Bool => Truth::ANY.into(),
            ValueType::Str => Self::Str,
        }
    }

    /// The type of the values.
    pub fn ty(self) -> ValueType {
        match self {
            Self::F64 { .. } => ValueType::F64,
            Self::I64 { .. } => ValueType::I64,
            Self::Bool { .. } => ValueType::Bool,
            Self::Str => ValueType::Str,
        }
    }

    /// Doubles from `lo` to `hi`, never NaN.
    pub fn doubles(lo: f64, hi: f64) -> Self {
        Self::F64 { lo, hi, nan: false }
    }

    /// Longs from `lo` to `hi`.
    pub fn longs(lo: i64, hi: i64) -> Self {
        Self::I64 { lo, hi }
    }

    /// As doubles; all of them if it is of another type.
    pub fn as_doubles(self) -> Doubles {
        match self {
            Self::F64 { lo, hi, nan } => Doubles { lo, hi, nan },
            Self::I64 { .. } | Self::Bool { .. } | Self::Str => Doubles::ALL,
        }
    }

    /// As longs; all of them if it is of another type.
    pub fn as_longs(self) -> Longs {
        match self {
            Self::I64 { lo, hi } => Longs { lo, hi },
            Self::F64 { .. } | Self::Bool { .. } | Self::Str => Longs::ALL,
        }
    }

    /// As booleans; both if it is of another type.
    pub fn as_truth(self) -> Truth {
        match self {
            Self::Bool { no, yes } => Truth { no, yes },
            Self::F64 { .. } | Self::I64 { .. } | Self::Str => Truth::ANY,
        }
    }

    /// The least interval that contains both, which are of one type.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        match self {
            Self::F64 { lo, hi, nan } => Doubles { lo, hi, nan }.join(other.as_doubles()).into(),
            Self::I64 { lo, hi } => Longs { lo, hi }.join(other.as_longs()).into(),
            Self::Bool { no, yes } => Truth { no, yes }.join(other.as_truth()).into(),
            Self::Str => Self::Str,
        }
    }
}

impl From<Doubles> for Interval {
    fn from(Doubles { lo, hi, nan }: Doubles) -> Self {
        Self::F64 { lo, hi, nan }
    }
}

impl From<Longs> for Interval {
    fn from(Longs { lo, hi }: Longs) -> Self {
        Self::I64 { lo, hi }
    }
}

impl From<Truth> for Interval {
    fn from(Truth { no, yes }: Truth) -> Self {
        Self::Bool { no, yes }
    }
}

/// What is known of an expression's value: where it lies, and whether computing it can fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Where the value lies, if there is one.
    pub value: Interval,
    /// Whether computing it may raise an error.
    pub fails: bool,
}

impl<I: Into<Interval>> From<I> for Bounds {
    fn from(value: I) -> Self {
        Self { value: value.into(), fails: false }
    }
}
