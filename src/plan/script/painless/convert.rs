//! Casts: which there are (`AnalyzerCaster`), and what they are in a tree.

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, Operator};

use super::lower::Lowering;
use super::types::Type;
use super::value::{Binding, Failure, Typed, Value, spread};
use crate::error::Result;
use crate::plan::expr::{binary, case, double, long, string, to_double, zero};
use crate::plan::fold::fold;
use crate::plan::function::call;
use crate::plan::script::ValueType;
use crate::plan::udf::gives_int;
use crate::plan::value::Value as Constant;

/// Whether a cast is written in the source or made by an assignment, a call or a `return`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cast {
    Explicit,
    Implicit,
}

impl Lowering<'_> {
    /// The value as a type. What Painless cannot cast when it compiles is refused; what it finds out when it runs, fails.
    pub(super) fn convert(&self, value: Value, to: Type, cast: Cast, at: usize) -> Result<Value> {
        spread(vec![value], &mut |mut leaves| match leaves.remove(0) {
            Value::One(typed) => self.convert_one(typed, to, cast, at),
            Value::Null(Binding::Dynamic) if to.is_primitive() => {
                Ok(Value::fails("null_pointer_exception", at, format!("cannot cast null to {}", to.name())))
            }
            Value::Null(binding) if !to.is_primitive() => Ok(Value::Null(binding)),
            other => self.cannot_cast(&other, to, cast, at),
        })
    }

    fn convert_one(&self, typed: Typed, to: Type, cast: Cast, at: usize) -> Result<Value> {
        let from = typed.ty;
        if from == to {
            let binding = if typed.is_dynamic() { Binding::Static } else { typed.binding };
            return Ok(typed.bound(binding).into());
        }
        let is_literal = typed.binding == Binding::Literal;
        let allowed = match (from.width(), to.width()) {
            (Some(from_width), Some(to_width)) => {
                cast == Cast::Explicit
                    || (to_width >= 3 && from_width <= to_width)
                    || (from, to) == (Type::Byte, Type::Short)
                    || (is_literal && from == Type::Int && fits(&typed.expr, to))
            }
            _ => false,
        };
        if allowed {
            let binding = if is_literal { Binding::Literal } else { Binding::Static };
            return Ok(Typed::of(number(typed.expr, from, to), to).bound(binding).into());
        }
        match (from, to, &typed.known) {
            (Type::Int, Type::Bool, _) if gives_int(&typed.expr) => {
                Ok(Value::of(binary(typed.expr, Operator::NotEq, long(0)), to))
            }
            (Type::Char, Type::Text, _) if cast == Cast::Explicit => Ok(Value::of(text(typed.expr, from), to)),
            (Type::Text, Type::Char, Some(Constant::Str(s)))
                if cast == Cast::Explicit && s.encode_utf16().count() == 1 =>
            {
                let unit = s.encode_utf16().next().unwrap_or(0);
                Ok(Typed::of(long(i64::from(unit)), to).bound(typed.binding).into())
            }
            _ => self.cannot_cast(&Value::One(typed), to, cast, at),
        }
    }

    pub(super) fn cannot_cast(&self, value: &Value, to: Type, cast: Cast, at: usize) -> Result<Value> {
        if !value.is_dynamic() {
            let reason = format!("Cannot cast from [{}] to [{}].", value.type_name(), to.name());
            return Err(self.error(at, "class_cast_exception", reason));
        }
        let found = match value {
            Value::One(typed) => typed.ty.name().to_owned(),
            other => other.type_name(),
        };
        let how = match (to, cast) {
            (Type::Bool, _) => "cast",
            (_, Cast::Implicit) => "implicitly cast",
            (_, Cast::Explicit) => "explicitly cast",
        };
        let reason = format!("cannot {how} def [{found}] to {}", to.name());
        Ok(Value::fails("class_cast_exception", at, reason))
    }

    /// The value as one tree of a type that it already has, whichever way the document decides.
    pub(super) fn flatten(&self, value: &Value, ty: ValueType, at: usize) -> Result<Expr> {
        match value {
            Value::One(typed) if typed.ty.value_type() == ty => Ok(typed.expr.clone()),
            Value::Fails(failure) => Ok(failing(failure, ty)),
            Value::Either(choice) => {
                let (test, a, b) = &**choice;
                Ok(case(test.clone(), self.flatten(a, ty, at)?, self.flatten(b, ty, at)?))
            }
            Value::Null(_) => Err(self.not_tree(at, "a result that may be null")),
            Value::One(_)
            | Value::Doc
            | Value::Field(..)
            | Value::Point(..)
            | Value::Params(..)
            | Value::List(_)
            | Value::Class(_) => Err(self.not_tree(at, "a result whose type depends on the document")),
        }
    }

    /// The value as a boolean tree.
    pub(super) fn boolean(&self, value: Value, at: usize) -> Result<Expr> {
        let value = self.convert(value, Type::Bool, Cast::Implicit, at)?;
        self.flatten(&value, ValueType::Bool, at)
    }
}

/// Whether a literal is in the range of a narrower type.
fn fits(expr: &Expr, to: Type) -> bool {
    let Expr::Literal(ScalarValue::Int64(Some(v)), _) = expr else { return false };
    match to {
        Type::Byte => i8::try_from(*v).is_ok(),
        Type::Short => i16::try_from(*v).is_ok(),
        Type::Char => u16::try_from(*v).is_ok(),
        _ => false,
    }
}

/// A number of one type as a number of another.
pub(super) fn number(expr: Expr, from: Type, to: Type) -> Expr {
    let converted = match (from.is_integral(), to) {
        _ if from == to => return expr,
        (true, Type::Double) => to_double(expr),
        (true, Type::Float) if from == Type::Long => call("i64_to_f32", vec![expr]),
        (true, Type::Float) => call("to_f32", vec![to_double(expr)]),
        (true, Type::Long) => return expr,
        (true, _) if from.width() <= to.width() && to == Type::Int => return expr,
        (false, Type::Double) => return expr,
        (false, Type::Float) => call("to_f32", vec![expr]),
        (false, Type::Long) => call("to_i64", vec![expr]),
        (true, Type::Int) => call("wrap_i32", vec![expr]),
        (false, Type::Int) => call("to_i32", vec![expr]),
        (is_integral, narrow) => {
            let int = if is_integral { expr } else { call("to_i32", vec![expr]) };
            let function = match narrow {
                Type::Byte => "wrap_i8",
                Type::Short => "wrap_i16",
                _ => "wrap_u16",
            };
            call(function, vec![int])
        }
    };
    literal_or(converted)
}

/// The tree's value where it is made of literals only, else the tree.
pub(super) fn literal_or(expr: Expr) -> Expr {
    let is_literal = |e: &Expr| matches!(e, Expr::Literal(..));
    let folds = match &expr {
        Expr::Cast(cast) => is_literal(&cast.expr),
        Expr::ScalarFunction(f) => f.args.iter().all(is_literal),
        Expr::BinaryExpr(b) => is_literal(&b.left) && is_literal(&b.right),
        Expr::Negative(inner) | Expr::Not(inner) => is_literal(inner),
        _ => false,
    };
    match folds.then(|| fold(&expr)) {
        Some(Ok(value)) => Expr::Literal(value, None),
        _ => expr,
    }
}

/// A value as Java writes it into a string.
pub(super) fn text(expr: Expr, ty: Type) -> Expr {
    let function = match ty {
        Type::Text => return expr,
        Type::Bool => "boolean_to_text",
        Type::Char => "char_to_text",
        Type::Byte | Type::Short | Type::Int | Type::Long => "long_to_text",
        Type::Float => "float_to_text",
        Type::Double => "double_to_text",
        Type::Date => "date_to_text",
        Type::Instant => "instant_to_text",
        Type::Month => "month_name",
        Type::DayOfWeek => "day_name",
    };
    literal_or(call(function, vec![expr]))
}

/// A tree that fails wherever it is evaluated.
pub(super) fn failing(failure: &Failure, ty: ValueType) -> Expr {
    let Failure { ty: exception, reason, at } = failure;
    let fail = call("fail", vec![string(exception), string(reason), long(*at as i64)]);
    match ty {
        ValueType::F64 => fail,
        ValueType::I64 => call("to_i64", vec![fail]),
        ValueType::Bool => binary(fail, Operator::NotEq, double(0.0)),
        ValueType::Str => call("double_to_text", vec![fail]),
    }
}

/// A boolean tree that is true, but fails where `expr` fails.
pub(super) fn evaluated(expr: Expr, ty: ValueType) -> Expr {
    let number = match ty {
        ValueType::F64 => expr,
        ValueType::I64 => to_double(expr),
        ValueType::Bool => case(expr, double(1.0), double(0.0)),
        ValueType::Str => to_double(call("length", vec![expr])),
    };
    call("evaluated", vec![number])
}

/// `expr`, after `check`, which is true or fails.
pub(super) fn after(check: Expr, expr: Expr, ty: ValueType) -> Expr {
    case(check, expr, zero(ty))
}
