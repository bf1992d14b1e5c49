//! `fold_constants`: an operation on constants is its value.

use datafusion_common::ScalarValue;
use datafusion_expr::{BinaryExpr, Expr, Operator};

use crate::plan::expr::{boolean, double, long, string};
use crate::plan::function::batch::{Batch, BatchMut, RowErrors, StrBatch};
use crate::plan::function::{Function, function};
use crate::plan::script::ValueType;
use crate::pushdown::rule::{Apply, Rule};

/// `2.0 * 3.0 => 6.0`, `sqrt(9.0) => 3.0`
///
/// *Better*, because it is computed once and not once a batch. *Wrong* for parameters, which change between requests
/// of one plan, and for what fails: `int_div(1, 0)` stays, and fails on the first document that asks for it, if any
/// does. *Relies on* the functions' own evaluation, so a folded value has the bits of an evaluated one.
pub(crate) const RULE: Rule = Rule { name: "fold_constants", summary: "2.0 * 3.0 => 6.0", apply: Apply::Expr(apply) };

fn apply(expr: &mut Expr) -> Option<String> {
    let value = fold(expr)?;
    let change = format!("{} -> {}", crate::plan::text::expr::sql(expr), crate::plan::text::expr::sql(&value));
    *expr = value;
    Some(change)
}

fn fold(expr: &Expr) -> Option<Expr> {
    match expr {
        Expr::BinaryExpr(b) => fold_binary(b),
        Expr::Not(e) => Some(boolean(!as_bool(e)?)),
        Expr::Negative(e) => match literal(e)? {
            ScalarValue::Float64(Some(v)) => Some(double(-v)),
            ScalarValue::Int64(Some(v)) => Some(long(v.wrapping_neg())),
            _ => None,
        },
        Expr::Cast(cast) => match literal(&cast.expr)? {
            ScalarValue::Int64(Some(v)) => Some(double(*v as f64)),
            _ => None,
        },
        Expr::ScalarFunction(call) => fold_call(function(call.name())?, &call.args),
        _ => None,
    }
}

fn fold_binary(b: &BinaryExpr) -> Option<Expr> {
    match (literal(&b.left)?, literal(&b.right)?) {
        (ScalarValue::Float64(Some(l)), ScalarValue::Float64(Some(r))) => match b.op {
            Operator::Plus => Some(double(l + r)),
            Operator::Minus => Some(double(l - r)),
            Operator::Multiply => Some(double(l * r)),
            Operator::Divide => Some(double(l / r)),
            Operator::Modulo => Some(double(l % r)),
            op => compare(l, op, r),
        },
        (ScalarValue::Int64(Some(l)), ScalarValue::Int64(Some(r))) => match b.op {
            Operator::Plus => Some(long(l.wrapping_add(*r))),
            Operator::Minus => Some(long(l.wrapping_sub(*r))),
            Operator::Multiply => Some(long(l.wrapping_mul(*r))),
            Operator::BitwiseAnd => Some(long(l & r)),
            Operator::BitwiseOr => Some(long(l | r)),
            Operator::BitwiseXor => Some(long(l ^ r)),
            op => compare(l, op, r),
        },
        (ScalarValue::Utf8(Some(l)), ScalarValue::Utf8(Some(r))) => compare(l, b.op, r),
        (ScalarValue::Boolean(Some(l)), ScalarValue::Boolean(Some(r))) => match b.op {
            Operator::And => Some(boolean(*l && *r)),
            Operator::Or => Some(boolean(*l || *r)),
            Operator::Eq => Some(boolean(l == r)),
            Operator::NotEq => Some(boolean(l != r)),
            _ => None,
        },
        _ => None,
    }
}

/// Comparisons as IEEE has them: NaN is unequal to all, itself included.
fn compare<T: PartialOrd>(l: &T, op: Operator, r: &T) -> Option<Expr> {
    Some(boolean(match op {
        Operator::Eq => l == r,
        Operator::NotEq => l != r,
        Operator::Lt => l < r,
        Operator::LtEq => l <= r,
        Operator::Gt => l > r,
        Operator::GtEq => l >= r,
        _ => return None,
    }))
}

fn literal(expr: &Expr) -> Option<&ScalarValue> {
    match expr {
        Expr::Literal(value, _) => Some(value),
        _ => None,
    }
}

fn as_bool(expr: &Expr) -> Option<bool> {
    match literal(expr)? {
        ScalarValue::Boolean(v) => *v,
        _ => None,
    }
}

/// Evaluates a call as a batch of one row; `None` where it fails or an argument is no constant of the right type.
fn fold_call(function: &Function, args: &[Expr]) -> Option<Expr> {
    let values = args.iter().map(literal).collect::<Option<Vec<_>>>()?;
    let spans: Vec<_> = values.iter().map(|value| [(0, text(value).len() as u32)]).collect();
    let batches: Vec<_> = values.iter().zip(&spans).map(|(value, spans)| batch(value, spans)).collect::<Option<_>>()?;
    let types_fit = batches.len() == function.args.len()
        && batches.iter().zip(function.args).all(|(batch, ty)| batch_type(batch) == *ty);
    if !types_fit {
        return None;
    }
    let mut errors = RowErrors { active: None, first: None };
    let value = match function.result {
        ValueType::F64 => {
            let mut out = [0.0];
            (function.eval)(&batches, &mut BatchMut::F64(&mut out), &mut errors);
            double(out[0])
        }
        ValueType::I64 => {
            let mut out = [0];
            (function.eval)(&batches, &mut BatchMut::I64(&mut out), &mut errors);
            long(out[0])
        }
        ValueType::Bool => {
            let mut out = [false];
            (function.eval)(&batches, &mut BatchMut::Bool(&mut out), &mut errors);
            boolean(out[0])
        }
        ValueType::Str => {
            let (mut out, mut spans) = (String::new(), Vec::new());
            (function.eval)(&batches, &mut BatchMut::Str(&mut out, &mut spans), &mut errors);
            string(&out)
        }
    };
    errors.first.is_none().then_some(value)
}

fn text(value: &ScalarValue) -> &str {
    match value {
        ScalarValue::Utf8(Some(text)) => text,
        _ => "",
    }
}

/// A constant as a batch of one row.
fn batch<'a>(value: &'a ScalarValue, spans: &'a [(u32, u32)]) -> Option<Batch<'a>> {
    match value {
        ScalarValue::Float64(Some(v)) => Some(Batch::F64(std::slice::from_ref(v))),
        ScalarValue::Int64(Some(v)) => Some(Batch::I64(std::slice::from_ref(v))),
        ScalarValue::Boolean(Some(v)) => Some(Batch::Bool(std::slice::from_ref(v))),
        ScalarValue::Utf8(Some(text)) => Some(Batch::Str(StrBatch { text, spans })),
        _ => None,
    }
}

fn batch_type(batch: &Batch<'_>) -> ValueType {
    match batch {
        Batch::F64(_) => ValueType::F64,
        Batch::I64(_) => ValueType::I64,
        Batch::Bool(_) => ValueType::Bool,
        Batch::Str(_) => ValueType::Str,
    }
}
