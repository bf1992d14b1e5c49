//! A Python function of arithmetic only, as a tree: `def f(a, b): return a / b if a > 1 else b`.
//!
//! Floats are IEEE's in Python, too, but for the division by zero, which raises. The worker that parsed the function has
//! refused all whose meaning may be another (`worker/formula.py`): what overflows in a double and not in a whole number, say.

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
    /// `a + b`, or another of the four operations.
    Math(MathOp, Box<Self>, Box<Self>),
    /// `a < b`, or another comparison.
    Compare(CompareOp, Box<Self>, Box<Self>),
    /// `a and b`, `a or b`
    Logic(LogicOp, Box<Self>, Box<Self>),
    /// `b if a else c`
    Choose(Box<Self>, Box<Self>, Box<Self>),
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
            MathOp::Divide => {
                let reason = string("ZeroDivisionError: float division by zero");
                let fail = call("fail", vec![string("arithmetic_exception"), reason, long(self.site as i64)]);
                case(binary(b.clone(), Operator::Eq, double(0.0)), fail, binary(a, Operator::Divide, b))
            }
        }
    }
}
