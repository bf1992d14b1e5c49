//! Static members of classes: `Math.log`, `Integer.MAX_VALUE`, `String.valueOf`, `ChronoUnit.DAYS.between`.

use std::f64::consts::{E, PI};

use datafusion_expr::{Expr, Operator};

use super::convert::{literal_or, text};
use super::lower::Lowering;
use super::method::{null_text, ordering};
use super::types::Type;
use super::value::Value;
use crate::error::{Result, did_you_mean};
use crate::plan::expr::{binary, boolean, double, long};
use crate::plan::function::date::{DAYS, MONTHS};
use crate::plan::function::{call, function};
use crate::plan::script::ValueType;

/// Methods of `java.lang.Math` and the function of the tree that each is. All take doubles.
const MATH: [(&str, &str); 34] = [
    ("IEEEremainder", "ieee_remainder"),
    ("abs", "abs"),
    ("acos", "acos"),
    ("asin", "asin"),
    ("atan", "atan"),
    ("atan2", "atan2"),
    ("cbrt", "cbrt"),
    ("ceil", "ceil"),
    ("copySign", "copy_sign"),
    ("cos", "cos"),
    ("cosh", "cosh"),
    ("exp", "exp"),
    ("expm1", "expm1"),
    ("floor", "floor"),
    ("hypot", "hypot"),
    ("log", "log"),
    ("log10", "log10"),
    ("log1p", "log1p"),
    ("max", "max"),
    ("min", "min"),
    ("nextAfter", "next_after"),
    ("nextDown", "next_down"),
    ("nextUp", "next_up"),
    ("pow", "pow"),
    ("rint", "rint"),
    ("round", "round"),
    ("scalb", "scalb"),
    ("signum", "signum"),
    ("sin", "sin"),
    ("sinh", "sinh"),
    ("sqrt", "sqrt"),
    ("tan", "tan"),
    ("tanh", "tanh"),
    ("ulp", "ulp"),
];

const MATH_ANGLES: [(&str, &str); 2] = [("toDegrees", "to_degrees"), ("toRadians", "to_radians")];

/// Static methods that scripts may call and that are no tree yet.
const OTHERS: &[&str] = &[
    "random",
    "parseInt",
    "parseLong",
    "parseDouble",
    "parseFloat",
    "parseShort",
    "parseByte",
    "parseBoolean",
    "decode",
    "toHexString",
    "toBinaryString",
    "toOctalString",
    "bitCount",
    "highestOneBit",
    "lowestOneBit",
    "numberOfLeadingZeros",
    "numberOfTrailingZeros",
    "reverse",
    "reverseBytes",
    "rotateLeft",
    "rotateRight",
    "toUnsignedString",
    "hashCode",
    "format",
    "join",
    "copyValueOf",
    "doubleToLongBits",
    "doubleToRawLongBits",
    "floatToIntBits",
    "longBitsToDouble",
    "intBitsToFloat",
    "toUpperCase",
    "toLowerCase",
    "isDigit",
    "isLetter",
    "isLetterOrDigit",
    "isWhitespace",
    "isUpperCase",
    "isLowerCase",
    "getNumericValue",
    "logicalAnd",
    "logicalOr",
    "logicalXor",
    "parse",
    "of",
    "ofEpochMilli",
    "ofEpochSecond",
    "ofInstant",
    "ofLocal",
    "ofStrict",
    "from",
];

/// A constant of a class.
pub(super) fn constant(class: &str, name: &str) -> Option<(Expr, Type)> {
    let whole = |v: i64, ty| Some((long(v), ty));
    let position = |names: &[&str]| names.iter().position(|n| *n == name).map(|i| long(i as i64 + 1));
    match (class, name) {
        ("Math" | "StrictMath", "PI") => Some((double(PI), Type::Double)),
        ("Math" | "StrictMath", "E") => Some((double(E), Type::Double)),
        ("Byte", "MAX_VALUE") => whole(i64::from(i8::MAX), Type::Byte),
        ("Byte", "MIN_VALUE") => whole(i64::from(i8::MIN), Type::Byte),
        ("Short", "MAX_VALUE") => whole(i64::from(i16::MAX), Type::Short),
        ("Short", "MIN_VALUE") => whole(i64::from(i16::MIN), Type::Short),
        ("Character", "MAX_VALUE") => whole(i64::from(u16::MAX), Type::Char),
        ("Character", "MIN_VALUE") => whole(0, Type::Char),
        ("Integer", "MAX_VALUE") => whole(i64::from(i32::MAX), Type::Int),
        ("Integer", "MIN_VALUE") => whole(i64::from(i32::MIN), Type::Int),
        ("Long", "MAX_VALUE") => whole(i64::MAX, Type::Long),
        ("Long", "MIN_VALUE") => whole(i64::MIN, Type::Long),
        ("Boolean", "TRUE") => Some((boolean(true), Type::Bool)),
        ("Boolean", "FALSE") => Some((boolean(false), Type::Bool)),
        ("Double" | "Float", _) => {
            let is_double = class == "Double";
            let value = match name {
                "MAX_VALUE" if is_double => f64::MAX,
                "MAX_VALUE" => f64::from(f32::MAX),
                "MIN_VALUE" if is_double => f64::from_bits(1),
                "MIN_VALUE" => f64::from(f32::from_bits(1)),
                "MIN_NORMAL" if is_double => f64::MIN_POSITIVE,
                "MIN_NORMAL" => f64::from(f32::MIN_POSITIVE),
                "NaN" => f64::NAN,
                "POSITIVE_INFINITY" => f64::INFINITY,
                "NEGATIVE_INFINITY" => f64::NEG_INFINITY,
                _ => return None,
            };
            Some((double(value), if is_double { Type::Double } else { Type::Float }))
        }
        ("DayOfWeek", _) => position(&DAYS).map(|expr| (expr, Type::DayOfWeek)),
        ("Month", _) => position(&MONTHS).map(|expr| (expr, Type::Month)),
        _ => None,
    }
}

impl Lowering<'_> {
    /// `Class.name(args)`.
    pub(super) fn static_method(&self, class: &str, name: &str, args: &[Value], at: usize) -> Result<Value> {
        if matches!(class, "Math" | "StrictMath")
            && let Some(value) = self.math(name, args, at)?
        {
            return Ok(value);
        }
        if let Some(ty) = Type::of_box(class)
            && let Some(value) = self.of_box(ty, name, args, at)?
        {
            return Ok(value);
        }
        match (class, name, args) {
            ("String", "valueOf", [value]) => return self.text_of(value, at),
            ("Objects", "equals", [a, b]) => return self.operate("==", a.clone(), b.clone(), at),
            ("DayOfWeek" | "Month", "of", [value]) => {
                let ty = if class == "Month" { Type::Month } else { Type::DayOfWeek };
                return Ok(Value::of(self.argument(value, Type::Int, at)?, ty));
            }
            ("Instant", "ofEpochMilli", [value]) => {
                return Ok(Value::of(self.argument(value, Type::Long, at)?, Type::Instant));
            }
            _ => {}
        }
        let is_own = matches!(class, "Math" | "StrictMath" | "String") || Type::of_box(class).is_some();
        if !is_own && name != "now" || OTHERS.contains(&name) {
            return Err(self.not_tree(at, &format!("`{class}.{name}`")));
        }
        let package = if class == "ZonedDateTime" || class == "Instant" { "java.time" } else { "java.lang" };
        let reason = format!("static method [{package}.{class}, {name}/{}] not found", args.len());
        let e = self.error(at, "illegal_argument_exception", reason);
        let known = MATH.iter().chain(&MATH_ANGLES).map(|(known, _)| *known);
        Err(match did_you_mean(name, known).filter(|near| class == "Math" && *near != name) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e,
        })
    }

    fn math(&self, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        let Some((_, target)) = MATH.iter().chain(&MATH_ANGLES).find(|(known, _)| *known == name) else {
            return Ok(None);
        };
        let Some(f) = function(target).filter(|f| f.args.len() == args.len()) else { return Ok(None) };
        let args = args
            .iter()
            .zip(f.args)
            .map(|(arg, ty)| self.argument(arg, if *ty == ValueType::F64 { Type::Double } else { Type::Int }, at))
            .collect::<Result<Vec<_>>>()?;
        let ty = if f.result == ValueType::F64 { Type::Double } else { Type::Long };
        Ok(Some(Value::of(literal_or(call(target, args)), ty)))
    }

    /// A static method of a class that boxes values of a type.
    fn of_box(&self, ty: Type, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        let arg = |i: usize| self.argument(&args[i], ty, at);
        let not_text = |i: usize| !matches!(&args[i], Value::One(typed) if typed.ty == Type::Text);
        Ok(Some(match (name, args.len()) {
            ("valueOf", 1) if not_text(0) => Value::dynamic(arg(0)?, ty),
            ("valueOf", 1) => return Err(self.not_tree(at, "a string read as a number")),
            ("toString", 1) => Value::of(text(arg(0)?, ty), Type::Text),
            ("compare", 2) => Value::of(literal_or(ordering(arg(0)?, arg(1)?)), Type::Int),
            ("signum", 1) if ty.is_integral() => Value::of(ordering(arg(0)?, long(0)), Type::Int),
            ("isNaN", 1) if ty == Type::Double || ty == Type::Float => {
                let x = arg(0)?;
                Value::of(literal_or(binary(x.clone(), Operator::NotEq, x)), Type::Bool)
            }
            ("isInfinite", 1) if ty == Type::Double || ty == Type::Float => {
                let magnitude = call("abs", vec![arg(0)?]);
                Value::of(binary(magnitude, Operator::Eq, double(f64::INFINITY)), Type::Bool)
            }
            ("isFinite", 1) if ty == Type::Double || ty == Type::Float => {
                let magnitude = call("abs", vec![arg(0)?]);
                Value::of(binary(magnitude, Operator::Lt, double(f64::INFINITY)), Type::Bool)
            }
            ("max" | "min", 2) if matches!(ty, Type::Int | Type::Long) => {
                Value::of(call(if name == "max" { "max_i64" } else { "min_i64" }, vec![arg(0)?, arg(1)?]), ty)
            }
            _ => return Ok(None),
        }))
    }

    /// `String.valueOf(x)`.
    fn text_of(&self, value: &Value, at: usize) -> Result<Value> {
        match value {
            Value::One(typed) => Ok(Value::of(text(typed.expr.clone(), typed.ty), Type::Text)),
            Value::Null(_) => Ok(Value::of(null_text(), Type::Text)),
            _ => Err(self.not_tree(at, "a list or map as text")),
        }
    }
}
