//! Evaluates an expression tree on one row, by the definition in `plan::expr`: slow, and simple enough to be believed.

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, Operator};
use shardscript::plan::expr::{ColumnPart, as_column};
use shardscript::plan::function::batch::{Batch, BatchMut, RowErrors, StrBatch};
use shardscript::plan::function::function;
use shardscript::plan::script::ValueType;
use shardscript::plan::value::Value;

/// What an expression reads of a row.
pub(crate) struct Row<'a> {
    /// The sorted values of a field.
    pub(crate) values: &'a dyn Fn(&str) -> Vec<Value>,
    /// `_score`.
    pub(crate) score: f64,
    /// `_filter.N`.
    pub(crate) filters: &'a [bool],
    /// `$name`.
    pub(crate) params: &'a [(String, Value)],
}

/// The value of an expression, or why the row fails.
pub(crate) fn evaluate(expr: &Expr, row: &Row<'_>) -> Result<Value, String> {
    if let Some((path, part)) = as_column(expr) {
        return Ok(column(path, part, row));
    }
    Ok(match expr {
        Expr::Literal(scalar, _) => literal(scalar),
        Expr::Placeholder(p) => {
            let name = p.id.trim_start_matches('$');
            row.params.iter().find(|(n, _)| n == name).expect("placeholders name parameters").1.clone()
        }
        Expr::Not(e) => Value::Bool(!boolean(&evaluate(e, row)?)),
        Expr::Negative(e) => match evaluate(e, row)? {
            Value::I64(v) => Value::I64(v.wrapping_neg()),
            v => Value::F64(-double(&v)),
        },
        Expr::IsNull(e) => Value::Bool(evaluate(e, row)? == Value::Null),
        Expr::IsNotNull(e) => Value::Bool(evaluate(e, row)? != Value::Null),
        Expr::Cast(c) => Value::F64(double(&evaluate(&c.expr, row)?)),
        Expr::Case(c) => {
            for (when, then) in &c.when_then_expr {
                if boolean(&evaluate(when, row)?) {
                    return evaluate(then, row);
                }
            }
            evaluate(c.else_expr.as_ref().expect("CASE has an ELSE"), row)?
        }
        Expr::BinaryExpr(b) => match (b.op, evaluate(&b.left, row)?) {
            (Operator::And, left) if !boolean(&left) => Value::Bool(false),
            (Operator::Or, left) if boolean(&left) => Value::Bool(true),
            (Operator::And | Operator::Or, _) => evaluate(&b.right, row)?,
            (op, left) => binary(op, &left, &evaluate(&b.right, row)?),
        },
        Expr::ScalarFunction(f) => match (f.name(), f.args.as_slice()) {
            ("coalesce", [value, default]) => match evaluate(value, row)? {
                Value::Null => evaluate(default, row)?,
                v => v,
            },
            ("require", [value, _]) => match evaluate(value, row)? {
                Value::Null => return Err("missing value".to_owned()),
                v => v,
            },
            (name @ ("value_distance" | "value_geo_distance"), args) => {
                let path = as_column(&args[0]).expect("the first argument is a column").0;
                let args = args[1..].iter().map(|a| evaluate(a, row)).collect::<Result<Vec<_>, _>>()?;
                distance(name, &(row.values)(path), &args)
            }
            (name, args) => {
                let args = args.iter().map(|a| evaluate(a, row)).collect::<Result<Vec<_>, _>>()?;
                call(name, &args)?
            }
        },
        other => panic!("outside of the subset: {other}"),
    })
}

fn column(path: &str, part: ColumnPart, row: &Row<'_>) -> Value {
    if path == "_score" {
        return Value::F64(row.score);
    }
    if let Some(n) = path.strip_prefix("_filter.") {
        return Value::Bool(row.filters[n.parse::<usize>().expect("a number")]);
    }
    let values = (row.values)(path);
    let sum = || values.iter().map(double).sum::<f64>();
    match part {
        ColumnPart::Count => Value::I64(values.len() as i64),
        _ if values.is_empty() => Value::Null,
        ColumnPart::First => values[0].clone(),
        ColumnPart::Max => values[values.len() - 1].clone(),
        ColumnPart::Sum => Value::F64(sum()),
        ColumnPart::Avg => Value::F64(sum() / values.len() as f64),
        ColumnPart::Median => {
            let (low, high) = (double(&values[(values.len() - 1) / 2]), double(&values[values.len() / 2]));
            Value::F64(if values.len() % 2 == 1 { high } else { (low + high) / 2.0 })
        }
        ColumnPart::Lat | ColumnPart::Lon => panic!("geo points are compared with recorded answers"),
    }
}

fn distance(name: &str, values: &[Value], args: &[Value]) -> Value {
    let ("value_distance", [origin, offset, Value::Str(mode)]) = (name, args) else {
        panic!("geo points are compared with recorded answers");
    };
    let distances: Vec<f64> =
        values.iter().map(|v| ((double(v) - double(origin)).abs() - double(offset)).max(0.0)).collect();
    if distances.is_empty() {
        return Value::Null;
    }
    Value::F64(match mode.as_str() {
        "min" => distances.iter().copied().fold(f64::INFINITY, f64::min),
        "max" => distances.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        "sum" => distances.iter().sum(),
        _ => distances.iter().sum::<f64>() / distances.len() as f64,
    })
}

fn literal(scalar: &ScalarValue) -> Value {
    match scalar {
        ScalarValue::Float64(Some(v)) => Value::F64(*v),
        ScalarValue::Int64(Some(v)) => Value::I64(*v),
        ScalarValue::Boolean(Some(v)) => Value::Bool(*v),
        ScalarValue::Utf8(Some(v)) => Value::Str(v.clone()),
        other => panic!("outside of the subset: {other}"),
    }
}

fn boolean(value: &Value) -> bool {
    matches!(value, Value::Bool(true))
}

fn double(value: &Value) -> f64 {
    value.as_f64().expect("trees are type-checked")
}

fn binary(op: Operator, left: &Value, right: &Value) -> Value {
    use std::cmp::Ordering;
    if let (Value::I64(a), Value::I64(b)) = (left, right) {
        match op {
            Operator::Plus => return Value::I64(a.wrapping_add(*b)),
            Operator::Minus => return Value::I64(a.wrapping_sub(*b)),
            Operator::Multiply => return Value::I64(a.wrapping_mul(*b)),
            Operator::BitwiseAnd => return Value::I64(a & b),
            Operator::BitwiseOr => return Value::I64(a | b),
            Operator::BitwiseXor => return Value::I64(a ^ b),
            _ => {}
        }
    }
    let order: Option<Ordering> = match (left, right) {
        (Value::I64(a), Value::I64(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        (a, b) => a.as_f64().zip(b.as_f64()).and_then(|(a, b)| a.partial_cmp(&b)),
    };
    match op {
        Operator::Eq => Value::Bool(order == Some(Ordering::Equal)),
        Operator::NotEq => Value::Bool(order != Some(Ordering::Equal)),
        Operator::Lt => Value::Bool(order == Some(Ordering::Less)),
        Operator::LtEq => Value::Bool(order.is_some_and(Ordering::is_le)),
        Operator::Gt => Value::Bool(order == Some(Ordering::Greater)),
        Operator::GtEq => Value::Bool(order.is_some_and(Ordering::is_ge)),
        Operator::Plus => Value::F64(double(left) + double(right)),
        Operator::Minus => Value::F64(double(left) - double(right)),
        Operator::Multiply => Value::F64(double(left) * double(right)),
        Operator::Divide => Value::F64(double(left) / double(right)),
        Operator::Modulo => Value::F64(double(left) % double(right)),
        other => panic!("outside of the subset: {other}"),
    }
}

/// Calls a function of the list on a batch of one.
fn call(name: &str, args: &[Value]) -> Result<Value, String> {
    let function = function(name).unwrap_or_else(|| panic!("no function `{name}`"));
    let cells: Vec<Cell> = args.iter().map(Cell::new).collect();
    let batches: Vec<_> = cells.iter().map(Cell::batch).collect();
    let mut first = None;
    let mut errors = RowErrors { active: None, first: &mut first };
    let (mut text, mut spans) = (String::new(), Vec::new());
    let (mut f, mut i, mut b) = ([0.0], [0], [false]);
    let mut out = match function.result {
        ValueType::F64 => BatchMut::F64(&mut f),
        ValueType::I64 => BatchMut::I64(&mut i),
        ValueType::Bool => BatchMut::Bool(&mut b),
        ValueType::Str => BatchMut::Str(&mut text, &mut spans),
    };
    (function.eval)(&batches, &mut out, &mut errors);
    match first {
        Some(e) => Err(e.reason),
        None => Ok(match function.result {
            ValueType::F64 => Value::F64(f[0]),
            ValueType::I64 => Value::I64(i[0]),
            ValueType::Bool => Value::Bool(b[0]),
            ValueType::Str => Value::Str(text[spans[0].0 as usize..spans[0].1 as usize].to_owned()),
        }),
    }
}

/// One argument, owned as a batch of one row.
enum Cell {
    F64([f64; 1]),
    I64([i64; 1]),
    Bool([bool; 1]),
    Str(String, [(u32, u32); 1]),
}

impl Cell {
    fn new(value: &Value) -> Self {
        match value {
            Value::F64(v) => Self::F64([*v]),
            Value::I64(v) => Self::I64([*v]),
            Value::Bool(v) => Self::Bool([*v]),
            Value::Str(v) => Self::Str(v.clone(), [(0, v.len() as u32)]),
            other => panic!("{other} is no argument"),
        }
    }

    fn batch(&self) -> Batch<'_> {
        match self {
            Self::F64(v) => Batch::F64(v),
            Self::I64(v) => Batch::I64(v),
            Self::Bool(v) => Batch::Bool(v),
            Self::Str(text, spans) => Batch::Str(StrBatch { text, spans }),
        }
    }
}
