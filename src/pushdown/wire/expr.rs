//! The wire form of a tree: its forms in the order in which a stack machine would evaluate them.
//!
//! `price * $t > 100.0` is `Column price, Placeholder $t, Binary *, F64 100, Binary >`. A flat list is read without
//! recursion, however deep the tree is. It holds exactly the subset of [`crate::plan::expr`].

use std::sync::Arc;

use datafusion_common::ScalarValue;
use datafusion_common::arrow::datatypes::DataType;
use datafusion_expr::{Case, Expr, Operator};
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::plan::expr::{binary, boolean, column, double, long, placeholder, string, to_double};
use crate::plan::function::try_call;
use crate::plan::udf::{UdfProfile, as_udf, udf_call};
use crate::plan::walk::each_operand;

use super::invalid;

/// A tree as a list of forms, operands before what uses them.
#[derive(Serialize, Deserialize)]
pub(super) struct WireExpr(Vec<WireForm>);

#[derive(Serialize, Deserialize)]
enum WireForm {
    Column(String),
    Placeholder(String),
    F64(f64),
    I64(i64),
    Bool(bool),
    Str(String),
    Binary(WireOperator),
    Not,
    Negative,
    IsNull,
    IsNotNull,
    ToDouble,
    Case { branches: u32 },
    Call { function: String, args: u32 },
    Udf { udf: u32, args: u32 },
}

macro_rules! operators {
    ($($name:ident),+) => {
        #[derive(Clone, Copy, Serialize, Deserialize)]
        enum WireOperator { $($name,)+ }

        impl WireOperator {
            fn new(op: Operator) -> Option<Self> {
                match op {
                    $(Operator::$name => Some(Self::$name),)+
                    _ => None,
                }
            }

            fn operator(self) -> Operator {
                match self { $(Self::$name => Operator::$name,)+ }
            }
        }
    };
}

operators!(
    Plus, Minus, Multiply, Divide, Modulo, Eq, NotEq, Lt, LtEq, Gt, GtEq, And, Or, BitwiseAnd, BitwiseOr, BitwiseXor
);

impl WireExpr {
    /// Writes a tree; UDFs that are not in the table yet are added to it.
    pub(super) fn new(expr: &Expr, udfs: &mut Vec<Arc<UdfProfile>>) -> Result<Self> {
        // Pre-order with the last operand first is, backwards, post-order with the first operand first.
        let mut forms = Vec::new();
        let mut open = vec![expr];
        while let Some(expr) = open.pop() {
            forms.push(WireForm::new(expr, udfs)?);
            each_operand(expr, &mut |operand| open.push(operand));
        }
        forms.reverse();
        Ok(Self(forms))
    }

    /// Reads the tree back.
    pub(super) fn into_expr(self, udfs: &[Arc<UdfProfile>]) -> Result<Expr> {
        let mut stack = Vec::new();
        for form in self.0 {
            let expr = form.into_expr(&mut stack, udfs).ok_or_else(|| invalid("a tree's form lacks an operand"))??;
            stack.push(expr);
        }
        match (stack.pop(), stack.is_empty()) {
            (Some(expr), true) => Ok(expr),
            _ => Err(invalid("a script is not one tree")),
        }
    }
}

impl WireForm {
    fn new(expr: &Expr, udfs: &mut Vec<Arc<UdfProfile>>) -> Result<Self> {
        Ok(match expr {
            Expr::Column(c) => Self::Column(c.name.clone()),
            Expr::Placeholder(p) => Self::Placeholder(p.id.trim_start_matches('$').to_owned()),
            Expr::Literal(ScalarValue::Float64(Some(v)), _) => Self::F64(*v),
            Expr::Literal(ScalarValue::Int64(Some(v)), _) => Self::I64(*v),
            Expr::Literal(ScalarValue::Boolean(Some(v)), _) => Self::Bool(*v),
            Expr::Literal(ScalarValue::Utf8(Some(v)), _) => Self::Str(v.clone()),
            Expr::BinaryExpr(b) => Self::Binary(WireOperator::new(b.op).ok_or_else(|| unsupported(expr))?),
            Expr::Not(_) => Self::Not,
            Expr::Negative(_) => Self::Negative,
            Expr::IsNull(_) => Self::IsNull,
            Expr::IsNotNull(_) => Self::IsNotNull,
            Expr::Cast(c) if c.field.data_type() == &DataType::Float64 => Self::ToDouble,
            Expr::Case(c) if c.expr.is_none() && c.else_expr.is_some() => {
                Self::Case { branches: c.when_then_expr.len() as u32 }
            }
            Expr::ScalarFunction(f) if let Some(profile) = as_udf(f) => {
                let known = udfs.iter().position(|other| other == profile);
                let udf = known.unwrap_or_else(|| {
                    udfs.push(Arc::clone(profile));
                    udfs.len() - 1
                });
                Self::Udf { udf: udf as u32, args: f.args.len() as u32 }
            }
            Expr::ScalarFunction(f) => Self::Call { function: f.name().to_owned(), args: f.args.len() as u32 },
            _ => return Err(unsupported(expr)),
        })
    }

    /// The tree of the form over operands from the stack; `None` where it holds too few.
    fn into_expr(self, stack: &mut Vec<Expr>, udfs: &[Arc<UdfProfile>]) -> Option<Result<Expr>> {
        let mut operand = || stack.pop().map(Box::new);
        Some(Ok(match self {
            Self::Column(name) => column(&name),
            Self::Placeholder(name) => placeholder(&name),
            Self::F64(v) => double(v),
            Self::I64(v) => long(v),
            Self::Bool(v) => boolean(v),
            Self::Str(v) => string(&v),
            Self::Binary(op) => {
                let right = stack.pop()?;
                binary(stack.pop()?, op.operator(), right)
            }
            Self::Not => Expr::Not(operand()?),
            Self::Negative => Expr::Negative(operand()?),
            Self::IsNull => Expr::IsNull(operand()?),
            Self::IsNotNull => Expr::IsNotNull(operand()?),
            Self::ToDouble => to_double(stack.pop()?),
            Self::Case { branches } => {
                let otherwise = operand()?;
                let mut when_then = Vec::new();
                for _ in 0..branches {
                    let then = operand()?;
                    when_then.push((operand()?, then));
                }
                when_then.reverse();
                Expr::Case(Case::new(None, when_then, Some(otherwise)))
            }
            Self::Call { function, args } => {
                let first = stack.len().checked_sub(args as usize)?;
                let args = stack.split_off(first);
                return Some(
                    try_call(&function, args).ok_or_else(|| invalid(format!("unknown function `{function}`"))),
                );
            }
            Self::Udf { udf, args } => {
                let first = stack.len().checked_sub(args as usize)?;
                let args = stack.split_off(first);
                return Some(udf_form(udf as usize, args, udfs));
            }
        }))
    }
}

/// A call as the planner writes one: with arguments of the UDF's signature, and the site.
fn udf_form(udf: usize, mut args: Vec<Expr>, udfs: &[Arc<UdfProfile>]) -> Result<Expr> {
    let profile = udfs.get(udf).ok_or_else(|| invalid(format!("UDF {udf} of {}", udfs.len())))?;
    match args.pop() {
        Some(Expr::Literal(ScalarValue::Int64(Some(site)), _)) if args.len() == profile.signature().len() => {
            Ok(udf_call(profile, args, site as usize))
        }
        _ => Err(invalid(format!("a call does not fit the UDF {profile}"))),
    }
}

fn unsupported(expr: &Expr) -> Error {
    Error::new(Code::UnsupportedExpression, format!("`{expr}` is outside of the expressions that a shard runs"))
}
