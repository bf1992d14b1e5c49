//! `params` and the objects and lists in it: what a script may ask them, and methods of all that is no single value.

use datafusion_expr::Operator;

use super::lower::Lowering;
use super::types::Type;
use super::value::{Binding, ParamsPlace, Typed, Value, spread};
use crate::error::Result;
use crate::plan::expr::{ColumnPart, binary, boolean, double, long, string};
use crate::plan::script::{ValueType, parameter};
use crate::plan::value::Value as Constant;

/// How many entries an object may have that is looked up by a key of the document.
const MAX_ENTRIES: usize = 64;

impl Lowering<'_> {
    /// A parameter, or an entry of an object in the parameters.
    pub(super) fn param(
        &self,
        entries: &[(String, Constant)],
        place: ParamsPlace,
        name: &str,
        at: usize,
    ) -> Result<Value> {
        let Some((_, value)) = entries.iter().find(|(key, _)| key == name) else {
            if place == ParamsPlace::Root && matches!(name, "_source" | "_fields") {
                return Err(self.not_tree(at, &format!("`params.{name}`, which reads the stored document,")));
            }
            return Ok(Value::Null(Binding::Dynamic));
        };
        match (place, parameter(name, value)) {
            (ParamsPlace::Root, Some((expr, ty))) if !matches!(value, Constant::U64(_)) => {
                let ty = match (ty, value) {
                    (ValueType::I64, Constant::I64(v)) if i32::try_from(*v).is_ok() => Type::Int,
                    (ValueType::I64, _) => Type::Long,
                    (ValueType::F64, _) => Type::Double,
                    (ValueType::Bool, _) => Type::Bool,
                    (ValueType::Str, _) => Type::Text,
                };
                Ok(Typed { expr, ty, binding: Binding::Dynamic, known: Some(value.clone()) }.into())
            }
            _ => self.constant_value(value, at),
        }
    }

    /// A constant of the parameters, by its value.
    pub(super) fn constant_value(&self, value: &Constant, at: usize) -> Result<Value> {
        let (expr, ty) = match value {
            Constant::Null => return Ok(Value::Null(Binding::Dynamic)),
            Constant::Bool(v) => (boolean(*v), Type::Bool),
            Constant::I64(v) => (long(*v), if i32::try_from(*v).is_ok() { Type::Int } else { Type::Long }),
            Constant::F64(v) => (double(*v), Type::Double),
            Constant::Str(v) => (string(v), Type::Text),
            Constant::List(items) => return Ok(Value::List(items.clone())),
            Constant::Object(entries) => return Ok(Value::Params(entries.clone(), ParamsPlace::Inner)),
            Constant::U64(_) | Constant::Ip(_) => return Err(self.not_tree(at, "a `BigInteger`")),
        };
        Ok(Typed { expr, ty, binding: Binding::Dynamic, known: Some(value.clone()) }.into())
    }

    /// `params[key]`; a key that depends on the document is compared with each entry's.
    pub(super) fn param_at(
        &self,
        entries: &[(String, Constant)],
        place: ParamsPlace,
        key: Value,
        at: usize,
    ) -> Result<Value> {
        let Value::One(key) = key else { return Ok(Value::Null(Binding::Dynamic)) };
        if let Some(Constant::Str(name)) = &key.known {
            return self.param(entries, place, name, at);
        }
        if key.ty != Type::Text {
            return Ok(Value::Null(Binding::Dynamic));
        }
        if entries.len() > MAX_ENTRIES {
            return Err(self.not_tree(at, &format!("a look-up in an object of more than {MAX_ENTRIES} entries")));
        }
        entries.iter().rev().try_fold(Value::Null(Binding::Dynamic), |otherwise, (name, _)| {
            let test = binary(key.expr.clone(), Operator::Eq, string(name));
            Ok(Value::either(test, self.param(entries, place, name, at)?, otherwise))
        })
    }

    /// A method of `doc`, a field, `params`, a list or a point; `None` where it has none of that name.
    pub(super) fn of_object(&self, target: &Value, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        let known_text = |value: &Value| match value {
            Value::One(Typed { known: Some(Constant::Str(text)), .. }) => Some(text.clone()),
            _ => None,
        };
        Ok(Some(match (target, name, args) {
            (Value::Doc, "containsKey", [key]) => match known_text(key) {
                Some(path) => Value::dynamic(boolean(self.mapping.field(&path).is_some()), Type::Bool),
                None => return Err(self.not_tree(at, "a field whose name depends on the document")),
            },
            (Value::Doc, "get", [key]) => return self.index(Value::Doc, key.clone(), at, at).map(Some),
            (Value::Field(path, ty), _, _) => return self.of_field(path, *ty, &[name.to_owned()], args, at),
            (Value::Point(path, _), "getLat" | "lat", []) => self.coordinate(path, ColumnPart::Lat, at),
            (Value::Point(path, _), "getLon" | "lon", []) => self.coordinate(path, ColumnPart::Lon, at),
            (Value::Params(entries, place), "get", [key]) => {
                return self.param_at(entries, *place, key.clone(), at).map(Some);
            }
            (Value::Params(entries, place), "getOrDefault", [key, default]) => {
                let found = self.param_at(entries, *place, key.clone(), at)?;
                spread(vec![found], &mut |mut leaves| match leaves.remove(0) {
                    Value::Null(_) => Ok(default.clone().into_dynamic()),
                    other => Ok(other),
                })?
            }
            (Value::Params(entries, _), "containsKey", [key]) => match known_text(key) {
                Some(name) => Value::dynamic(boolean(entries.iter().any(|(key, _)| *key == name)), Type::Bool),
                None => return Err(self.not_tree(at, "`containsKey` of a key that depends on the document")),
            },
            (Value::Params(entries, _), "size", []) => Value::dynamic(long(entries.len() as i64), Type::Int),
            (Value::Params(entries, _), "isEmpty", []) => Value::dynamic(boolean(entries.is_empty()), Type::Bool),
            (Value::List(items), "size", []) => Value::dynamic(long(items.len() as i64), Type::Int),
            (Value::List(items), "isEmpty", []) => Value::dynamic(boolean(items.is_empty()), Type::Bool),
            (Value::List(_), "get", [index]) => return self.index(target.clone(), index.clone(), at, at).map(Some),
            (Value::List(items), "contains", [Value::One(item)]) => self.list_contains(items, item, at)?,
            (Value::Doc | Value::Params(..) | Value::List(_), _, _) => {
                return Err(self.not_tree(at, &format!("`{name}` of a list or map")));
            }
            _ => return Ok(None),
        }))
    }

    /// Whether a list holds an item that is equal and of the same class.
    fn list_contains(&self, items: &[Constant], item: &Typed, at: usize) -> Result<Value> {
        let mut result = boolean(false);
        for candidate in items {
            let Value::One(candidate) = self.constant_value(candidate, at)? else { continue };
            if candidate.ty == item.ty {
                let same = binary(item.expr.clone(), Operator::Eq, candidate.expr);
                result = if result == boolean(false) { same } else { binary(result, Operator::Or, same) };
            }
        }
        Ok(Value::dynamic(result, Type::Bool))
    }
}
