//! Expressions to values: names, members, calls, branches.

use datafusion_expr::Operator;

use super::ast::{Node, NodeKind, NullSafe, Program, TypeName};
use super::convert::{Cast, literal_or};
use super::operator::promoted;
use super::result::Check;
use super::types::{CLASSES, Type};
use super::value::{Binding, Typed, Value, spread};
use super::variable::Variable;
use super::{compile_error, not_tree};
use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::expr::{binary, boolean, double, long, string};
use crate::plan::mapping::Mapping;
use crate::plan::script::scope::ScriptScope;
use crate::plan::script::shown::ShownCase;
use crate::plan::script::{CompiledScript, ScriptContext, ScriptSource};
use crate::plan::udf::Catalog;
use crate::plan::value::Value as Constant;

/// How many nodes a script's trees may have together.
const MAX_NODES: usize = 100_000;

/// A script while it is lowered.
pub(super) struct Lowering<'a> {
    pub(super) source: &'a ScriptSource,
    pub(super) context: ScriptContext,
    pub(super) mapping: &'a Mapping,
    pub(super) catalog: &'a Catalog,
    pub(super) variables: Vec<Variable>,
    /// What has been evaluated on the way here and may fail, as trees that are true.
    pub(super) checks: Vec<Check>,
    /// How many branches that only some documents take are around the expression.
    pub(super) branches: usize,
    /// How many early returns the way here went past.
    pub(super) splits: usize,
    /// How many nodes may still be made.
    nodes_left: usize,
}

impl<'a> Lowering<'a> {
    pub(super) fn new(source: &'a ScriptSource, context: ScriptContext, scope: ScriptScope<'a>) -> Self {
        let ScriptScope { mapping, catalog } = scope;
        let (variables, checks) = (Vec::new(), Vec::new());
        Self { source, context, mapping, catalog, variables, checks, branches: 0, splits: 0, nodes_left: MAX_NODES }
    }

    /// The whole script as one tree.
    pub(super) fn program(&mut self, program: &Program) -> Result<CompiledScript> {
        let value = self.whole(program)?;
        self.compiled(&value)
    }

    /// The whole script of a script field.
    pub(super) fn script_field(&mut self, program: &Program) -> Result<Vec<ShownCase<CompiledScript>>> {
        let value = self.whole(program)?;
        self.cases(value)
    }

    fn whole(&mut self, program: &Program) -> Result<Value> {
        if program.statements.is_empty() && program.function.is_none() {
            let reason = "invalid function definition: found no statements for function [execute] with [0] parameters";
            return Err(self.error(0, "illegal_argument_exception", reason));
        }
        if let Some(at) = program.function {
            return Err(self.not_tree(at, "a function"));
        }
        self.run(&program.statements, None)
    }

    /// The error of a script that does not compile; `ty` is the exception's type.
    pub(super) fn error(&self, at: usize, ty: &str, reason: impl Into<String>) -> Error {
        compile_error(self.source, at, ty, reason)
    }

    /// The error of a script that is no tree.
    pub(super) fn not_tree(&self, at: usize, what: &str) -> Error {
        not_tree(self.source, at, what)
    }

    pub(super) fn spend(&mut self, nodes: usize, at: usize) -> Result<()> {
        match self.nodes_left.checked_sub(nodes) {
            Some(left) => {
                self.nodes_left = left;
                Ok(())
            }
            None => Err(self.not_tree(at, &format!("a script of more than {MAX_NODES} nodes"))),
        }
    }

    /// The value of an expression.
    pub(super) fn value(&mut self, node: &Node) -> Result<Value> {
        let at = node.at;
        self.spend(1, at)?;
        let literal = |expr, ty, known| Ok(Value::One(Typed { expr, ty, binding: Binding::Literal, known }));
        match &node.kind {
            NodeKind::Int(v) => literal(long(i64::from(*v)), Type::Int, Some(Constant::I64(i64::from(*v)))),
            NodeKind::Long(v) => literal(long(*v), Type::Long, None),
            NodeKind::Float(v) => literal(double(f64::from(*v)), Type::Float, None),
            NodeKind::Double(v) => literal(double(*v), Type::Double, None),
            NodeKind::Bool(v) => literal(boolean(*v), Type::Bool, None),
            NodeKind::Text(v) => literal(string(v), Type::Text, Some(Constant::Str(v.clone()))),
            NodeKind::Null => Ok(Value::Null(Binding::Static)),
            NodeKind::Name(name) => self.name(name, at),
            NodeKind::Call(name, args) => self.call(name, args, at),
            NodeKind::Member(target, name, null_safe) => {
                let target = self.value(target)?;
                self.on_target(target, *null_safe, at, &mut |cx, target| cx.member(target, name, at))
            }
            NodeKind::Method(target, name, null_safe, args) => {
                let target = self.value(target)?;
                let args = self.values(args)?;
                self.on_target(target, *null_safe, at, &mut |cx, target| {
                    let mut values = vec![target];
                    values.extend(args.iter().cloned());
                    spread(values, &mut |mut leaves| {
                        let target = leaves.remove(0);
                        cx.method(&target, name, &leaves, at)
                    })
                })
            }
            NodeKind::Index(target, index) => {
                let values = vec![self.value(target)?, self.value(index)?];
                let index_at = index.at;
                spread(values, &mut |mut leaves| {
                    let target = leaves.remove(0);
                    self.index(target, leaves.remove(0), at, index_at)
                })
            }
            NodeKind::Unary(op, operand) => {
                let operand = self.value(operand)?;
                self.unary(op, operand, at)
            }
            NodeKind::Binary(op @ ("&&" | "||"), left, right) => self.lazy(op, left, right),
            NodeKind::Binary(op, left, right) => {
                let at = match *op {
                    "/" | "%" => right.last_step().or_else(|| left.last_step()).unwrap_or(at),
                    _ => at,
                };
                let (left, right) = (self.value(left)?, self.value(right)?);
                self.operate(op, left, right, at)
            }
            NodeKind::Cast(ty, operand) => {
                let operand = self.value(operand)?;
                self.cast(ty, operand, at)
            }
            NodeKind::InstanceOf(operand, class) => {
                let operand = self.value(operand)?;
                self.instance_of(operand, class, at)
            }
            NodeKind::Conditional(parts) => {
                let [test, then, otherwise] = &**parts;
                self.conditional(test, then, otherwise)
            }
            NodeKind::Elvis(left, right) => self.elvis(left, right, at),
            NodeKind::Assign(target, op, value) => self.assign(target, *op, value),
            NodeKind::Increment(target, step) => self.increment(target, *step),
            NodeKind::New(ty) if !CLASSES.contains(&ty.name.as_str()) => {
                Err(self.error(ty.at, "illegal_argument_exception", format!("Not a type [{}].", ty.name)))
            }
            NodeKind::New(ty) => Err(self.not_tree(at, &format!("`new {}`", ty.name))),
            NodeKind::Other(what) => Err(self.not_tree(at, what)),
        }
    }

    pub(super) fn values(&mut self, nodes: &[Node]) -> Result<Vec<Value>> {
        nodes.iter().map(|node| self.value(node)).collect()
    }

    /// Reads a member of each value that the target may be; of null it is null (`?.`) or an error.
    fn on_target(
        &mut self,
        target: Value,
        null_safe: NullSafe,
        at: usize,
        read: &mut dyn FnMut(&mut Self, Value) -> Result<Value>,
    ) -> Result<Value> {
        if null_safe == NullSafe::Yes
            && let Value::One(typed) = &target
            && !typed.is_dynamic()
            && typed.ty.is_primitive()
        {
            let reason = "Result of null safe operator must be nullable";
            return Err(self.error(at, "illegal_argument_exception", reason));
        }
        spread(vec![target], &mut |mut leaves| match leaves.remove(0) {
            Value::Null(_) if null_safe == NullSafe::Yes => Ok(Value::Null(Binding::Dynamic)),
            Value::Null(Binding::Dynamic) => Ok(Value::fails(
                "null_pointer_exception",
                at,
                "Cannot invoke \"Object.getClass()\" because \"callArgs[0]\" is null",
            )),
            target => read(self, target),
        })
    }

    /// `a && b`, `a || b`: the right side is evaluated where the left side does not decide.
    fn lazy(&mut self, op: &str, left: &Node, right: &Node) -> Result<Value> {
        let left_value = self.value(left)?;
        let left_test = self.boolean(left_value, left.at)?;
        let right_value = self.in_branch(|cx| cx.value(right))?;
        let right_test = self.boolean(right_value, right.at)?;
        let operator = if op == "&&" { Operator::And } else { Operator::Or };
        let decided = left_test == boolean(op == "||");
        let expr = if decided { left_test } else { literal_or(binary(left_test, operator, right_test)) };
        Ok(Value::of(expr, Type::Bool))
    }

    /// Lowers what only some documents evaluate.
    pub(super) fn in_branch<T>(&mut self, lower: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.branches += 1;
        let result = lower(self);
        self.branches -= 1;
        result
    }

    fn conditional(&mut self, test: &Node, then: &Node, otherwise: &Node) -> Result<Value> {
        let test_value = self.value(test)?;
        let test = self.boolean(test_value, test.at)?;
        let (a, b) = self.in_branch(|cx| Ok((cx.value(then)?, cx.value(otherwise)?)))?;
        match (a, b) {
            // Both types are known when Painless compiles: they become one.
            (Value::One(a), Value::One(b)) if !a.is_dynamic() && !b.is_dynamic() => {
                let (a_ty, b_ty) = (a.ty, b.ty);
                match promoted(a_ty, b_ty).filter(|_| a_ty != b_ty) {
                    Some(ty) => {
                        let a = self.convert(a.into(), ty, Cast::Explicit, then.at)?;
                        let b = self.convert(b.into(), ty, Cast::Explicit, otherwise.at)?;
                        Ok(Value::either(test, a, b))
                    }
                    None if a_ty == b_ty => Ok(Value::either(test, a.into(), b.into())),
                    None if a_ty.is_primitive() => Err(self.no_object(a_ty, then.at)),
                    None => Err(self.no_object(b_ty, otherwise.at)),
                }
            }
            (Value::One(a), Value::Null(Binding::Static)) if !a.is_dynamic() && a.ty.is_primitive() => {
                Err(self.no_object(a.ty, then.at))
            }
            (Value::Null(Binding::Static), Value::One(b)) if !b.is_dynamic() && b.ty.is_primitive() => {
                Err(self.no_object(b.ty, otherwise.at))
            }
            (a, b) => Ok(Value::either(test, a.into_dynamic(), b.into_dynamic())),
        }
    }

    /// A primitive beside something that is none: nothing is boxed.
    fn no_object(&self, ty: Type, at: usize) -> Error {
        self.error(at, "class_cast_exception", format!("Cannot cast from [{}] to [java.lang.Object].", ty.name()))
    }

    fn elvis(&mut self, left: &Node, right: &Node, at: usize) -> Result<Value> {
        let extraneous = |what: &str| format!("Extraneous elvis operator. LHS is {what}.");
        let left = self.value(left)?;
        match &left {
            Value::One(typed) if !typed.is_dynamic() && typed.ty.is_primitive() => {
                return Err(self.error(at, "illegal_argument_exception", extraneous("a primitive")));
            }
            Value::One(typed) if typed.binding == Binding::Literal => {
                return Err(self.error(at, "illegal_argument_exception", extraneous("a constant")));
            }
            Value::Null(Binding::Static) => {
                return Err(self.error(at, "illegal_argument_exception", extraneous("null")));
            }
            _ => {}
        }
        let right = self.in_branch(|cx| cx.value(right))?;
        spread(vec![left], &mut |mut leaves| match leaves.remove(0) {
            Value::Null(_) => Ok(right.clone().into_dynamic()),
            other => Ok(other),
        })
    }

    fn cast(&mut self, ty: &TypeName, operand: Value, at: usize) -> Result<Value> {
        match (ty.name.as_str(), ty.dimensions) {
            ("def", 0) => Ok(operand.into_dynamic()),
            (name, 0) => match Type::of_name(name) {
                Some(ty) => self.convert(operand, ty, Cast::Explicit, at),
                None if CLASSES.contains(&name) => Err(self.not_tree(at, &format!("a cast to `{name}`"))),
                None => {
                    let reason = format!("cannot resolve type [{name}]");
                    Err(self.error(at, "illegal_argument_exception", reason))
                }
            },
            _ => Err(self.not_tree(at, "an array")),
        }
    }

    /// An error that names a field, with the field that may be meant.
    pub(super) fn no_field(&self, path: &str, at: usize) -> Value {
        Value::fails("illegal_argument_exception", at, format!("No field found for [{path}] in mapping"))
    }

    /// A field of nearly this name.
    pub(super) fn similar_field(&self, path: &str) -> Option<&str> {
        did_you_mean(path, self.mapping.fields().iter().map(|f| f.path.as_str()))
    }

    /// An error at run time that every document would meet, reported when planning.
    pub(super) fn certain_failure(&self, ty: &str, reason: &str, at: usize) -> Error {
        let field = reason.strip_prefix("No field found for [").and_then(|rest| rest.strip_suffix("] in mapping"));
        let code = if field.is_some() || reason.contains("fielddata") { Code::ScriptField } else { Code::ScriptResult };
        let e = self.source.error(code, at, "runtime error").because(Error::new(code, reason).with_type(ty));
        match field.and_then(|path| self.similar_field(path)) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e,
        }
    }
}
