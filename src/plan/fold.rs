//! The value of a tree that names no column and no parameter, by the same functions as run in a shard.
//!
//! A branch that is not taken is not evaluated, so it neither fails nor has to be constant.

use datafusion_common::ScalarValue;
use datafusion_expr::{BinaryExpr, Expr, Operator};

use crate::plan::function::batch::{Batch, BatchMut, RowError, RowErrors, StrBatch};
use crate::plan::function::{Function, function};
use crate::plan::script::ValueType;

/// Why a tree has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It depends on a document, a score or a parameter, or is outside of the accepted subset.
    NotConstant,
    /// It fails wherever it is evaluated.
    Fails(RowError),
}

/// The value of a tree, as the tree's literals hold values.
///
/// # Errors
/// The tree is not constant, or fails.
pub fn fold(expr: &Expr) -> Result<ScalarValue, Stop> {
    match expr {
        Expr::Literal(
            v @ (ScalarValue::Float64(Some(_))
            | ScalarValue::Int64(Some(_))
            | ScalarValue::Boolean(Some(_))
            | ScalarValue::Utf8(Some(_))),
            _,
        ) => Ok(v.clone()),
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => fold_binary(left, *op, right),
        Expr::Not(inner) => Ok(ScalarValue::from(!truth(inner)?)),
        Expr::Negative(inner) => match fold(inner)? {
            ScalarValue::Float64(Some(v)) => Ok(ScalarValue::from(-v)),
            ScalarValue::Int64(Some(v)) => Ok(ScalarValue::from(v.wrapping_neg())),
            _ => Err(Stop::NotConstant),
        },
        Expr::Cast(cast) => match fold(&cast.expr)? {
            ScalarValue::Int64(Some(v)) => Ok(ScalarValue::from(v as f64)),
            _ => Err(Stop::NotConstant),
        },
        Expr::Case(case) if case.expr.is_none() => {
            for (when, then) in &case.when_then_expr {
                if truth(when)? {
                    return fold(then);
                }
            }
            case.else_expr.as_deref().map_or(Err(Stop::NotConstant), fold)
        }
        Expr::ScalarFunction(f) => {
            let function = function(f.name()).ok_or(Stop::NotConstant)?;
            let args = f.args.iter().map(fold).collect::<Result<Vec<_>, _>>()?;
            apply(function, &args)
        }
        _ => Err(Stop::NotConstant),
    }
}

fn truth(expr: &Expr) -> Result<bool, Stop> {
    match fold(expr)? {
        ScalarValue::Boolean(Some(v)) => Ok(v),
        _ => Err(Stop::NotConstant),
    }
}

fn fold_binary(left: &Expr, op: Operator, right: &Expr) -> Result<ScalarValue, Stop> {
    match op {
        Operator::And => return Ok(ScalarValue::from(truth(left)? && truth(right)?)),
        Operator::Or => return Ok(ScalarValue::from(truth(left)? || truth(right)?)),
        _ => {}
    }
    match (fold(left)?, fold(right)?) {
        (ScalarValue::Float64(Some(a)), ScalarValue::Float64(Some(b))) => match op {
            Operator::Plus => Some(ScalarValue::from(a + b)),
            Operator::Minus => Some(ScalarValue::from(a - b)),
            Operator::Multiply => Some(ScalarValue::from(a * b)),
            Operator::Divide => Some(ScalarValue::from(a / b)),
            Operator::Modulo => Some(ScalarValue::from(a % b)),
            _ => compare(op, &a, &b),
        },
        (ScalarValue::Int64(Some(a)), ScalarValue::Int64(Some(b))) => match op {
            Operator::Plus => Some(ScalarValue::from(a.wrapping_add(b))),
            Operator::Minus => Some(ScalarValue::from(a.wrapping_sub(b))),
            Operator::Multiply => Some(ScalarValue::from(a.wrapping_mul(b))),
            Operator::BitwiseAnd => Some(ScalarValue::from(a & b)),
            Operator::BitwiseOr => Some(ScalarValue::from(a | b)),
            Operator::BitwiseXor => Some(ScalarValue::from(a ^ b)),
            _ => compare(op, &a, &b),
        },
        (ScalarValue::Boolean(Some(a)), ScalarValue::Boolean(Some(b))) => compare(op, &a, &b),
        (ScalarValue::Utf8(Some(a)), ScalarValue::Utf8(Some(b))) => compare(op, &a, &b),
        _ => None,
    }
    .ok_or(Stop::NotConstant)
}

fn compare<T: PartialOrd>(op: Operator, a: &T, b: &T) -> Option<ScalarValue> {
    Some(ScalarValue::from(match op {
        Operator::Eq => a == b,
        Operator::NotEq => a != b,
        Operator::Lt => a < b,
        Operator::LtEq => a <= b,
        Operator::Gt => a > b,
        Operator::GtEq => a >= b,
        _ => return None,
    }))
}

/// Applies a function to a batch of one row.
fn apply(f: &Function, args: &[ScalarValue]) -> Result<ScalarValue, Stop> {
    if args.len() != f.args.len() {
        return Err(Stop::NotConstant);
    }
    let spans: Vec<_> = args
        .iter()
        .map(|arg| match arg {
            ScalarValue::Utf8(Some(text)) => [(0, text.len() as u32)],
            _ => [(0, 0)],
        })
        .collect();
    let mut batches = Vec::with_capacity(args.len());
    for ((arg, ty), spans) in args.iter().zip(f.args).zip(&spans) {
        batches.push(match (arg, ty) {
            (ScalarValue::Float64(Some(v)), ValueType::F64) => Batch::F64(std::slice::from_ref(v)),
            (ScalarValue::Int64(Some(v)), ValueType::I64) => Batch::I64(std::slice::from_ref(v)),
            (ScalarValue::Boolean(Some(v)), ValueType::Bool) => Batch::Bool(std::slice::from_ref(v)),
            (ScalarValue::Utf8(Some(text)), ValueType::Str) => Batch::Str(StrBatch { text, spans }),
            _ => return Err(Stop::NotConstant),
        });
    }
    let mut first = None;
    let mut errors = RowErrors { active: None, first: &mut first };
    let value = match f.result {
        ValueType::F64 => {
            let mut out = [0.0];
            (f.eval)(&batches, &mut BatchMut::F64(&mut out), &mut errors);
            ScalarValue::from(out[0])
        }
        ValueType::I64 => {
            let mut out = [0];
            (f.eval)(&batches, &mut BatchMut::I64(&mut out), &mut errors);
            ScalarValue::from(out[0])
        }
        ValueType::Bool => {
            let mut out = [false];
            (f.eval)(&batches, &mut BatchMut::Bool(&mut out), &mut errors);
            ScalarValue::from(out[0])
        }
        ValueType::Str => {
            let (mut text, mut spans) = (String::new(), Vec::new());
            (f.eval)(&batches, &mut BatchMut::Str(&mut text, &mut spans), &mut errors);
            ScalarValue::from(text)
        }
    };
    first.map_or(Ok(value), |e| Err(Stop::Fails(e)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::expr::{binary, boolean, case, column, double, long, to_double};
    use crate::plan::function::call;

    #[test]
    fn constants_fold_and_columns_do_not() {
        let fails = call("int_div", vec![long(1), long(0), long(7)]);
        let site = |e: Result<ScalarValue, Stop>| match e {
            Err(Stop::Fails(e)) => e.site,
            other => panic!("{other:?}"),
        };
        assert_eq!(site(fold(&fails)), 7);
        let sum = binary(to_double(long(1)), Operator::Plus, call("sqrt", vec![double(4.0)]));
        assert_eq!(fold(&sum), Ok(ScalarValue::from(3.0)));
        let lazy = case(boolean(true), long(1), fails.clone());
        assert_eq!(fold(&lazy), Ok(ScalarValue::from(1i64)));
        let lazy = binary(boolean(false), Operator::And, binary(fails, Operator::Eq, long(1)));
        assert_eq!(fold(&lazy), Ok(ScalarValue::from(false)));
        assert_eq!(fold(&column("a")), Err(Stop::NotConstant));
    }
}
