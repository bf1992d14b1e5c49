//! `value instanceof Type`: fields have the type that the mapping gives them, so the answer is known; the value still has
//! to be there.

use datafusion_expr::Expr;

use super::ast::TypeName;
use super::convert::evaluated;
use super::lower::Lowering;
use super::types::{CLASSES, Type};
use super::value::{Typed, Value, spread};
use crate::error::Result;
use crate::plan::expr::{boolean, can_fail};

impl Lowering<'_> {
    /// Whether a value is of a class.
    pub(super) fn instance_of(&self, value: Value, class: &TypeName, at: usize) -> Result<Value> {
        let name = class.name.as_str();
        let wanted = Type::of_name(name).or_else(|| Type::of_box(name));
        if wanted.is_none() && name != "def" && !CLASSES.contains(&name) {
            return Err(self.error(at, "illegal_argument_exception", format!("Not a type [{name}].")));
        }
        spread(vec![value], &mut |mut leaves| match leaves.remove(0) {
            _ if class.dimensions > 0 => Err(self.not_tree(at, "an array")),
            Value::One(typed) => {
                let is = match name {
                    "def" | "Object" => true,
                    "Number" => typed.ty.is_number() && typed.ty != Type::Char,
                    "CharSequence" => typed.ty == Type::Text,
                    _ => wanted == Some(typed.ty),
                };
                Ok(Value::of(after_value(typed, is), Type::Bool))
            }
            Value::Null(_) => Ok(Value::of(boolean(name == "def"), Type::Bool)),
            other => Err(self.not_tree(at, &format!("`instanceof` of a {}", other.type_name()))),
        })
    }
}

/// A truth that fails where the value does.
fn after_value(typed: Typed, truth: bool) -> Expr {
    if !can_fail(&typed.expr) {
        return boolean(truth);
    }
    let present = evaluated(typed.expr, typed.ty.value_type());
    if truth { present } else { Expr::Not(Box::new(present)) }
}
