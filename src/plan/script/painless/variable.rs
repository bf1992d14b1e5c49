//! Names and what they hold: locals, `doc`, `params`, `_score`, classes; assignments.

use super::ast::{Node, NodeKind, Step};
use super::convert::Cast;
use super::lower::Lowering;
use super::tree::size;
use super::types::{CLASSES, Type};
use super::value::{Binding, ParamsPlace, Value};
use crate::error::{Error, Result, did_you_mean};
use crate::plan::expr::{long, score};
use crate::plan::script::ScriptContext;

/// A local variable.
#[derive(Clone)]
pub(super) struct Variable {
    pub(super) name: String,
    /// Its type; `None`: `def`.
    pub(super) ty: Option<Type>,
    pub(super) value: Value,
}

impl Lowering<'_> {
    /// What a name holds.
    pub(super) fn name(&mut self, name: &str, at: usize) -> Result<Value> {
        if let Some(variable) = self.variables.iter().rev().find(|v| v.name == name) {
            let value = match &variable.value {
                // What a literal was assigned to is no literal any more.
                Value::One(typed) if typed.binding == Binding::Literal => typed.clone().bound(Binding::Static).into(),
                value => value.clone(),
            };
            self.spend(size(&value), at)?;
            return Ok(value);
        }
        let has_score = !matches!(self.context, ScriptContext::Filter | ScriptContext::Field);
        match name {
            "doc" => Ok(Value::Doc),
            "params" => Ok(Value::Params(self.source.params.clone(), ParamsPlace::Root)),
            "_score" if has_score => Ok(Value::of(score(), Type::Double)),
            _ if CLASSES.contains(&name) => Ok(Value::Class(name.to_owned())),
            _ => Err(self.unresolved(name, at)),
        }
    }

    fn unresolved(&self, name: &str, at: usize) -> Error {
        let e = self.error(at, "illegal_argument_exception", format!("cannot resolve symbol [{name}]"));
        if let Some(profile) = self.catalog.find(name) {
            return e.hint(format!("call the UDF as `{}`", profile.usage()));
        }
        let known = self.variables.iter().map(|v| v.name.as_str()).chain(["doc", "params", "_score", "Math"]);
        let known = known.chain(self.catalog.names());
        match did_you_mean(name, known) {
            Some(near) if near != name => e.hint(format!("did you mean `{near}`?")),
            _ if self.source.params.iter().any(|(key, _)| key == name) => {
                e.hint(format!("parameters are read as `params.{name}`"))
            }
            // The whole script is a name: it may have been meant as a UDF's.
            _ if self.source.source.trim() == name => e.hint("no UDF of this name is deployed"),
            _ => e,
        }
    }

    /// `target = value`, `target op= value`. Its value is what is assigned.
    pub(super) fn assign(&mut self, target: &Node, op: Option<&'static str>, value: &Node) -> Result<Value> {
        let new = self.value(value)?;
        let Some(op) = op else { return self.store(target, new, Cast::Implicit) };
        let old = self.value(target)?;
        let new = self.operate(op, old, new, target.at)?;
        self.store(target, new, Cast::Explicit)
    }

    pub(super) fn increment(&mut self, target: &Node, step: Step) -> Result<Value> {
        let old = self.value(target)?;
        let by = Value::of(long(i64::from(step.by)), Type::Int);
        let new = self.operate("+", old.clone(), by, target.at)?;
        let new = self.store(target, new, Cast::Explicit)?;
        Ok(if step.value_before { old } else { new })
    }

    fn store(&mut self, target: &Node, value: Value, cast: Cast) -> Result<Value> {
        let at = target.at;
        let name = match &target.kind {
            NodeKind::Name(name) => name,
            NodeKind::Member(..) | NodeKind::Index(..) => return Err(self.not_tree(at, "an assignment to a member")),
            NodeKind::Int(v) => {
                let reason = format!("invalid assignment: cannot assign a value to numeric constant [{v}]");
                return Err(self.error(at, "illegal_argument_exception", reason));
            }
            _ => {
                let reason = "invalid assignment: cannot assign a value to this expression";
                return Err(self.error(at, "illegal_argument_exception", reason));
            }
        };
        let Some(found) = self.variables.iter().rposition(|v| v.name == *name) else {
            if matches!(name.as_str(), "doc" | "params" | "_score") {
                let reason = format!("Variable [{name}] is read-only.");
                return Err(self.error(at, "illegal_argument_exception", reason));
            }
            return Err(self.unresolved(name, at));
        };
        if self.branches > 0 {
            return Err(self.not_tree(at, "an assignment within `&&`, `||`, `?:` or `? :`"));
        }
        let value = match self.variables[found].ty {
            Some(ty) => self.convert(value, ty, cast, at)?,
            None => value.into_dynamic(),
        };
        self.check(&value);
        self.spend(size(&value), at)?;
        self.variables[found].value = value.clone();
        Ok(value)
    }
}
