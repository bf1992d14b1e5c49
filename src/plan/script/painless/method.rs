//! Methods of single values: strings, dates, numbers.

use datafusion_expr::{Expr, Operator};

use super::convert::{Cast, literal_or, number, text};
use super::lower::Lowering;
use super::types::{CLASSES, Type};
use super::value::{Binding, Typed, Value};
use crate::error::{Result, did_you_mean};
use crate::plan::expr::{binary, boolean, case, long, string};
use crate::plan::function::call;

/// Methods of strings that scripts may call and that are no tree yet.
const TEXT_METHODS: &[&str] = &[
    "chars",
    "codePointAt",
    "codePointBefore",
    "codePointCount",
    "compareToIgnoreCase",
    "contentEquals",
    "decodeBase64",
    "encodeBase64",
    "getChars",
    "offsetByCodePoints",
    "regionMatches",
    "replaceAll",
    "replaceFirst",
    "splitOnToken",
    "subSequence",
    "toCharArray",
];

/// Methods of dates that scripts may call and that are no tree yet.
const DATE_METHODS: &[&str] = &[
    "plus",
    "plusMonths",
    "plusYears",
    "plusNanos",
    "minus",
    "minusMonths",
    "minusYears",
    "minusNanos",
    "with",
    "withDayOfMonth",
    "withDayOfYear",
    "withHour",
    "withMinute",
    "withMonth",
    "withNano",
    "withSecond",
    "withYear",
    "withZoneSameInstant",
    "withZoneSameLocal",
    "truncatedTo",
    "toLocalDate",
    "toLocalDateTime",
    "toLocalTime",
    "toOffsetDateTime",
    "format",
    "get",
    "getLong",
    "getOffset",
    "getZone",
    "getChronology",
    "until",
    "atZone",
    "isSupported",
    "query",
    "range",
    "toOffsetTime",
    "hashCode",
];

impl Lowering<'_> {
    /// `target.name(args)`.
    pub(super) fn method(&self, target: &Value, name: &str, args: &[Value], at: usize) -> Result<Value> {
        let found = match target {
            Value::Class(class) => return self.static_method(class, name, args, at),
            Value::One(typed) => self.of_value(typed, name, args, at)?,
            _ => self.of_object(target, name, args, at)?,
        };
        match found {
            Some(value) => Ok(value),
            None => self.no_method(target, name, args.len(), at),
        }
    }

    fn no_method(&self, target: &Value, name: &str, arity: usize, at: usize) -> Result<Value> {
        let class = match target {
            Value::One(typed) => typed.ty.class().to_owned(),
            other => other.type_name(),
        };
        if target.is_dynamic() {
            let reason = format!("dynamic method [{class}, {name}/{arity}] not found");
            return Ok(Value::fails("illegal_argument_exception", at, reason));
        }
        let reason = format!("member method [{class}, {name}/{arity}] not found");
        let e = self.error(at, "illegal_argument_exception", reason);
        let known =
            ["length", "substring", "startsWith", "endsWith", "contains", "indexOf", "toLowerCase", "toUpperCase"];
        Err(match did_you_mean(name, known).filter(|near| *near != name) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e,
        })
    }

    /// A method of a single value; `None` where its class has none of that name.
    pub(super) fn of_value(&self, target: &Typed, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        match (name, args) {
            ("toString", []) => return Ok(Some(self.like(target, text(target.expr.clone(), target.ty), Type::Text))),
            ("equals", [other]) => {
                let same_class = matches!(other, Value::One(other) if other.ty == target.ty);
                return Ok(Some(match other {
                    Value::One(_) if same_class => self.operate("==", target.clone().into(), other.clone(), at)?,
                    _ => Value::of(boolean(false), Type::Bool),
                }));
            }
            _ => {}
        }
        match target.ty {
            Type::Text => self.of_text(target, name, args, at),
            Type::Date | Type::Instant => self.of_date(target, name, args, at),
            Type::Month | Type::DayOfWeek => Ok(match (name, args) {
                ("getValue", []) => Some(self.like(target, target.expr.clone(), Type::Int)),
                ("name", []) => Some(self.like(target, text(target.expr.clone(), target.ty), Type::Text)),
                ("ordinal", []) => {
                    Some(self.like(target, binary(target.expr.clone(), Operator::Minus, long(1)), Type::Int))
                }
                _ => None,
            }),
            ty if ty.is_number() => self.of_number(target, name, args, at),
            _ => Ok(match (name, args) {
                ("booleanValue", []) => Some(target.clone().into()),
                _ => None,
            }),
        }
    }

    /// A result that is bound as its target is.
    fn like(&self, target: &Typed, expr: Expr, ty: Type) -> Value {
        let binding = if target.is_dynamic() { Binding::Dynamic } else { Binding::Static };
        Typed::of(literal_or(expr), ty).bound(binding).into()
    }

    /// An argument as a tree of a type.
    pub(super) fn argument(&self, value: &Value, ty: Type, at: usize) -> Result<Expr> {
        let value = self.convert(value.clone(), ty, Cast::Implicit, at)?;
        if let Value::Null(_) = value {
            return Err(self.not_tree(at, "a null argument"));
        }
        self.flatten(&value, ty.value_type(), at)
    }

    fn of_text(&self, target: &Typed, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        let s = || target.expr.clone();
        let arg = |i: usize, ty: Type| self.argument(&args[i], ty, at);
        let site = long(at as i64);
        let (expr, ty) = match (name, args.len()) {
            ("length", 0) => (call("length", vec![s()]), Type::Int),
            ("isEmpty", 0) => (call("is_empty", vec![s()]), Type::Bool),
            ("hashCode", 0) => (call("hash_code", vec![s()]), Type::Int),
            ("toLowerCase", 0) => (call("lower", vec![s()]), Type::Text),
            ("toUpperCase", 0) => (call("upper", vec![s()]), Type::Text),
            ("trim", 0) => (call("trim", vec![s()]), Type::Text),
            ("startsWith", 1) => (call("starts_with", vec![s(), arg(0, Type::Text)?]), Type::Bool),
            ("endsWith", 1) => (call("ends_with", vec![s(), arg(0, Type::Text)?]), Type::Bool),
            ("contains", 1) => (call("contains", vec![s(), arg(0, Type::Text)?]), Type::Bool),
            ("equalsIgnoreCase", 1) => (call("equals_ignore_case", vec![s(), arg(0, Type::Text)?]), Type::Bool),
            ("compareTo", 1) => (call("compare_to", vec![s(), arg(0, Type::Text)?]), Type::Int),
            ("concat", 1) => (call("concat", vec![s(), arg(0, Type::Text)?]), Type::Text),
            ("indexOf", 1 | 2) => {
                let from = if args.len() == 2 { arg(1, Type::Int)? } else { long(0) };
                (call("index_of", vec![s(), arg(0, Type::Text)?, from]), Type::Int)
            }
            ("lastIndexOf", 1 | 2) => {
                let from = if args.len() == 2 { arg(1, Type::Int)? } else { long(i64::from(i32::MAX)) };
                (call("last_index_of", vec![s(), arg(0, Type::Text)?, from]), Type::Int)
            }
            ("substring", 1 | 2) => {
                let to = if args.len() == 2 { arg(1, Type::Int)? } else { long(i64::MAX) };
                (call("substring", vec![s(), arg(0, Type::Int)?, to, site]), Type::Text)
            }
            ("charAt", 1) => (call("char_at", vec![s(), arg(0, Type::Int)?, site]), Type::Char),
            ("replace", 2) => {
                let part = |value: &Value| match value {
                    Value::One(typed) if typed.ty == Type::Char => Ok(text(typed.expr.clone(), Type::Char)),
                    other => self.argument(other, Type::Text, at),
                };
                (call("replace", vec![s(), part(&args[0])?, part(&args[1])?]), Type::Text)
            }
            _ if TEXT_METHODS.contains(&name) => return Err(self.not_tree(at, &format!("`{name}` of a string"))),
            _ => return Ok(None),
        };
        Ok(Some(self.like(target, expr, ty)))
    }

    fn of_number(&self, target: &Typed, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        let to = match (name, args) {
            ("byteValue", []) => Type::Byte,
            ("shortValue", []) => Type::Short,
            ("intValue", []) => Type::Int,
            ("longValue", []) => Type::Long,
            ("floatValue", []) => Type::Float,
            ("doubleValue", []) => Type::Double,
            ("compareTo", [other]) => {
                let other = self.argument(other, target.ty, at)?;
                return Ok(Some(self.like(target, ordering(target.expr.clone(), other), Type::Int)));
            }
            ("isNaN", []) if !target.ty.is_integral() => {
                let expr = binary(target.expr.clone(), Operator::NotEq, target.expr.clone());
                return Ok(Some(self.like(target, expr, Type::Bool)));
            }
            ("isInfinite" | "hashCode", []) => return Err(self.not_tree(at, &format!("`{name}` of a number"))),
            _ => return Ok(None),
        };
        Ok(Some(self.like(target, number(target.expr.clone(), target.ty, to), to)))
    }

    fn of_date(&self, target: &Typed, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        let ms = || target.expr.clone();
        let zoned = target.ty == Type::Date;
        let part = |function: &str, ty: Type| Ok(Some(self.like(target, call(function, vec![ms()]), ty)));
        let shifted = |sign: i64, unit: i64| -> Result<Option<Value>> {
            let by = self.argument(&args[0], Type::Long, at)?;
            let by = literal_or(binary(by, Operator::Multiply, long(sign * unit)));
            Ok(Some(self.like(target, binary(ms(), Operator::Plus, by), target.ty)))
        };
        let compared = |op: Operator| -> Result<Option<Value>> {
            let other = self.argument(&args[0], target.ty, at)?;
            Ok(Some(self.like(target, binary(ms(), op, other), Type::Bool)))
        };
        match (name, args.len()) {
            ("getYear", 0) if zoned => part("date_year", Type::Int),
            ("getMonthValue", 0) if zoned => part("date_month", Type::Int),
            ("getMonth", 0) if zoned => part("date_month", Type::Month),
            ("getDayOfMonth", 0) if zoned => part("date_day", Type::Int),
            ("getDayOfYear", 0) if zoned => part("date_day_of_year", Type::Int),
            ("getDayOfWeek" | "getDayOfWeekEnum", 0) if zoned => part("date_day_of_week", Type::DayOfWeek),
            ("getHour", 0) if zoned => part("date_hour", Type::Int),
            ("getMinute", 0) if zoned => part("date_minute", Type::Int),
            ("getSecond", 0) if zoned => part("date_second", Type::Int),
            ("getNano", 0) => {
                let nanos = binary(call("date_milli", vec![ms()]), Operator::Multiply, long(1_000_000));
                Ok(Some(self.like(target, nanos, Type::Int)))
            }
            ("toEpochSecond", 0) if zoned => part("date_epoch_second", Type::Long),
            ("getEpochSecond", 0) if !zoned => part("date_epoch_second", Type::Long),
            ("toInstant", 0) if zoned => Ok(Some(self.like(target, ms(), Type::Instant))),
            ("toEpochMilli", 0) if !zoned => Ok(Some(self.like(target, ms(), Type::Long))),
            ("isBefore", 1) => compared(Operator::Lt),
            ("isAfter", 1) => compared(Operator::Gt),
            ("isEqual", 1) if zoned => compared(Operator::Eq),
            ("compareTo", 1) => {
                let other = self.argument(&args[0], target.ty, at)?;
                Ok(Some(self.like(target, ordering(ms(), other), Type::Int)))
            }
            ("plusWeeks", 1) if zoned => shifted(1, 604_800_000),
            ("plusDays", 1) if zoned => shifted(1, 86_400_000),
            ("plusHours", 1) if zoned => shifted(1, 3_600_000),
            ("plusMinutes", 1) if zoned => shifted(1, 60_000),
            ("plusSeconds", 1) => shifted(1, 1000),
            ("plusMillis", 1) if !zoned => shifted(1, 1),
            ("minusWeeks", 1) if zoned => shifted(-1, 604_800_000),
            ("minusDays", 1) if zoned => shifted(-1, 86_400_000),
            ("minusHours", 1) if zoned => shifted(-1, 3_600_000),
            ("minusMinutes", 1) if zoned => shifted(-1, 60_000),
            ("minusSeconds", 1) => shifted(-1, 1000),
            ("minusMillis", 1) if !zoned => shifted(-1, 1),
            _ if DATE_METHODS.contains(&name) => Err(self.not_tree(at, &format!("`{name}` of a date"))),
            _ => Ok(None),
        }
    }

    /// A call of a function that is no method.
    pub(super) fn call(&mut self, name: &str, args: &[super::ast::Node], at: usize) -> Result<Value> {
        let values = self.values(args)?;
        if let Some(value) = self.score_function(name, &values, at)? {
            return Ok(value);
        }
        if let Some(value) = self.udf_call(name, &values, at)? {
            return Ok(value);
        }
        let reason = format!("Unknown call [{name}] with [{}] arguments.", args.len());
        let e = self.error(at, "illegal_argument_exception", reason);
        let known = super::score::NAMES.iter().copied().chain(self.catalog.names());
        Err(match did_you_mean(name, known) {
            Some(near) if near != name => e.hint(format!("did you mean `{near}`?")),
            Some(_) => e.hint("it can be called in scripts that compute a score"),
            None => e,
        })
    }

    /// A static member of a class: `Math.PI`, `DayOfWeek.MONDAY`.
    pub(super) fn constant(&self, class: &str, name: &str, at: usize) -> Result<Value> {
        if let Some((expr, ty)) = super::library::constant(class, name) {
            return Ok(Value::of(expr, ty));
        }
        if !CLASSES.contains(&class) || Type::of_box(class).is_some() || class == "Math" {
            let reason = format!("static field [java.lang.{class}, {name}] not found");
            return Err(self.error(at, "illegal_argument_exception", reason));
        }
        Err(self.not_tree(at, &format!("`{class}.{name}`")))
    }
}

/// -1, 0 or 1, as `compareTo` of numbers says.
pub(super) fn ordering(a: Expr, b: Expr) -> Expr {
    let less = binary(a.clone(), Operator::Lt, b.clone());
    let greater = binary(a, Operator::Gt, b);
    case(less, long(-1), case(greater, long(1), long(0)))
}

/// A string that is null where nothing is.
pub(super) fn null_text() -> Expr {
    string("null")
}
