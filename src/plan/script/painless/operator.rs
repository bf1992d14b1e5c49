//! Operators: Java's numeric promotion, wrapping ints, strings, and equality.

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, Operator, not};

use super::convert::{Cast, evaluated, literal_or, number, text};
use super::lower::Lowering;
use super::types::Type;
use super::value::{Binding, Typed, Value, spread};
use crate::error::Result;
use crate::plan::expr::{as_column, binary, boolean, can_fail, long, string};
use crate::plan::fold::{Stop, fold};
use crate::plan::function::call;

impl Lowering<'_> {
    /// `left op right` for every operator but the lazy ones.
    pub(super) fn operate(&self, op: &'static str, left: Value, right: Value, at: usize) -> Result<Value> {
        spread(vec![left, right], &mut |mut leaves| {
            let (right, left) = (leaves.pop(), leaves.pop());
            let (Some(left), Some(right)) = (left, right) else { return Ok(Value::Null(Binding::Static)) };
            match op {
                "==" | "===" | "!=" | "!==" => self.equality(op, left, right, at),
                _ => self.operate_leaves(op, left, right, at),
            }
        })
    }

    fn operate_leaves(&self, op: &'static str, left: Value, right: Value, at: usize) -> Result<Value> {
        let is_text = |v: &Value| matches!(v, Value::One(Typed { ty: Type::Text, .. }));
        if op == "+" && (is_text(&left) || is_text(&right)) {
            return self.concat(left, right, at);
        }
        match (left, right) {
            (Value::One(a), Value::One(b)) => match op {
                "<" | "<=" | ">" | ">=" => self.order(op, a, b, at),
                "<<" | ">>" | ">>>" => self.shift(op, a, b, at),
                "&" | "|" | "^" => self.bits(op, a, b, at),
                _ => self.arithmetic(op, a, b, at),
            },
            (left, right) => self.cannot_apply(op, &left, &right, at),
        }
    }

    fn cannot_apply(&self, op: &'static str, left: &Value, right: &Value, at: usize) -> Result<Value> {
        let (a, b) = (left.type_name(), right.type_name());
        if !left.is_dynamic() && !right.is_dynamic() {
            let reason = format!("cannot apply the {} operator [{op}] to the types [{a}] and [{b}]", operator_name(op));
            return Err(self.error(at, "class_cast_exception", reason));
        }
        let null = match (left, right) {
            (Value::Null(_), _) => "left",
            (_, Value::Null(_)) => "right",
            _ => {
                let reason = format!("Cannot apply [{op}] operation to types [{a}] and [{b}].");
                return Ok(Value::fails("class_cast_exception", at, reason));
            }
        };
        let reason = format!("Cannot invoke \"Object.getClass()\" because \"{null}\" is null");
        Ok(Value::fails("null_pointer_exception", at, reason))
    }

    /// `a + b` where one is a string.
    fn concat(&self, left: Value, right: Value, at: usize) -> Result<Value> {
        let mut parts = Vec::with_capacity(2);
        let mut binding = Binding::Literal;
        for value in [left, right] {
            match value {
                Value::One(typed) => {
                    binding = join(binding, typed.binding);
                    parts.push(text(typed.expr, typed.ty));
                }
                Value::Null(_) => parts.push(string("null")),
                other => return Err(self.not_tree(at, &format!("a {} as text", other.type_name()))),
            }
        }
        Ok(typed(literal_or(call("concat", parts)), Type::Text, binding))
    }

    fn arithmetic(&self, op: &'static str, a: Typed, b: Typed, at: usize) -> Result<Value> {
        let Some(ty) = promoted(a.ty, b.ty) else { return self.cannot_apply(op, &a.into(), &b.into(), at) };
        let binding = join(a.binding, b.binding);
        let (a, b) = (number(a.expr, a.ty, ty), number(b.expr, b.ty, ty));
        let operator = match op {
            "+" => Operator::Plus,
            "-" => Operator::Minus,
            "*" => Operator::Multiply,
            "/" => Operator::Divide,
            _ => Operator::Modulo,
        };
        let site = long(at as i64);
        let expr = match (op, ty) {
            ("/", Type::Int | Type::Long) => call("int_div", vec![a, b, site]),
            ("%", Type::Int | Type::Long) => call("int_rem", vec![a, b, site]),
            _ => literal_or(binary(a, operator, b)),
        };
        if binding == Binding::Literal
            && let Err(Stop::Fails(e)) = fold(&expr)
        {
            return Err(self.error(at, e.elastic_type, e.reason));
        }
        Ok(typed(in_range(literal_or(expr), ty), ty, binding))
    }

    /// Only the left side is promoted; of the count the low bits are taken.
    fn shift(&self, op: &'static str, a: Typed, b: Typed, at: usize) -> Result<Value> {
        let ty = match promoted(a.ty, a.ty) {
            Some(ty @ (Type::Int | Type::Long)) if b.ty.is_integral() => ty,
            _ => return self.cannot_apply(op, &a.into(), &b.into(), at),
        };
        let function = match (op, ty) {
            ("<<", Type::Int) => "int_shl_i32",
            (">>", Type::Int) => "int_shr_i32",
            (_, Type::Int) => "int_ushr_i32",
            ("<<", _) => "int_shl",
            (">>", _) => "int_shr",
            _ => "int_ushr",
        };
        let binding = join(a.binding, b.binding);
        Ok(typed(literal_or(call(function, vec![a.expr, b.expr])), ty, binding))
    }

    fn bits(&self, op: &'static str, a: Typed, b: Typed, at: usize) -> Result<Value> {
        let binding = join(a.binding, b.binding);
        if (a.ty, b.ty) == (Type::Bool, Type::Bool) {
            let operator = match op {
                "^" => Operator::NotEq,
                // Painless itself knows `&` and `|` on booleans at run time only.
                "&" if binding == Binding::Dynamic => Operator::And,
                "|" if binding == Binding::Dynamic => Operator::Or,
                _ => return self.cannot_apply(op, &a.into(), &b.into(), at),
            };
            return Ok(typed(literal_or(binary(a.expr, operator, b.expr)), Type::Bool, binding));
        }
        let Some(ty @ (Type::Int | Type::Long)) = promoted(a.ty, b.ty) else {
            return self.cannot_apply(op, &a.into(), &b.into(), at);
        };
        let operator = match op {
            "&" => Operator::BitwiseAnd,
            "|" => Operator::BitwiseOr,
            _ => Operator::BitwiseXor,
        };
        Ok(typed(literal_or(binary(a.expr, operator, b.expr)), ty, binding))
    }

    fn order(&self, op: &'static str, a: Typed, b: Typed, at: usize) -> Result<Value> {
        let Some(ty) = promoted(a.ty, b.ty) else { return self.cannot_apply(op, &a.into(), &b.into(), at) };
        let operator = match op {
            "<" => Operator::Lt,
            "<=" => Operator::LtEq,
            ">" => Operator::Gt,
            _ => Operator::GtEq,
        };
        let binding = join(a.binding, b.binding);
        let (a, b) = (number(a.expr, a.ty, ty), number(b.expr, b.ty, ty));
        Ok(typed(compare(a, operator, b), Type::Bool, binding))
    }

    fn equality(&self, op: &'static str, left: Value, right: Value, at: usize) -> Result<Value> {
        let equal = op.starts_with("==");
        let operator = if equal { Operator::Eq } else { Operator::NotEq };
        match (left, right) {
            (Value::Null(_), Value::Null(_)) => Ok(Value::of(boolean(equal), Type::Bool)),
            (Value::Null(_), other) | (other, Value::Null(_)) => Ok(self.unequal(&[other], equal)),
            (Value::One(a), Value::One(b)) => {
                let binding = join(a.binding, b.binding);
                let is_object = |x: &Typed| x.is_dynamic() || !x.ty.is_primitive();
                if op.len() == 3 && is_object(&a) && is_object(&b) {
                    return Err(self.not_tree(at, &format!("`{op}`, which asks whether two objects are one,")));
                }
                if let Some(ty) = promoted(a.ty, b.ty) {
                    let (a, b) = (number(a.expr, a.ty, ty), number(b.expr, b.ty, ty));
                    return Ok(typed(compare(a, operator, b), Type::Bool, binding));
                }
                if a.ty == b.ty {
                    return Ok(typed(compare(a.expr, operator, b.expr), Type::Bool, binding));
                }
                if binding != Binding::Dynamic && a.ty.is_primitive() && b.ty.is_primitive() {
                    // One is a boolean and the other is a number.
                    return self.cannot_cast(&Value::One(b), a.ty, Cast::Implicit, at);
                }
                Ok(self.unequal(&[Value::One(a), Value::One(b)], equal))
            }
            (left, right) => {
                let what = format!("`{op}` on a {} and a {}", left.type_name(), right.type_name());
                Err(self.not_tree(at, &what))
            }
        }
    }

    /// The answer for values that are never equal: they still are evaluated, and may fail.
    fn unequal(&self, values: &[Value], equal: bool) -> Value {
        let mut result = boolean(!equal);
        for value in values {
            let Value::One(typed) = value else { continue };
            if can_fail(&typed.expr) {
                let check = evaluated(typed.expr.clone(), typed.ty.value_type());
                result =
                    if equal { binary(not(check), Operator::Or, result) } else { binary(check, Operator::And, result) };
            }
        }
        Value::of(result, Type::Bool)
    }

    /// `!x`, `~x`, `+x`, `-x`.
    pub(super) fn unary(&self, op: &'static str, operand: Value, at: usize) -> Result<Value> {
        if op == "!" {
            let binding = match &operand {
                Value::One(typed) => typed.binding,
                _ => Binding::Static,
            };
            let expr = self.boolean(operand, at)?;
            let inverted = match expr {
                Expr::IsNull(inner) => Expr::IsNotNull(inner),
                Expr::IsNotNull(inner) => Expr::IsNull(inner),
                expr => literal_or(not(expr)),
            };
            return Ok(typed(inverted, Type::Bool, binding));
        }
        spread(vec![operand], &mut |mut leaves| {
            let leaf = leaves.remove(0);
            let Value::One(a) = leaf else { return self.cannot_apply_unary(op, &leaf, at) };
            let Some(ty) = promoted(a.ty, a.ty) else { return self.cannot_apply_unary(op, &a.into(), at) };
            let expr = match op {
                "+" => a.expr,
                "-" => in_range(literal_or(Expr::Negative(Box::new(a.expr))), ty),
                _ if ty.is_integral() => literal_or(binary(a.expr, Operator::BitwiseXor, long(-1))),
                _ => return self.cannot_apply_unary(op, &a.into(), at),
            };
            Ok(typed(expr, ty, a.binding))
        })
    }

    fn cannot_apply_unary(&self, op: &'static str, value: &Value, at: usize) -> Result<Value> {
        let ty = value.type_name();
        if value.is_dynamic() {
            let reason = format!("Cannot apply [{op}] operation to type [{ty}]");
            return Ok(Value::fails("class_cast_exception", at, reason));
        }
        let name = match op {
            "~" => "bitwise not",
            "+" => "positive",
            _ => "negative",
        };
        let reason = format!("cannot apply the {name} operator [{op}] to the type [{ty}]");
        Err(self.error(at, "class_cast_exception", reason))
    }
}

fn typed(expr: Expr, ty: Type, binding: Binding) -> Value {
    Value::One(Typed::of(expr, ty).bound(binding))
}

/// A result is decided as late as the latest of its operands.
fn join(a: Binding, b: Binding) -> Binding {
    match (a, b) {
        (Binding::Dynamic, _) | (_, Binding::Dynamic) => Binding::Dynamic,
        (Binding::Literal, Binding::Literal) => Binding::Literal,
        _ => Binding::Static,
    }
}

/// The type in which two numbers are computed: int, long, float or double.
pub(super) fn promoted(a: Type, b: Type) -> Option<Type> {
    let width = a.width()?.max(b.width()?);
    Some(match width {
        0..=3 => Type::Int,
        4 => Type::Long,
        5 => Type::Float,
        _ => Type::Double,
    })
}

/// A result cut to its type: ints wrap, floats round.
fn in_range(expr: Expr, ty: Type) -> Expr {
    literal_or(match ty {
        Type::Int => call("wrap_i32", vec![expr]),
        Type::Float => call("to_f32", vec![expr]),
        _ => return expr,
    })
}

/// A comparison; the number of a field's values against 0 or 1 is a test for null.
fn compare(a: Expr, op: Operator, b: Expr) -> Expr {
    let count_of = |e: &Expr| {
        as_column(e).filter(|(_, part)| *part == crate::plan::expr::ColumnPart::Count).map(|(path, _)| path.to_owned())
    };
    let (path, op, limit) = match (count_of(&a), count_of(&b)) {
        (Some(path), None) => (path, op, &b),
        (None, Some(path)) => (path, op.swap().unwrap_or(op), &a),
        _ => return literal_or(binary(a, op, b)),
    };
    let Expr::Literal(ScalarValue::Int64(Some(limit)), _) = limit else { return binary(a, op, b) };
    let column = crate::plan::expr::column(&path);
    match (op, limit) {
        (Operator::Eq | Operator::LtEq, 0) | (Operator::Lt, 1) => column.is_null(),
        (Operator::NotEq | Operator::Gt, 0) | (Operator::GtEq, 1) => column.is_not_null(),
        _ => binary(a, op, b),
    }
}

fn operator_name(op: &str) -> &'static str {
    match op {
        "+" => "addition",
        "-" => "subtraction",
        "*" => "multiplication",
        "/" => "division",
        "%" => "remainder",
        "<<" => "left shift",
        ">>" => "right shift",
        ">>>" => "unsigned shift",
        "&" => "and",
        "|" => "boolean or",
        "^" => "xor",
        "<" => "less than",
        "<=" => "less than or equals",
        ">" => "greater than",
        _ => "greater than or equals",
    }
}
