//! Statements to one value: variables in single-assignment form, branches merged, early returns as choices.

use datafusion_expr::Expr;

use super::ast::{Node, NodeKind, Statement, StatementKind, TypeName};
use super::convert::Cast;
use super::lower::Lowering;
use super::result::Check;
use super::types::{CLASSES, Type};
use super::value::{Binding, Value, spread};
use super::variable::Variable;
use crate::error::Result;
use crate::plan::expr::{boolean, case, zero};

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
