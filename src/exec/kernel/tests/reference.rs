//! What a tree means, row by row: simple, slow, and written without a look at the kernels.

use std::collections::HashMap;

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, Operator};

use crate::plan::function::batch::{Batch, BatchMut, RowErrors, StrBatch};
use crate::plan::function::{Function, function};
use crate::plan::interval::{Doubles, Interval};
use crate::plan::script::ValueType;

/// A value of a row.
#[derive(Clone, Debug)]
pub(super) enum Val {
    F64(f64),
    I64(i64),
    Bool(bool),
    Str(String),
}

impl PartialEq for Val {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::F64(a), Self::F64(b)) => a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
            (Self::I64(a), Self::I64(b)) => a == b,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            _ => false,
        }
    }
}

impl Val {
    /// Whether an interval contains the value.
    pub(super) fn lies_in(&self, interval: Interval) -> bool {
        match (self, interval) {
            (Self::F64(v), Interval::F64 { lo, hi, nan }) => Doubles { lo, hi, nan }.contains(*v),
            (Self::I64(v), Interval::I64 { lo, hi }) => (lo..=hi).contains(v),
            (Self::Bool(v), Interval::Bool { no, yes }) => {
                if *v {
                    yes
                } else {
                    no
                }
            }
            (Self::Str(_), Interval::Str) => true,
            _ => false,
        }
    }
}

/// A document: its values by field, sorted, and what the query knows of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) fields: HashMap<&'static str, Vec<Val>>,
    pub(super) score: f32,
    pub(super) doc: i64,
    pub(super) filter: bool,
}

/// The type and site of what a row fails with.
pub(super) type Failed = (&'static str, usize);

/// The value of a tree for a row.
pub(super) fn eval(expr: &Expr, row: &Row, params: &HashMap<String, Val>) -> Result<Val, Failed> {
    let value = |expr: &Expr| eval(expr, row, params);
    Ok(match expr {
        Expr::Column(c) if c.name == "_score" => Val::F64(f64::from(row.score)),
        Expr::Column(c) if c.name == "_doc" => Val::I64(row.doc),
        Expr::Column(c) if c.name == "_filter.0" => Val::Bool(row.filter),
        Expr::Placeholder(p) => params[&p.id[1..]].clone(),
        Expr::Literal(ScalarValue::Float64(Some(v)), _) => Val::F64(*v),
        Expr::Literal(ScalarValue::Int64(Some(v)), _) => Val::I64(*v),
        Expr::Literal(ScalarValue::Boolean(Some(v)), _) => Val::Bool(*v),
        Expr::Literal(ScalarValue::Utf8(Some(v)), _) => Val::Str(v.clone()),
        Expr::BinaryExpr(b) => match (value(&b.left)?, b.op) {
            (Val::Bool(false), Operator::And) => Val::Bool(false),
            (Val::Bool(true), Operator::Or) => Val::Bool(true),
            (Val::Bool(_), Operator::And | Operator::Or) => value(&b.right)?,
            (left, op) => binary(left, op, value(&b.right)?),
        },
        Expr::Not(e) => match value(e)? {
            Val::Bool(v) => Val::Bool(!v),
            other => panic!("NOT {other:?}"),
        },
        Expr::Negative(e) => match value(e)? {
            Val::F64(v) => Val::F64(-v),
            Val::I64(v) => Val::I64(v.wrapping_neg()),
            other => panic!("- {other:?}"),
        },
        Expr::IsNull(e) => Val::Bool(part(e, row).is_none()),
        Expr::IsNotNull(e) => Val::Bool(part(e, row).is_some()),
        Expr::Cast(c) => Val::F64(match value(&c.expr)? {
            Val::I64(v) => v as f64,
            other => panic!("cast of {other:?}"),
        }),
        Expr::Case(c) => {
            for (test, then) in &c.when_then_expr {
                if value(test)? == Val::Bool(true) {
                    return value(then);
                }
            }
            value(c.else_expr.as_ref().unwrap())?
        }
        Expr::ScalarFunction(f) => match (f.name(), f.args.as_slice()) {
            ("coalesce", [column, default]) => match part(column, row) {
                Some(v) => v,
                None => value(default)?,
            },
            ("require", [column, site]) => match (part(column, row), value(site)?) {
                (Some(v), _) => v,
                (None, Val::I64(site)) => return Err(("illegal_state_exception", site as usize)),
                (None, other) => panic!("site {other:?}"),
            },
            ("value_count", _) => part(expr, row).unwrap(),
            (name, args) => {
                let args = args.iter().map(value).collect::<Result<Vec<_>, _>>()?;
                apply(function(name).unwrap(), &args)?
            }
        },
        other => panic!("{other}"),
    })
}

fn binary(left: Val, op: Operator, right: Val) -> Val {
    match (left, right) {
        (Val::F64(a), Val::F64(b)) => match op {
            Operator::Plus => Val::F64(a + b),
            Operator::Minus => Val::F64(a - b),
            Operator::Multiply => Val::F64(a * b),
            Operator::Divide => Val::F64(a / b),
            Operator::Modulo => Val::F64(a % b),
            op => Val::Bool(compare(&a, op, &b)),
        },
        (Val::I64(a), Val::I64(b)) => match op {
            Operator::Plus => Val::I64(a.wrapping_add(b)),
            Operator::Minus => Val::I64(a.wrapping_sub(b)),
            Operator::Multiply => Val::I64(a.wrapping_mul(b)),
            Operator::BitwiseAnd => Val::I64(a & b),
            Operator::BitwiseOr => Val::I64(a | b),
            Operator::BitwiseXor => Val::I64(a ^ b),
            Operator::BitwiseShiftLeft => Val::I64(a << (b & 63)),
            Operator::BitwiseShiftRight => Val::I64(a >> (b & 63)),
            op => Val::Bool(compare(&a, op, &b)),
        },
        (Val::Bool(a), Val::Bool(b)) => Val::Bool(compare(&a, op, &b)),
        (Val::Str(a), Val::Str(b)) => Val::Bool(compare(&a, op, &b)),
        (a, b) => panic!("{a:?} {op} {b:?}"),
    }
}

fn compare<T: PartialOrd + ?Sized>(a: &T, op: Operator, b: &T) -> bool {
    match op {
        Operator::Eq => a == b,
        Operator::NotEq => a != b,
        Operator::Lt => a < b,
        Operator::LtEq => a <= b,
        Operator::Gt => a > b,
        Operator::GtEq => a >= b,
        op => panic!("{op}"),
    }
}

/// The value of a column form, or null.
fn part(expr: &Expr, row: &Row) -> Option<Val> {
    let (form, args) = match expr {
        Expr::ScalarFunction(f) => (f.name(), f.args.as_slice()),
        column => ("first", std::slice::from_ref(column)),
    };
    let Expr::Column(column) = &args[0] else { panic!("{expr}") };
    let values = row.fields.get(column.name.as_str()).map(Vec::as_slice).unwrap_or_default();
    if form == "value_count" {
        return Some(Val::I64(values.len() as i64));
    }
    if values.is_empty() {
        return None;
    }
    let numbers: Vec<f64> = values
        .iter()
        .map(|v| match v {
            Val::F64(v) => *v,
            Val::I64(v) => *v as f64,
            _ => 0.0,
        })
        .collect();
    let count = numbers.len();
    let literal = |at: usize| match &args[at] {
        Expr::Literal(ScalarValue::Float64(Some(v)), _) => *v,
        other => panic!("{other}"),
    };
    Some(match form {
        "first" => values[0].clone(),
        "value_max" => values[count - 1].clone(),
        "value_sum" => Val::F64(sum(&numbers)),
        "value_avg" => Val::F64(sum(&numbers) / count as f64),
        "value_median" if count % 2 == 1 => Val::F64(numbers[count / 2]),
        "value_median" => Val::F64((numbers[count / 2 - 1] + numbers[count / 2]) / 2.0),
        "value_distance" => {
            let (origin, offset) = (literal(1), literal(2));
            let far = |v: &f64| (0.0f64).max((v - origin).abs() - offset);
            let mut distances: Vec<f64> = numbers.iter().map(far).collect();
            let Expr::Literal(ScalarValue::Utf8(Some(mode)), _) = &args[3] else { panic!("{expr}") };
            if mode == "median" {
                distances.sort_by(f64::total_cmp);
            }
            Val::F64(match mode.as_str() {
                "min" => distances.into_iter().fold(f64::INFINITY, f64::min),
                "max" => distances.into_iter().fold(0.0, f64::max),
                "avg" => sum(&distances) / count as f64,
                "median" if count % 2 == 1 => distances[count / 2],
                "median" => (distances[count / 2 - 1] + distances[count / 2]) / 2.0,
                _ => sum(&distances),
            })
        }
        other => panic!("{other}"),
    })
}

fn sum(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |sum, v| sum + v)
}

/// A function over a batch of one.
fn apply(f: &Function, args: &[Val]) -> Result<Val, Failed> {
    let spans: Vec<[(u32, u32); 1]> = args
        .iter()
        .map(|arg| match arg {
            Val::Str(s) => [(0, s.len() as u32)],
            _ => [(0, 0)],
        })
        .collect();
    let batches: Vec<Batch<'_>> = args
        .iter()
        .zip(&spans)
        .map(|(arg, spans)| match arg {
            Val::F64(v) => Batch::F64(std::slice::from_ref(v)),
            Val::I64(v) => Batch::I64(std::slice::from_ref(v)),
            Val::Bool(v) => Batch::Bool(std::slice::from_ref(v)),
            Val::Str(text) => Batch::Str(StrBatch { text, spans }),
        })
        .collect();
    let mut first = None;
    let mut errors = RowErrors { active: None, first: &mut first };
    let value = match f.result {
        ValueType::F64 => {
            let mut out = [0.0];
            (f.eval)(&batches, &mut BatchMut::F64(&mut out), &mut errors);
            Val::F64(out[0])
        }
        ValueType::I64 => {
            let mut out = [0];
            (f.eval)(&batches, &mut BatchMut::I64(&mut out), &mut errors);
            Val::I64(out[0])
        }
        ValueType::Bool => {
            let mut out = [false];
            (f.eval)(&batches, &mut BatchMut::Bool(&mut out), &mut errors);
            Val::Bool(out[0])
        }
        ValueType::Str => {
            let (mut text, mut spans) = (String::new(), Vec::new());
            (f.eval)(&batches, &mut BatchMut::Str(&mut text, &mut spans), &mut errors);
            Val::Str(text)
        }
    };
    match first {
        Some(e) => Err((e.elastic_type, e.site)),
        None => Ok(value),
    }
}
