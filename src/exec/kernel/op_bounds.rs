//! What an operation makes of intervals.

use std::sync::Arc;

use super::program::{Arithmetic, Bits, Comparison, Op, Scalar};
use crate::exec::columns::Part;
use crate::exec::zones::ColumnZone;
use crate::plan::interval::{Bounds, Doubles, Interval, Longs, Truth};
use crate::plan::script::ValueType;
use crate::plan::udf::UdfProfile;

/// What is known of an operation's value, which is of type `ty`, when its arguments lie in intervals.
///
/// Of a check that is the value that is checked; of an operation that reads a document, nothing.
pub(super) fn op_bounds(op: &Op, ty: ValueType, args: &[Interval], udfs: &[Arc<UdfProfile>]) -> Bounds {
    let double = |n: usize| args[n].as_doubles();
    let long = |n: usize| args[n].as_longs();
    let truth = |n: usize| args[n].as_truth();
    match op {
        Op::Check { .. } => Bounds { value: args[0], fails: truth(1).no },
        Op::Negate if ty == ValueType::F64 => (-double(0)).into(),
        Op::Negate => long(0).negate().into(),
        Op::Not => truth(0).negated().into(),
        Op::ToDouble => Doubles::from(long(0)).into(),
        Op::Arithmetic(op) if ty == ValueType::F64 => doubles(*op, double(0), double(1)).into(),
        Op::Arithmetic(op) => longs(*op, long(0), long(1)).into(),
        Op::Bits(op) => bits(*op, long(0), long(1)).into(),
        Op::Compare(op) => compare(*op, args[0], args[1]).into(),
        Op::And => truth(0).and(truth(1)).into(),
        Op::AndNot => truth(0).and(truth(1).negated()).into(),
        Op::Or => truth(0).or(truth(1)).into(),
        Op::Select => match truth(0).as_known() {
            Some(true) => args[1].into(),
            Some(false) => args[2].into(),
            None => args[1].join(args[2]).into(),
        },
        Op::Call(function) => (function.0.bounds)(args),
        Op::Bound { table, .. } => Doubles::new(table.lo, table.hi).into(),
        Op::Curve(curve) => Doubles::new(curve.lo, curve.hi).into(),
        Op::Udf { udf, .. } => udfs[*udf].result_bounds(),
        Op::Skip(_)
        | Op::Score
        | Op::Doc
        | Op::Filter(_)
        | Op::Load { .. }
        | Op::Present { .. }
        | Op::Contains { .. } => Interval::all(ty).into(),
    }
}

/// What is loaded from a column; `null` where a value is missing.
#[inline]
pub(super) fn load(column: &ColumnZone, part: Part, guarded: bool, ty: ValueType, null: Interval) -> Interval {
    match (column.some, column.missing && !guarded) {
        (true, false) => part.bounds(column, ty),
        (true, true) => part.bounds(column, ty).join(null),
        (false, _) => null,
    }
}

impl From<&Scalar> for Interval {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::F64(v) => Doubles::point(*v).into(),
            Scalar::I64(v) => Longs::point(*v).into(),
            Scalar::Bool(v) => Truth::known(*v).into(),
            Scalar::Str(_) => Self::Str,
        }
    }
}

#[inline]
pub(super) fn doubles(op: Arithmetic, a: Doubles, b: Doubles) -> Doubles {
    match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    }
}

#[inline]
pub(super) fn longs(op: Arithmetic, a: Longs, b: Longs) -> Longs {
    match op {
        Arithmetic::Add => a.add(b),
        Arithmetic::Subtract => a.subtract(b),
        Arithmetic::Multiply => a.multiply(b),
        // Functions divide longs: they can fail.
        Arithmetic::Divide | Arithmetic::Remainder => Longs::ALL,
    }
}

fn bits(op: Bits, a: Longs, b: Longs) -> Longs {
    match op {
        Bits::And => a.bit_and(b),
        Bits::Or => a.bit_or(b),
        Bits::Xor => a.bit_xor(b),
        Bits::ShiftLeft => a.shift_left(b, 63),
        Bits::ShiftRight => a.shift_right(b, 63),
    }
}

/// How two values of one type compare. `>` is `<` the other way round; `<>` is not `=`, of NaN too.
#[inline]
pub(super) fn compare(op: Comparison, a: Interval, b: Interval) -> Truth {
    match op {
        Comparison::Eq => equal(a, b),
        Comparison::NotEq => equal(a, b).negated(),
        Comparison::Lt => less(a, b),
        Comparison::LtEq => less_or_equal(a, b),
        Comparison::Gt => less(b, a),
        Comparison::GtEq => less_or_equal(b, a),
    }
}

fn equal(a: Interval, b: Interval) -> Truth {
    match a {
        Interval::F64 { .. } => a.as_doubles().equal(b.as_doubles()),
        Interval::I64 { .. } => a.as_longs().equal(b.as_longs()),
        Interval::Bool { .. } => a.as_truth().equal(b.as_truth()),
        Interval::Str => Truth::ANY,
    }
}

fn less(a: Interval, b: Interval) -> Truth {
    match a {
        Interval::F64 { .. } => a.as_doubles().less(b.as_doubles()),
        Interval::I64 { .. } => a.as_longs().less(b.as_longs()),
        Interval::Bool { .. } => a.as_truth().less(b.as_truth()),
        Interval::Str => Truth::ANY,
    }
}

fn less_or_equal(a: Interval, b: Interval) -> Truth {
    match a {
        Interval::F64 { .. } => a.as_doubles().less_or_equal(b.as_doubles()),
        Interval::I64 { .. } => a.as_longs().less_or_equal(b.as_longs()),
        Interval::Bool { .. } => a.as_truth().less_or_equal(b.as_truth()),
        Interval::Str => Truth::ANY,
    }
}
