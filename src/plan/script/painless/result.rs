//! Results: what a `return` gives in each context, after everything that can fail on the way to it.

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

use super::ast::Node;
use super::convert::{Cast, after, evaluated};
use super::lower::Lowering;
use super::tree::each_certain;
use super::types::Type;
use super::value::{Binding, Typed, Value, spread};
use crate::error::Result;
use crate::plan::expr::{boolean, can_fail, case, long, string, zero};
use crate::plan::function::call;
use crate::plan::script::{CompiledScript, ScriptContext, ValueType};

/// Something that is evaluated before a result.
#[derive(Clone)]
pub(super) struct Check {
    /// What is evaluated.
    pub(super) expr: Expr,
    /// The same as a boolean that is true or fails.
    pub(super) test: Expr,
}

impl Lowering<'_> {
    /// Remembers what has been evaluated, where that can fail.
    pub(super) fn check(&mut self, value: &Value) {
        if let Some(test) = check_of(value) {
            let expr = match value {
                Value::One(typed) => typed.expr.clone(),
                _ => test.clone(),
            };
            if !self.checks.iter().any(|check| check.expr == expr) {
                self.checks.push(Check { expr, test });
            }
        }
    }

    /// A returned expression as the script's result.
    pub(super) fn result(&mut self, node: &Node) -> Result<Value> {
        let value = self.value(node)?;
        let at = node.at;
        let result = match (self.context, &value) {
            (ScriptContext::Filter, _) => self.convert(value, Type::Bool, Cast::Implicit, at)?,
            (ScriptContext::Score | ScriptContext::NumberSort, _) => {
                self.convert(value, Type::Double, Cast::Implicit, at)?
            }
            (ScriptContext::StringSort, Value::Null(Binding::Static)) => {
                return self.cannot_cast(&value, Type::Text, Cast::Implicit, at);
            }
            (ScriptContext::StringSort, _) => {
                let text = self.convert(value, Type::Text, Cast::Implicit, at)?;
                spread(vec![text], &mut |mut leaves| match leaves.remove(0) {
                    Value::Null(_) => Ok(no_text(at)),
                    text => Ok(text),
                })?
            }
            (ScriptContext::Field, _) => self.shown(value, at)?,
        };
        Ok(self.after_checks(result))
    }

    /// The result of a way without `return`.
    pub(super) fn no_result(&mut self) -> Result<Value> {
        let result = match self.context {
            ScriptContext::Filter => Value::of(boolean(false), Type::Bool),
            ScriptContext::Score | ScriptContext::NumberSort => Value::of(zero(ValueType::F64), Type::Double),
            ScriptContext::StringSort => no_text(0),
            ScriptContext::Field => Value::Null(Binding::Dynamic),
        };
        Ok(self.after_checks(result))
    }

    /// The result, evaluated after everything that can fail on the way to it.
    fn after_checks(&self, mut result: Value) -> Value {
        for check in self.checks.iter().rev() {
            result = after_check(check, result);
        }
        result
    }

    /// The script's tree, where it is one.
    pub(super) fn compiled(&self, value: &Value) -> Result<CompiledScript> {
        let ty = match self.context {
            ScriptContext::Filter => ValueType::Bool,
            ScriptContext::Score | ScriptContext::NumberSort | ScriptContext::Field => ValueType::F64,
            ScriptContext::StringSort => ValueType::Str,
        };
        let expr = self.flatten(value, ty, 0)?;
        self.refuse_certain_failure(&expr)?;
        Ok(CompiledScript { expr, ty })
    }

    /// Refuses a tree that fails for every document.
    pub(super) fn refuse_certain_failure(&self, expr: &Expr) -> Result<()> {
        let mut failure = None;
        each_certain(expr, &mut |e| {
            if let (Expr::ScalarFunction(f), None) = (e, &failure)
                && f.name() == "fail"
            {
                failure = Some(f.args.clone());
            }
            true
        });
        match failure.as_deref() {
            Some([Expr::Literal(ty, _), Expr::Literal(reason, _), Expr::Literal(at, _)]) => {
                let text = |v: &ScalarValue| v.try_as_str().flatten().unwrap_or_default().to_owned();
                let at = match at {
                    ScalarValue::Int64(Some(at)) => *at as usize,
                    _ => 0,
                };
                Err(self.certain_failure(&text(ty), &text(reason), at))
            }
            _ => Ok(()),
        }
    }
}

/// Null as the key of a sort by strings.
fn no_text(at: usize) -> Value {
    let reason = "Cannot invoke \"java.lang.CharSequence.length()\" because \"text\" is null";
    Value::fails("null_pointer_exception", at, reason)
}

/// A tree that is true, but fails where the value fails; `None` where it cannot.
fn check_of(value: &Value) -> Option<Expr> {
    match value {
        Value::One(typed) if can_fail(&typed.expr) => Some(evaluated(typed.expr.clone(), typed.ty.value_type())),
        Value::Fails(failure) => Some(evaluated(
            call("fail", vec![string(failure.ty), string(&failure.reason), long(failure.at as i64)]),
            ValueType::F64,
        )),
        Value::Either(choice) => {
            let (test, a, b) = &**choice;
            let (a, b) = (check_of(a), check_of(b));
            if a.is_none() && b.is_none() && !can_fail(test) {
                return None;
            }
            let or_true = |check: Option<Expr>| check.unwrap_or_else(|| boolean(true));
            Some(case(test.clone(), or_true(a), or_true(b)))
        }
        _ => None,
    }
}

/// The result after a check, unless it evaluates the same anyway.
fn after_check(check: &Check, result: Value) -> Value {
    match result {
        Value::One(typed) => {
            let mut evaluates = false;
            each_certain(&typed.expr, &mut |e| {
                evaluates = evaluates || *e == check.expr;
                !evaluates
            });
            if evaluates {
                return typed.into();
            }
            let value_type = typed.ty.value_type();
            Typed::of(after(check.test.clone(), typed.expr, value_type), typed.ty).bound(typed.binding).into()
        }
        Value::Either(choice) => {
            let (test, a, b) = *choice;
            Value::either(test, after_check(check, a), after_check(check, b))
        }
        Value::Fails(_) => result,
        // No tree gives it, so the check decides between it and what is never shown.
        other => Value::Either(Box::new((check.test.clone(), other, Value::Null(Binding::Dynamic)))),
    }
}
