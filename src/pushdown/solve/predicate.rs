//! A predicate over one field: what it says of a range of values, of one value, and of documents without a value.

use datafusion_common::ScalarValue;
use datafusion_common::arrow::datatypes::DataType;
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{BinaryExpr, Expr, Operator};
use smallvec::SmallVec;

use super::domain::Domain;
use super::search::Keys;
use crate::plan::expr::{boolean, double, long, string};
use crate::plan::fold::fold;
use crate::plan::function::{Function, function};
use crate::plan::interval::{Bounds, Doubles, Interval, Truth};
use crate::plan::query::Answer;
use crate::plan::script::ValueType;
use crate::plan::value::Value;
use crate::plan::walk::each_operand_mut;

/// A predicate whose only column is one field, with its parameters known.
#[derive(Debug)]
pub(super) struct Predicate {
    domain: Domain,
    /// The form that ranges of values are evaluated on.
    node: Node,
    /// The tree, of which a single value is asked.
    expr: Expr,
}

/// A tree for documents that have a value.
#[derive(Debug)]
enum Node {
    Constant(Interval),
    /// The first value of the field.
    Value,
    Not(Box<Self>),
    Negative(Box<Self>),
    ToDouble(Box<Self>),
    Binary(Operator, Box<[Self; 2]>),
    /// Test, value, other value.
    Case(Box<[Self; 3]>),
    Call(&'static Function, Vec<Self>),
}

impl Predicate {
    /// A predicate; none where it has a form that says nothing of ranges.
    pub(super) fn new(expr: &Expr, params: &[(String, Value)], domain: Domain) -> Option<Self> {
        let mut expr = expr.clone();
        bind(&mut expr, params)?;
        let (node, ty) = node(&expr, domain)?;
        (ty == ValueType::Bool).then_some(Self { domain, node, expr })
    }

    /// What it says of all values of a range of keys.
    pub(super) fn decide(&self, keys: Keys) -> Answer {
        let Bounds { value, fails } = self.node.bounds(self.domain.interval(keys));
        match value.as_truth().as_known() {
            Some(answer) if !fails => answer_of(answer),
            _ if keys.first == keys.last => self.ask(Some(&self.domain.loaded(keys.first))),
            _ => Answer::Open,
        }
    }

    /// What it says of documents without a value.
    pub(super) fn missing(&self) -> Answer {
        self.ask(None)
    }

    /// Evaluates it for one value, or for none.
    pub(super) fn ask(&self, value: Option<&ScalarValue>) -> Answer {
        let mut expr = self.expr.clone();
        match substitute(&mut expr, value).and_then(|()| fold(&expr).ok()) {
            Some(ScalarValue::Boolean(Some(answer))) => answer_of(answer),
            // It fails, or it is a form that constants do not have.
            _ => Answer::Open,
        }
    }
}

fn answer_of(answer: bool) -> Answer {
    if answer { Answer::Yes } else { Answer::No }
}

/// Puts the parameters into a tree.
fn bind(expr: &mut Expr, params: &[(String, Value)]) -> Option<()> {
    if let Expr::Placeholder(placeholder) = expr {
        let name = placeholder.id.strip_prefix('$').unwrap_or(&placeholder.id);
        let (_, value) = params.iter().find(|(other, _)| other == name)?;
        *expr = match value {
            Value::Bool(v) => boolean(*v),
            Value::I64(v) => long(*v),
            Value::F64(v) => double(*v),
            Value::Str(v) => string(v),
            Value::Null | Value::U64(_) | Value::Ip(_) | Value::List(_) | Value::Object(_) => return None,
        };
    }
    let mut bound = Some(());
    each_operand_mut(expr, &mut |operand| bound = bound.and_then(|()| bind(operand, params)));
    bound
}

/// Puts a value, or the lack of one, in the place of a column. Where that fails in a tree, there is no value.
fn substitute(expr: &mut Expr, value: Option<&ScalarValue>) -> Option<()> {
    let replaced = match (&mut *expr, value) {
        (Expr::IsNull(_), value) => Some(boolean(value.is_none())),
        (Expr::IsNotNull(_), value) => Some(boolean(value.is_some())),
        (Expr::ScalarFunction(call), value) => match (call.name(), value) {
            ("require" | "coalesce", Some(value)) => Some(Expr::Literal(value.clone(), None)),
            ("coalesce", None) => {
                // The default may itself ask for the value.
                *expr = call.args.pop()?;
                return substitute(expr, None);
            }
            ("value_count", None) => Some(long(0)),
            // A literal that no operation takes: whatever asks for it has no value, and whatever does not is as it is.
            ("require", None) => Some(Expr::Literal(ScalarValue::Null, None)),
            _ => None,
        },
        (Expr::Column(_), _) => return None,
        _ => None,
    };
    if let Some(replaced) = replaced {
        *expr = replaced;
    }
    let mut done = Some(());
    each_operand_mut(expr, &mut |operand| done = done.and_then(|()| substitute(operand, value)));
    done
}

/// The node of a tree and its type, for documents that have a value.
fn node(expr: &Expr, domain: Domain) -> Option<(Node, ValueType)> {
    let below = |expr: &Expr| node(expr, domain);
    let unary = |expr: &Expr, of: fn(Box<Node>) -> Node| below(expr).map(|(node, ty)| (of(Box::new(node)), ty));
    Some(match expr {
        Expr::Literal(value, _) => constant(value)?,
        Expr::IsNull(_) => (Node::Constant(Truth::known(false).into()), ValueType::Bool),
        Expr::IsNotNull(_) => (Node::Constant(Truth::known(true).into()), ValueType::Bool),
        Expr::Not(inner) => unary(inner, Node::Not)?,
        Expr::Negative(inner) => unary(inner, Node::Negative)?,
        Expr::Cast(cast) => match (below(&cast.expr)?, cast.field.data_type()) {
            ((node, ty), DataType::Float64) => (widened(node, ty)?, ValueType::F64),
            ((node, ValueType::I64), DataType::Int64) => (node, ValueType::I64),
            _ => return None,
        },
        Expr::BinaryExpr(BinaryExpr { left, op, right }) => binary(below(left)?, *op, below(right)?)?,
        Expr::Case(case) if case.expr.is_none() => {
            let mut value = below(case.else_expr.as_deref()?)?;
            for (test, then) in case.when_then_expr.iter().rev() {
                let ((test, _), then) = (below(test)?, below(then)?);
                let (then, otherwise, ty) = alike(then, value)?;
                value = (Node::Case(Box::new([test, then, otherwise])), ty);
            }
            value
        }
        Expr::ScalarFunction(function) => call(function, domain)?,
        _ => return None,
    })
}

fn constant(value: &ScalarValue) -> Option<(Node, ValueType)> {
    let (interval, ty) = match value {
        ScalarValue::Float64(Some(v)) if v.is_nan() => (Interval::all(ValueType::F64), ValueType::F64),
        ScalarValue::Float64(Some(v)) => (Interval::doubles(*v, *v), ValueType::F64),
        ScalarValue::Int64(Some(v)) => (Interval::longs(*v, *v), ValueType::I64),
        ScalarValue::Boolean(Some(v)) => (Truth::known(*v).into(), ValueType::Bool),
        ScalarValue::Utf8(Some(_)) => (Interval::Str, ValueType::Str),
        _ => return None,
    };
    Some((Node::Constant(interval), ty))
}

fn call(call: &ScalarFunction, domain: Domain) -> Option<(Node, ValueType)> {
    match (call.name(), call.args.as_slice()) {
        ("require", [Expr::Column(_), _]) => Some((Node::Value, domain.ty())),
        ("coalesce", [Expr::Column(_), default]) => match (domain.ty(), node(default, domain)?.1) {
            (ValueType::I64, ValueType::F64) => Some((Node::ToDouble(Box::new(Node::Value)), ValueType::F64)),
            (ty, _) => Some((Node::Value, ty)),
        },
        ("value_count", [Expr::Column(_)]) => Some((Node::Constant(Interval::longs(1, i64::MAX)), ValueType::I64)),
        (name, args) => {
            let function = function(name)?;
            let mut nodes = Vec::with_capacity(args.len());
            for (arg, wanted) in args.iter().zip(function.args) {
                let (node, ty) = node(arg, domain)?;
                nodes.push(match (ty, *wanted) {
                    (ValueType::I64, ValueType::F64) => Node::ToDouble(Box::new(node)),
                    (ty, wanted) if ty == wanted => node,
                    _ => return None,
                });
            }
            Some((Node::Call(function, nodes), function.result))
        }
    }
}

fn binary(left: (Node, ValueType), op: Operator, right: (Node, ValueType)) -> Option<(Node, ValueType)> {
    let (left, right, ty) = alike(left, right)?;
    let result = match op {
        Operator::Eq | Operator::NotEq | Operator::Lt | Operator::LtEq | Operator::Gt | Operator::GtEq => {
            ValueType::Bool
        }
        _ => ty,
    };
    Some((Node::Binary(op, Box::new([left, right])), result))
}

/// Two values of one type: a long beside a double becomes a double.
fn alike((left, a): (Node, ValueType), (right, b): (Node, ValueType)) -> Option<(Node, Node, ValueType)> {
    Some(match (a, b) {
        (a, b) if a == b => (left, right, a),
        (ValueType::I64, ValueType::F64) => (widened(left, a)?, right, b),
        (ValueType::F64, ValueType::I64) => (left, widened(right, b)?, a),
        _ => return None,
    })
}

fn widened(node: Node, ty: ValueType) -> Option<Node> {
    match ty {
        ValueType::I64 => Some(Node::ToDouble(Box::new(node))),
        ValueType::F64 => Some(node),
        ValueType::Bool | ValueType::Str => None,
    }
}

impl Node {
    /// Where its value lies, for all values of the field in an interval.
    fn bounds(&self, value: Interval) -> Bounds {
        let then = |inner: &Self, f: &dyn Fn(Interval) -> Interval| {
            let Bounds { value, fails } = inner.bounds(value);
            Bounds { value: f(value), fails }
        };
        match self {
            Self::Constant(interval) => (*interval).into(),
            Self::Value => value.into(),
            Self::Not(inner) => then(inner, &|x| x.as_truth().negated().into()),
            Self::Negative(inner) => then(inner, &|x| match x {
                Interval::F64 { .. } => (-x.as_doubles()).into(),
                _ => x.as_longs().negate().into(),
            }),
            Self::ToDouble(inner) => then(inner, &|x| Doubles::from(x.as_longs()).into()),
            Self::Binary(op, operands) => binary_bounds(*op, operands, value),
            Self::Case(parts) => {
                let [test, then, otherwise] = &**parts;
                let test = test.bounds(value);
                let branch = match test.value.as_truth() {
                    Truth { no: false, .. } => then.bounds(value),
                    Truth { yes: false, .. } => otherwise.bounds(value),
                    _ => {
                        let (then, otherwise) = (then.bounds(value), otherwise.bounds(value));
                        Bounds { value: then.value.join(otherwise.value), fails: then.fails || otherwise.fails }
                    }
                };
                Bounds { fails: test.fails || branch.fails, ..branch }
            }
            Self::Call(function, args) => {
                let args: SmallVec<[Bounds; 4]> = args.iter().map(|arg| arg.bounds(value)).collect();
                let values: SmallVec<[Interval; 4]> = args.iter().map(|arg| arg.value).collect();
                let bounds = (function.bounds)(&values);
                Bounds { fails: bounds.fails || args.iter().any(|arg| arg.fails), ..bounds }
            }
        }
    }
}

fn binary_bounds(op: Operator, operands: &[Node; 2], value: Interval) -> Bounds {
    let [left, right] = operands;
    let left = left.bounds(value);
    // The right side of a truth that is decided is not evaluated.
    let decides = match op {
        Operator::And => Some(false),
        Operator::Or => Some(true),
        _ => None,
    };
    if decides.is_some() && left.value.as_truth().as_known() == decides {
        return left;
    }
    let right = right.bounds(value);
    let (a, b) = (left.value, right.value);
    let value = match (a, b) {
        (Interval::F64 { .. }, _) => {
            let (a, b) = (a.as_doubles(), b.as_doubles());
            match op {
                Operator::Plus => (a + b).into(),
                Operator::Minus => (a - b).into(),
                Operator::Multiply => (a * b).into(),
                Operator::Divide => (a / b).into(),
                Operator::Modulo => (a % b).into(),
                Operator::Eq => a.equal(b).into(),
                Operator::NotEq => a.equal(b).negated().into(),
                Operator::Lt => a.less(b).into(),
                Operator::LtEq => a.less_or_equal(b).into(),
                Operator::Gt => b.less(a).into(),
                Operator::GtEq => b.less_or_equal(a).into(),
                _ => Truth::ANY.into(),
            }
        }
        (Interval::I64 { .. }, _) => {
            let (a, b) = (a.as_longs(), b.as_longs());
            match op {
                Operator::Plus => a.add(b).into(),
                Operator::Minus => a.subtract(b).into(),
                Operator::Multiply => a.multiply(b).into(),
                Operator::BitwiseAnd => a.bit_and(b).into(),
                Operator::BitwiseOr => a.bit_or(b).into(),
                Operator::BitwiseXor => a.bit_xor(b).into(),
                Operator::Eq => a.equal(b).into(),
                Operator::NotEq => a.equal(b).negated().into(),
                Operator::Lt => a.less(b).into(),
                Operator::LtEq => a.less_or_equal(b).into(),
                Operator::Gt => b.less(a).into(),
                Operator::GtEq => b.less_or_equal(a).into(),
                Operator::BitwiseShiftLeft | Operator::BitwiseShiftRight => Interval::all(ValueType::I64),
                _ => Truth::ANY.into(),
            }
        }
        (Interval::Bool { .. }, _) => {
            let (a, b) = (a.as_truth(), b.as_truth());
            match op {
                Operator::And => a.and(b).into(),
                Operator::Or => a.or(b).into(),
                Operator::Eq => a.equal(b).into(),
                Operator::NotEq => a.equal(b).negated().into(),
                Operator::Lt => a.less(b).into(),
                Operator::LtEq => a.less_or_equal(b).into(),
                Operator::Gt => b.less(a).into(),
                Operator::GtEq => b.less_or_equal(a).into(),
                _ => Truth::ANY.into(),
            }
        }
        (Interval::Str, _) => Truth::ANY.into(),
    };
    Bounds { value, fails: left.fails || right.fails }
}
