//! Arguments of a call: conversion to the types that cross, and what missing values mean, written into the tree.

use std::sync::Arc;

use datafusion_expr::{Expr, Operator};

use super::{NullPolicy, UdfArg, UdfProfile, UdfType, formula, udf_call};
use crate::plan::expr::{binary, boolean, case, double, long, string, to_double, zero};
use crate::plan::function::call;
use crate::plan::script::ValueType;
use crate::plan::value::Value;

/// What a call passes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Argument {
    /// The value, of the type that the UDF takes; where there is none, any.
    pub(crate) value: Expr,
    /// Whether there is one; `None`: always.
    pub(crate) present: Option<Expr>,
}

impl Argument {
    /// A value that is always there.
    pub(crate) fn given(value: Expr) -> Self {
        Self { value, present: None }
    }

    /// No value.
    pub(crate) fn missing(ty: UdfType) -> Self {
        Self { value: zero(ty.value_type()), present: Some(boolean(false)) }
    }
}

/// A value as a UDF takes it: numbers widen as in Java; a double is rounded to a float; a long that is no int fails at
/// byte `site` of the source. `None`: there is no such conversion.
pub(crate) fn convert(value: Expr, from: ValueType, to: UdfType, site: usize) -> Option<Expr> {
    Some(match (from, to) {
        (ValueType::F64, UdfType::F64)
        | (ValueType::I64, UdfType::I64)
        | (ValueType::Bool, UdfType::Bool)
        | (ValueType::Str, UdfType::Str) => value,
        (ValueType::F64, UdfType::F32) => call("to_f32", vec![value]),
        (ValueType::I64, UdfType::F64) => to_double(value),
        (ValueType::I64, UdfType::F32) => call("i64_to_f32", vec![value]),
        (ValueType::I64, UdfType::I32) => call("to_int_exact", vec![value, long(site as i64)]),
        (ValueType::F64 | ValueType::I64 | ValueType::Bool | ValueType::Str, _) => return None,
    })
}

/// A call whose arguments may be missing, by the UDF's null policy.
pub(crate) fn lower_call(profile: &Arc<UdfProfile>, args: Vec<Argument>, site: usize) -> Expr {
    let mut passed = Vec::with_capacity(args.len());
    let mut all_present: Option<Expr> = None;
    for (arg, Argument { value, present }) in profile.args.iter().zip(args) {
        match (profile.nulls, present) {
            (NullPolicy::Skip | NullPolicy::Default, None) => passed.push(value),
            (NullPolicy::Skip, Some(present)) => {
                passed.push(value);
                all_present = Some(match all_present {
                    Some(others) => binary(others, Operator::And, present),
                    None => present,
                });
            }
            (NullPolicy::Default, Some(present)) => passed.push(or_default(arg, value, present)),
            (NullPolicy::Flag, None) => passed.extend([value, boolean(true)]),
            (NullPolicy::Flag, Some(present)) => passed.extend([or_default(arg, value, present.clone()), present]),
        }
    }
    let called = formula::lower(profile, &passed, site).unwrap_or_else(|| udf_call(profile, passed, site));
    match all_present {
        Some(test) => case(test, called, zero(profile.result.value_type())),
        None => called,
    }
}

/// The value, or the argument's default (without one: 0, false, the empty string) where it is missing.
fn or_default(arg: &UdfArg, value: Expr, present: Expr) -> Expr {
    let default = arg.default.as_ref().and_then(|default| literal(default, arg.ty));
    let default = default.unwrap_or_else(|| zero(arg.ty.value_type()));
    match value {
        Expr::ScalarFunction(mut f) if f.name() == "coalesce" => {
            f.args.truncate(1);
            f.args.push(default);
            Expr::ScalarFunction(f)
        }
        value => case(present, value, default),
    }
}

/// A constant as a literal of a type, where it is one of its values.
fn literal(value: &Value, ty: UdfType) -> Option<Expr> {
    Some(match (ty, value) {
        (UdfType::I32, Value::I64(v)) if i32::try_from(*v).is_ok() => long(*v),
        (UdfType::I64, Value::I64(v)) => long(*v),
        (UdfType::F32 | UdfType::F64, Value::I64(v)) => double(*v as f64),
        (UdfType::F64, Value::F64(v)) => double(*v),
        (UdfType::F32, Value::F64(v)) => double(f64::from(*v as f32)),
        (UdfType::Bool, Value::Bool(v)) => boolean(*v),
        (UdfType::Str, Value::Str(v)) => string(v),
        (UdfType::I32 | UdfType::I64 | UdfType::F32 | UdfType::F64 | UdfType::Bool | UdfType::Str, _) => return None,
    })
}
