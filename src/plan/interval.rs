//! Intervals: between which values an expression lies when all that is known of its inputs are intervals.
//!
//! IEEE's `+ - * / sqrt` and Java's rounding are monotone, so the rounded ends bound the rounded values. A function that
//! is rounded less exactly (logarithms, powers, angles) widens its ends by what its error may be.

use crate::plan::script::ValueType;

/// A set of values that contains all that an expression can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interval {
    /// Doubles from `lo` to `hi` (empty where `lo > hi`: then only NaN is left), and NaN where `nan`.
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
            ValueType::F64 => Self::F64 { lo: f64::NEG_INFINITY, hi: f64::INFINITY, nan: true },
            ValueType::I64 => Self::I64 { lo: i64::MIN, hi: i64::MAX },
            ValueType::Bool => Self::Bool { no: true, yes: true },
            ValueType::Str => Self::Str,
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
}

/// What is known of an expression's value: where it lies, and whether computing it can fail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// Where the value lies, if there is one.
    pub value: Interval,
    /// Whether computing it may raise an error.
    pub fails: bool,
}
