//! Statements to one value: variables in single-assignment form, branches merged, early returns as choices.

use datafusion_expr::Expr;

use super::ast::{Node, NodeKind, Statement, StatementKind, TypeName};
use super::convert::{Cast, after, evaluated, text};
use super::lower::{Check, Lowering, Variable, each_certain, is_fallible};
use super::operator::promoted;
use super::types::{CLASSES, Type, zero};
use super::value::{Binding, Typed, Value, spread};
use crate::error::Result;
use crate::plan::expr::{boolean, case};
use crate::plan::function::call;
use crate::plan::script::{CompiledScript, ScriptContext, ValueType};

/// What comes after a block: the statements that follow it, and what follows those.
pub(super) struct Rest<'s> {
    statements: &'s [Statement],
    outer: Option<&'s Self>,
    /// How many variables there were before the block.
    variables: usize,
}

/// How many early returns may follow one another: each nests the tree by one level.
const MAX_RETURNS: usize = 100;

impl Lowering<'_> {
    /// Runs statements, and what follows them, to the script's result.
    pub(super) fn run(&mut self, statements: &[Statement], rest: Option<&Rest<'_>>) -> Result<Value> {
        for (i, statement) in statements.iter().enumerate() {
            let following = &statements[i + 1..];
            let at = statement.at;
            self.spend(1, at)?;
            let is_last = following.is_empty() && is_done(rest);
            match &statement.kind {
                StatementKind::Return(node) => {
                    if let Some(next) = following.first() {
                        return Err(self.error(next.at, "illegal_argument_exception", "unreachable statement"));
                    }
                    return self.result(node);
                }
                // The last expression is returned without saying so.
                StatementKind::Expression(node) if is_last => return self.result(node),
                StatementKind::Expression(node) => self.effect(node)?,
                StatementKind::Declare(ty, variables) => {
                    for (name, at, value) in variables {
                        self.declare(ty, name, *at, value.as_ref())?;
                    }
                }
                StatementKind::If(test, then, otherwise) => {
                    let otherwise = otherwise.as_deref().unwrap_or_default();
                    let test = self.test(test)?;
                    if is_last || returns(then) || returns(otherwise) {
                        let rest = Rest { statements: following, outer: rest, variables: self.variables.len() };
                        return self.split(test, then, otherwise, &rest, at);
                    }
                    self.merge(&test, then, otherwise)?;
                }
                StatementKind::Jump(jump) => {
                    let reason = format!("invalid {jump} statement: not inside loop");
                    return Err(self.error(at, "illegal_argument_exception", reason));
                }
                StatementKind::Other(what) => return Err(self.not_tree(at, what)),
            }
        }
        match rest {
            Some(rest) => {
                self.variables.truncate(rest.variables);
                self.run(rest.statements, rest.outer)
            }
            None => self.no_result(),
        }
    }

    /// Both ways to the end: a branch returns, or is the last statement.
    fn split(
        &mut self,
        test: Expr,
        then: &[Statement],
        otherwise: &[Statement],
        rest: &Rest<'_>,
        at: usize,
    ) -> Result<Value> {
        if self.splits == MAX_RETURNS {
            return Err(self.not_tree(at, &format!("a script of more than {MAX_RETURNS} early returns")));
        }
        self.splits += 1;
        let (variables, checks) = (self.variables.clone(), self.checks.clone());
        let a = self.run(then, Some(rest))?;
        (self.variables, self.checks) = (variables.clone(), checks.clone());
        let b = self.run(otherwise, Some(rest))?;
        (self.variables, self.checks) = (variables, checks);
        self.splits -= 1;
        Ok(Value::either(test, a, b))
    }

    /// Both branches of an `if` that does not return; variables that differ become choices.
    fn merge(&mut self, test: &Expr, then: &[Statement], otherwise: &[Statement]) -> Result<()> {
        let (variables, checks) = (self.variables.clone(), std::mem::take(&mut self.checks));
        self.branch(then)?;
        let after_then = std::mem::replace(&mut self.variables, variables);
        let then_checks = std::mem::take(&mut self.checks);
        self.branch(otherwise)?;
        let else_checks = std::mem::replace(&mut self.checks, checks);
        for (variable, other) in self.variables.iter_mut().zip(after_then) {
            if variable.value != other.value {
                let otherwise = std::mem::replace(&mut variable.value, Value::Doc);
                variable.value = Value::either(test.clone(), other.value, otherwise);
            }
        }
        for (checks, truth) in [(then_checks, true), (else_checks, false)] {
            for Check { test: check, .. } in checks {
                let (a, b) = if truth { (check, boolean(true)) } else { (boolean(true), check) };
                let test = case(test.clone(), a, b);
                self.checks.push(Check { expr: test.clone(), test });
            }
        }
        Ok(())
    }

    /// Runs the statements of a branch for their effects; its variables end with it.
    fn branch(&mut self, statements: &[Statement]) -> Result<()> {
        let outer = self.variables.len();
        for statement in statements {
            let at = statement.at;
            match &statement.kind {
                StatementKind::Expression(node) => self.effect(node)?,
                StatementKind::Declare(ty, variables) => {
                    for (name, at, value) in variables {
                        self.declare(ty, name, *at, value.as_ref())?;
                    }
                }
                StatementKind::If(test, then, otherwise) => {
                    let test = self.test(test)?;
                    self.merge(&test, then, otherwise.as_deref().unwrap_or_default())?;
                }
                StatementKind::Jump(jump) => {
                    let reason = format!("invalid {jump} statement: not inside loop");
                    return Err(self.error(at, "illegal_argument_exception", reason));
                }
                StatementKind::Return(_) => return Err(self.not_tree(at, "this early return")),
                StatementKind::Other(what) => return Err(self.not_tree(at, what)),
            }
        }
        self.variables.truncate(outer);
        Ok(())
    }

    /// The test of an `if`.
    fn test(&mut self, node: &Node) -> Result<Expr> {
        if let NodeKind::Bool(_) = node.kind {
            return Err(self.error(node.at, "illegal_argument_exception", "extraneous if block"));
        }
        let value = self.value(node)?;
        self.boolean(value, node.at)
    }

    /// An expression as a statement: an assignment, an increment or a call.
    fn effect(&mut self, node: &Node) -> Result<()> {
        if !is_statement(node) {
            let reason = match &node.kind {
                NodeKind::Name(name) => format!("not a statement: variable [{name}] not used"),
                _ => "not a statement: the result of this expression is not used".to_owned(),
            };
            return Err(self.error(node.at, "illegal_argument_exception", reason));
        }
        let value = self.value(node)?;
        self.check(&value);
        Ok(())
    }

    fn declare(&mut self, ty: &TypeName, name: &str, at: usize, value: Option<&Node>) -> Result<()> {
        let value = value.map(|node| self.value(node)).transpose()?;
        let boxed = Type::of_box(&ty.name);
        let declared = Type::of_name(&ty.name);
        if ty.dimensions > 0 {
            return Err(self.not_tree(ty.at, "an array"));
        }
        let value = match (declared, boxed, value) {
            (Some(ty), _, Some(value)) => self.convert(value, ty, Cast::Implicit, at)?,
            (Some(ty), _, None) if ty.is_primitive() => Value::of(zero(ty.value_type()), ty),
            (None, _, Some(value)) if ty.name == "def" => value.into_dynamic(),
            (None, Some(of), Some(value)) => self.unbox(value, of, &ty.name, at)?,
            (_, _, None) if declared.is_some() || boxed.is_some() || ty.name == "def" => Value::Null(Binding::Dynamic),
            _ if CLASSES.contains(&ty.name.as_str()) => {
                return Err(self.not_tree(ty.at, &format!("a variable of type `{}`", ty.name)));
            }
            _ => {
                let reason = format!("invalid declaration: cannot resolve type [{}]", ty.name);
                return Err(self.error(ty.at, "illegal_argument_exception", reason));
            }
        };
        if self.variables.iter().any(|v| v.name == name) || matches!(name, "doc" | "params") {
            let reason = format!("variable [{name}] is already defined");
            return Err(self.error(at, "illegal_argument_exception", reason));
        }
        self.check(&value);
        self.variables.push(Variable { name: name.to_owned(), ty: declared, value });
        Ok(())
    }

    /// The value of a variable of a boxed type, such as `Long`: it takes no primitive.
    fn unbox(&self, value: Value, of: Type, name: &str, at: usize) -> Result<Value> {
        spread(vec![value], &mut |mut leaves| match leaves.remove(0) {
            Value::One(typed) if typed.is_dynamic() && typed.ty == of => Ok(typed.into()),
            Value::Null(_) => Ok(Value::Null(Binding::Dynamic)),
            Value::One(typed) if typed.is_dynamic() => {
                let reason = format!("cannot implicitly cast def [{}] to java.lang.{name}", typed.ty.name());
                Ok(Value::fails("class_cast_exception", at, reason))
            }
            other => {
                let reason = format!("Cannot cast from [{}] to [java.lang.{name}].", other.type_name());
                Err(self.error(at, "class_cast_exception", reason))
            }
        })
    }

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
    fn result(&mut self, node: &Node) -> Result<Value> {
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
            (ScriptContext::StringSort, _) => self.convert(value, Type::Text, Cast::Implicit, at)?,
            (ScriptContext::Field, _) => self.shown(value, at)?,
        };
        Ok(self.after_checks(result))
    }

    /// The result of a way without `return`.
    fn no_result(&mut self) -> Result<Value> {
        let result = match self.context {
            ScriptContext::Filter => Value::of(boolean(false), Type::Bool),
            ScriptContext::Score | ScriptContext::NumberSort => Value::of(zero(ValueType::F64), Type::Double),
            ScriptContext::StringSort | ScriptContext::Field => Value::Null(Binding::Dynamic),
        };
        Ok(self.after_checks(result))
    }

    /// A value as a script field shows it: dates as text, floats with their own digits.
    fn shown(&self, value: Value, at: usize) -> Result<Value> {
        spread(vec![value], &mut |mut leaves| match leaves.remove(0) {
            Value::One(typed) => match typed.ty {
                Type::Char => {
                    let reason = "cannot write xcontent for unknown value of type class java.lang.Character";
                    Ok(Value::fails("illegal_argument_exception", at, reason))
                }
                Type::Float => Ok(Value::of(call("float_as_shown", vec![typed.expr]), Type::Double)),
                Type::Date | Type::Instant | Type::Month | Type::DayOfWeek => {
                    Ok(Value::of(text(typed.expr, typed.ty), Type::Text))
                }
                _ => Ok(typed.into()),
            },
            Value::Field(..) => Err(self.not_tree(at, "a list of all values of a field")),
            Value::Point(_) => Err(self.not_tree(at, "a geo point as a result")),
            Value::List(_) | Value::Params(..) | Value::Doc => Err(self.not_tree(at, "a list or map as a result")),
            other => Ok(other),
        })
    }

    /// The result, evaluated after everything that can fail on the way to it.
    fn after_checks(&self, mut result: Value) -> Value {
        for check in self.checks.iter().rev() {
            result = after_check(check, result);
        }
        result
    }

    /// The script's tree.
    pub(super) fn compiled(&self, value: &Value) -> Result<CompiledScript> {
        let ty = match self.context {
            ScriptContext::Filter => ValueType::Bool,
            ScriptContext::Score | ScriptContext::NumberSort => ValueType::F64,
            ScriptContext::StringSort => ValueType::Str,
            ScriptContext::Field => common_type(value).unwrap_or(ValueType::F64),
        };
        let value = match (self.context, ty) {
            (ScriptContext::Field, ValueType::F64) => widened(value.clone()),
            _ => value.clone(),
        };
        let expr = self.flatten(&value, ty, 0)?;
        let mut failure = None;
        each_certain(&expr, &mut |e| {
            if let (Expr::ScalarFunction(f), None) = (e, &failure)
                && f.name() == "fail"
            {
                failure = Some(f.args.clone());
            }
            true
        });
        match failure.as_deref() {
            Some([Expr::Literal(ty, _), Expr::Literal(reason, _), Expr::Literal(at, _)]) => {
                let text = |v: &datafusion_common::ScalarValue| v.try_as_str().flatten().unwrap_or_default().to_owned();
                let at = match at {
                    datafusion_common::ScalarValue::Int64(Some(at)) => *at as usize,
                    _ => 0,
                };
                Err(self.certain_failure(&text(ty), &text(reason), at))
            }
            _ => Ok(CompiledScript { expr, ty }),
        }
    }
}

/// Whether nothing follows.
fn is_done(rest: Option<&Rest<'_>>) -> bool {
    rest.is_none_or(|rest| rest.statements.is_empty() && is_done(rest.outer))
}

/// Whether a `return` stands in the statements.
fn returns(statements: &[Statement]) -> bool {
    statements.iter().any(|statement| match &statement.kind {
        StatementKind::Return(_) => true,
        StatementKind::If(_, then, otherwise) => returns(then) || otherwise.as_deref().is_some_and(returns),
        _ => false,
    })
}

/// Whether an expression may stand as a statement: its value need not be used.
fn is_statement(node: &Node) -> bool {
    matches!(
        node.kind,
        NodeKind::Assign(..) | NodeKind::Increment(..) | NodeKind::Call(..) | NodeKind::Method(..) | NodeKind::New(_)
    )
}

/// A tree that is true, but fails where the value fails; `None` where it cannot.
fn check_of(value: &Value) -> Option<Expr> {
    match value {
        Value::One(typed) if is_fallible(&typed.expr) => Some(evaluated(typed.expr.clone(), typed.ty.value_type())),
        Value::Fails(failure) => Some(evaluated(
            call(
                "fail",
                vec![
                    crate::plan::expr::string(failure.ty),
                    crate::plan::expr::string(&failure.reason),
                    crate::plan::expr::long(failure.at as i64),
                ],
            ),
            ValueType::F64,
        )),
        Value::Either(choice) => {
            let (test, a, b) = &**choice;
            let (a, b) = (check_of(a), check_of(b));
            if a.is_none() && b.is_none() && !is_fallible(test) {
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
        other => other,
    }
}

/// The type that all results have, numbers widened; `None` where there is none.
fn common_type(value: &Value) -> Option<ValueType> {
    match value {
        Value::One(typed) => Some(typed.ty.value_type()),
        Value::Either(choice) => match (common_type(&choice.1), common_type(&choice.2)) {
            (Some(ValueType::F64), Some(ValueType::I64)) | (Some(ValueType::I64), Some(ValueType::F64)) => {
                Some(ValueType::F64)
            }
            (a, b) => a.or(b),
        },
        _ => None,
    }
}

/// Whole numbers as doubles.
fn widened(value: Value) -> Value {
    match value {
        Value::One(typed) if promoted(typed.ty, Type::Double).is_some() => {
            Value::of(super::convert::number(typed.expr, typed.ty, Type::Double), Type::Double)
        }
        Value::Either(choice) => {
            let (test, a, b) = *choice;
            Value::either(test, widened(a), widened(b))
        }
        other => other,
    }
}
