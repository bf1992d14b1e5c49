//! Calls of deployed UDFs: `custom_score(_score, params.boost)`.
//!
//! Arguments convert as Java widens them; a double where a float is taken is rounded, a long where an int is taken has to
//! be one. Where only some documents give null, that is a missing value, and means what the UDF's null policy says.

use datafusion_expr::{Expr, not};

use super::convert::{failing, number};
use super::lower::Lowering;
use super::types::Type;
use super::value::{Typed, Value};
use crate::error::{Code, Result};
use crate::plan::expr::{boolean, case, is_literal};
use crate::plan::udf::{Argument, UdfProfile, UdfType, convert, lower_call};

impl Lowering<'_> {
    /// The call of a UDF of this name, if one is deployed.
    pub(super) fn udf_call(&self, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        let Some(profile) = self.catalog.find(name) else { return Ok(None) };
        if args.len() != profile.args.len() {
            let reason = format!("{profile} takes {} arguments, found {}", profile.args.len(), args.len());
            return Err(self.source.error(Code::UdfArguments, at, reason).expected(profile.usage()));
        }
        let args = args.iter().enumerate().map(|(i, arg)| self.udf_argument(profile, i, arg, at));
        let called = lower_call(profile, args.collect::<Result<_>>()?, at);
        let ty = match profile.result {
            UdfType::I32 => Type::Int,
            UdfType::I64 => Type::Long,
            UdfType::F32 => Type::Float,
            UdfType::F64 => Type::Double,
            UdfType::Bool => Type::Bool,
            UdfType::Str => Type::Text,
        };
        Ok(Some(Value::of(called, ty)))
    }

    fn udf_argument(&self, profile: &UdfProfile, i: usize, value: &Value, at: usize) -> Result<Argument> {
        let ty = profile.args[i].ty;
        let found = match value {
            Value::One(typed) => match passed(typed, ty, at) {
                Some(passed) => return Ok(Argument::given(passed)),
                None => typed.ty.name().to_owned(),
            },
            Value::Null(_) => "null".to_owned(),
            Value::Fails(failure) => return Ok(Argument::given(failing(failure, ty.value_type()))),
            Value::Either(choice) => {
                let (test, a, b) = &**choice;
                let either = |value: &Value| match value {
                    Value::Null(_) => Ok(Argument::missing(ty)),
                    value => self.udf_argument(profile, i, value, at),
                };
                return Ok(choose(test, either(a)?, either(b)?));
            }
            other => other.type_name(),
        };
        let reason = format!("{} takes {ty}, found {found}", profile.argument(i));
        Err(self.source.error(Code::UdfArguments, at, reason).expected(profile.usage()))
    }
}

/// The one argument where a test is true, else the other.
fn choose(test: &Expr, a: Argument, b: Argument) -> Argument {
    let present = match (a.present, b.present) {
        (None, None) => None,
        (None, Some(b)) if is_literal(&b, false) => Some(test.clone()),
        (Some(a), None) if is_literal(&a, false) => Some(not(test.clone())),
        (a, b) => {
            let [a, b] = [a, b].map(|present| present.unwrap_or_else(|| boolean(true)));
            Some(case(test.clone(), a, b))
        }
    };
    Argument { value: case(test.clone(), a.value, b.value), present }
}

/// A value as a UDF takes it.
fn passed(typed: &Typed, to: UdfType, at: usize) -> Option<Expr> {
    let Typed { expr, ty, .. } = typed;
    match (ty, to) {
        // What is within the range of an int anyway needs no check.
        (Type::Byte | Type::Short | Type::Char | Type::Int, UdfType::I32) => Some(expr.clone()),
        (Type::Byte | Type::Short | Type::Char | Type::Int | Type::Float, UdfType::F32) => {
            Some(number(expr.clone(), *ty, Type::Float))
        }
        (Type::Date | Type::Instant | Type::Month | Type::DayOfWeek, _) => None,
        (ty, _) => convert(expr.clone(), ty.value_type(), to, at),
    }
}
