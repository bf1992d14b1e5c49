//! A Python function of arithmetic only, as a tree: `def f(a, b): return a / b if a > 1 else b`.
//!
//! Floats are IEEE's in Python, too, but that it raises where they have no number to give: by zero, say. The worker that
//! parsed the function has refused all whose meaning may be another (`worker/formula.py`): what overflows in a double and not
//! in a whole number; powers, exponentials and logarithms, which are another library's there.

use std::sync::Arc;

use datafusion_expr::{Expr, Operator};
use serde::{Deserialize, Serialize};

use super::{UdfProfile, UdfRuntime, UdfType};
use crate::plan::expr::{binary, boolean, can_fail, case, double, long, string};
use crate::plan::function::call;

/// A formula over the arguments of a function.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Formula {
    /// A constant.
    Float(f64),
    /// A constant.
    Bool(bool),
    /// An argument, by its number.
    Arg(usize),
    /// `-a`
    Neg(Box<Self>),
    /// `not a`
    Not(Box<Self>),
    /// `a + b`, or another operation of two numbers.
    Math(MathOp, Box<Self>, Box<Self>),
    /// `abs(a)`, or another function of one number.
    Call(MathFn, Box<Self>),
    /// `a < b`, or another comparison.
    Compare(CompareOp, Box<Self>, Box<Self>),
    /// `a and b`, `a or b`
    Logic(LogicOp, Box<Self>, Box<Self>),
    /// `b if a else c`
    Choose(Box<Self>, Box<Self>, Box<Self>),
    /// `b`, unless `a` fails
    After(Box<Self>, Box<Self>),
}

/// An operation of two doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MathOp {
    /// The sum.
    #[serde(rename = "+")]
    Add,
    /// The difference.
    #[serde(rename = "-")]
    Subtract,
    /// The product.
    #[serde(rename = "*")]
    Multiply,
    /// The quotient; by zero it fails.
    #[serde(rename = "/")]
    Divide,
    /// The remainder with the sign of the divisor; by zero it fails.
    #[serde(rename = "%")]
    Modulo,
    /// The quotient, rounded down; by zero it fails.
    #[serde(rename = "//")]
    FloorDivide,
}

/// A function of a double.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MathFn {
    /// The absolute value.
    Abs,
    /// The square root; of a negative number it fails.
    Sqrt,
    /// Rounded down to a whole number, and like all that round it fails where the number is not finite.
    Floor,
    /// Rounded up.
    Ceil,
    /// Rounded towards zero.
    Trunc,
    /// Rounded to the nearest whole number, halves to the even one.
    Round,
}

/// A comparison of two doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CompareOp {
    /// Less.
    #[serde(rename = "<")]
    Less,
    /// Less or equal.
    #[serde(rename = "<=")]
    LessOrEqual,
    /// Greater.
    #[serde(rename = ">")]
    Greater,
    /// Greater or equal.
    #[serde(rename = ">=")]
    GreaterOrEqual,
    /// Equal.
    #[serde(rename = "==")]
    Equal,
    /// Not equal.
    #[serde(rename = "!=")]
    NotEqual,
}

/// A connection of two booleans.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogicOp {
    /// Both.
    And,
    /// One at least.
    Or,
}

/// The tree of a call, where the UDF has a formula that fits its types and its arguments cannot fail: which of them Python
/// evaluates must not depend on which of them the formula needs.
pub(super) fn lower(profile: &Arc<UdfProfile>, args: &[Expr], site: usize) -> Option<Expr> {
    let UdfRuntime::Python { formula: Some(formula), .. } = &profile.runtime else { return None };
    if profile.bounds.is_some() || args.iter().any(can_fail) {
        return None;
    }
    let (tree, ty) = Lowering { args, types: &profile.signature(), site }.lower(formula)?;
    (ty == profile.result).then_some(tree)
}

struct Lowering<'a> {
    args: &'a [Expr],
    types: &'a [UdfType],
    site: usize,
}

impl Lowering<'_> {
    fn lower(&self, formula: &Formula) -> Option<(Expr, UdfType)> {
        Some(match formula {
            Formula::Float(v) => (double(*v), UdfType::F64),
            Formula::Bool(v) => (boolean(*v), UdfType::Bool),
            Formula::Arg(index) => match self.types.get(*index)? {
                ty @ (UdfType::F64 | UdfType::Bool) => (self.args.get(*index)?.clone(), *ty),
                UdfType::I32 | UdfType::I64 | UdfType::F32 | UdfType::Str => return None,
            },
            Formula::Neg(a) => (Expr::Negative(Box::new(self.typed(a, UdfType::F64)?)), UdfType::F64),
            Formula::Not(a) => (Expr::Not(Box::new(self.typed(a, UdfType::Bool)?)), UdfType::Bool),
            Formula::Math(op, a, b) => {
                (self.math(*op, self.typed(a, UdfType::F64)?, self.typed(b, UdfType::F64)?), UdfType::F64)
            }
            Formula::Call(function, a) => (self.call(*function, self.typed(a, UdfType::F64)?), UdfType::F64),
            Formula::Compare(op, a, b) => {
                let op = match op {
                    CompareOp::Less => Operator::Lt,
                    CompareOp::LessOrEqual => Operator::LtEq,
                    CompareOp::Greater => Operator::Gt,
                    CompareOp::GreaterOrEqual => Operator::GtEq,
                    CompareOp::Equal => Operator::Eq,
                    CompareOp::NotEqual => Operator::NotEq,
                };
                (binary(self.typed(a, UdfType::F64)?, op, self.typed(b, UdfType::F64)?), UdfType::Bool)
            }
            Formula::Logic(op, a, b) => {
                let op = match op {
                    LogicOp::And => Operator::And,
                    LogicOp::Or => Operator::Or,
                };
                (binary(self.typed(a, UdfType::Bool)?, op, self.typed(b, UdfType::Bool)?), UdfType::Bool)
            }
            Formula::Choose(test, then, otherwise) => {
                let (then, ty) = self.lower(then)?;
                (case(self.typed(test, UdfType::Bool)?, then, self.typed(otherwise, ty)?), ty)
            }
            Formula::After(first, then) => {
                let first = match self.lower(first)? {
                    (first, UdfType::Bool) => case(first, double(1.0), double(0.0)),
                    (first, _) => first,
                };
                let (then, ty) = self.lower(then)?;
                // It is always true.
                let otherwise = if ty == UdfType::Bool { boolean(false) } else { double(0.0) };
                (case(call("evaluated", vec![first]), then, otherwise), ty)
            }
        })
    }

    fn typed(&self, formula: &Formula, ty: UdfType) -> Option<Expr> {
        self.lower(formula).filter(|(_, is)| *is == ty).map(|(tree, _)| tree)
    }

    fn math(&self, op: MathOp, a: Expr, b: Expr) -> Expr {
        match op {
            MathOp::Add => binary(a, Operator::Plus, b),
            MathOp::Subtract => binary(a, Operator::Minus, b),
            MathOp::Multiply => binary(a, Operator::Multiply, b),
            MathOp::Divide => binary(a, Operator::Divide, self.divisor(b, "division by zero")),
            MathOp::Modulo => call("floor_mod", vec![a, self.divisor(b, "modulo")]),
            MathOp::FloorDivide => call("floor_div", vec![a, self.divisor(b, "floor division by zero")]),
        }
    }

    fn divisor(&self, value: Expr, what: &str) -> Expr {
        self.checked("nonzero", value, &format!("ZeroDivisionError: float {what}"))
    }

    fn call(&self, function: MathFn, value: Expr) -> Expr {
        let rounded = match function {
            MathFn::Abs => return call("abs", vec![value]),
            MathFn::Sqrt => {
                return call("sqrt", vec![self.checked("not_negative", value, "ValueError: math domain error")]);
            }
            MathFn::Floor => "floor",
            MathFn::Ceil => "ceil",
            MathFn::Trunc => "trunc",
            MathFn::Round => "rint",
        };
        let value = self.checked("not_nan", value, "ValueError: cannot convert float NaN to integer");
        let value = self.checked("not_infinite", value, "OverflowError: cannot convert float infinity to integer");
        // Whole numbers have but one zero.
        binary(call(rounded, vec![value]), Operator::Plus, double(0.0))
    }

    /// The number, unless it is one that Python refuses.
    fn checked(&self, check: &str, value: Expr, reason: &str) -> Expr {
        call(check, vec![value, string(reason), long(self.site as i64)])
    }
}
