//! `doc` and `params`: fields, their values, and what a script may ask them.

use datafusion_expr::{Expr, Operator};

use super::convert::Cast;
use super::lower::Lowering;
use super::types::Type;
use super::value::{Binding, ParamsPlace, Typed, Value, spread};
use crate::error::{Code, Result};
use crate::plan::expr::{ColumnPart, binary, boolean, coalesce, column, column_part, double, long, require, string};
use crate::plan::field::{DocType, FieldType};
use crate::plan::function::call;
use crate::plan::script::{ValueType, parameter};
use crate::plan::value::Value as Constant;

/// How many entries an object may have that is looked up by a key of the document.
pub(super) const MAX_ENTRIES: usize = 64;

impl Lowering<'_> {
    /// `target.name`: a property, or the getter of that name.
    pub(super) fn member(&self, target: Value, name: &str, at: usize) -> Result<Value> {
        match target {
            Value::Doc => self.field(name, at),
            Value::Params(entries, place) => self.param(&entries, place, name, at),
            Value::Field(path, ty) => match name {
                // Every list has `length`, although no method is called so.
                "length" => Ok(Value::dynamic(column_part(&path, ColumnPart::Count), Type::Int)),
                _ => match self.of_field(&path, ty, &getters(name), &[], at)? {
                    Some(value) => Ok(value),
                    None => {
                        let reason = format!("Illegal list shortcut value [{name}].");
                        Ok(Value::fails("illegal_argument_exception", at, reason))
                    }
                },
            },
            Value::Point(path) => match name {
                "lat" => Ok(self.coordinate(&path, ColumnPart::Lat, at)),
                "lon" => Ok(self.coordinate(&path, ColumnPart::Lon, at)),
                _ => Ok(self.no_getter("org.opensearch.common.geo.GeoPoint", name, at)),
            },
            Value::List(items) if name == "length" => Ok(Value::dynamic(long(items.len() as i64), Type::Int)),
            Value::List(_) => {
                Ok(Value::fails("illegal_argument_exception", at, format!("Illegal list shortcut value [{name}].")))
            }
            Value::Class(class) => self.constant(&class, name, at),
            Value::One(typed) => {
                for getter in getters(name) {
                    if let Some(value) = self.of_value(&typed, &getter, &[], at)? {
                        return Ok(value);
                    }
                }
                if typed.is_dynamic() {
                    return Ok(self.no_getter(typed.ty.class(), name, at));
                }
                let reason = format!("field [{}, {name}] not found", typed.ty.class());
                Err(self.error(at, "illegal_argument_exception", reason))
            }
            Value::Null(_) => {
                let reason = format!("field [java.lang.Object, {name}] not found");
                Err(self.error(at, "illegal_argument_exception", reason))
            }
            Value::Either(_) | Value::Fails(_) => Ok(target),
        }
    }

    fn no_getter(&self, class: &str, name: &str, at: usize) -> Value {
        let reason = format!("dynamic getter [{class}, {name}] not found");
        Value::fails("illegal_argument_exception", at, reason)
    }

    /// `target[index]`.
    pub(super) fn index(&self, target: Value, index: Value, at: usize, index_at: usize) -> Result<Value> {
        match (target, &index) {
            (Value::Doc, Value::One(typed)) => match &typed.known {
                Some(Constant::Str(path)) => self.field(path, index_at),
                _ => Err(self.not_tree(index_at, "a field whose name depends on the document")),
            },
            (Value::Params(entries, place), Value::One(_)) => self.param_at(&entries, place, index, at),
            (Value::Field(path, ty), Value::One(_)) => self.element(&path, ty, index, at),
            (Value::List(items), Value::One(typed)) => match typed.known.clone() {
                Some(Constant::I64(i)) => {
                    let i = if i < 0 { i + items.len() as i64 } else { i };
                    match usize::try_from(i).ok().and_then(|i| items.get(i)) {
                        Some(item) => self.constant_value(item, at),
                        None => {
                            let reason = format!("Index {i} out of bounds for length {}", items.len());
                            Ok(Value::fails("index_out_of_bounds_exception", at, reason))
                        }
                    }
                }
                _ => Err(self.not_tree(index_at, "a list's element whose position depends on the document")),
            },
            (Value::One(typed), _) => {
                let (class, dynamic) = (typed.ty.class(), typed.is_dynamic());
                if dynamic {
                    let reason = format!("Attempting to address a non-array-like type [{class}] as an array.");
                    return Ok(Value::fails("illegal_argument_exception", at, reason));
                }
                let reason = format!("Illegal array access on type [{class}].");
                Err(self.error(at, "illegal_argument_exception", reason))
            }
            (target, _) => Err(self.not_tree(at, &format!("`[]` on a {}", target.type_name()))),
        }
    }

    /// `doc['path']`.
    fn field(&self, path: &str, at: usize) -> Result<Value> {
        let Some(field) = self.mapping.field(path) else { return Ok(self.no_field(path, at)) };
        if let FieldType::Unsupported(ty) = &field.ty {
            let reason = format!("scripts cannot read fields of type [{ty}] yet");
            return Err(self.source.error(Code::Unsupported, at, reason));
        }
        Ok(match field.doc_type() {
            Some(ty) => Value::Field(field.path.clone(), ty),
            None if field.is_text() => Value::fails(
                "illegal_argument_exception",
                at,
                format!(
                    "Text fields are not optimised for operations that require per-document field data like \
                     aggregations and sorting, so these operations are disabled by default. Please use a keyword \
                     field instead of [{path}]; fielddata is not loaded"
                ),
            ),
            None => Value::fails(
                "illegal_argument_exception",
                at,
                format!(
                    "Can't load fielddata on [{path}] because fielddata is unsupported on fields of type [{}]. Use doc \
                     values instead.",
                    field.ty
                ),
            ),
        })
    }

    /// A method of `doc['path']`; the names are all that a property may stand for.
    fn of_field(&self, path: &str, ty: DocType, names: &[String], args: &[Value], at: usize) -> Result<Option<Value>> {
        for name in names {
            let value = match (name.as_str(), args) {
                ("getValue", []) => self.first(path, ty, at)?,
                ("size", []) => Value::dynamic(column_part(path, ColumnPart::Count), Type::Int),
                ("isEmpty", []) => Value::dynamic(column(path).is_null(), Type::Bool),
                ("get", [index]) => self.element(path, ty, index.clone(), at)?,
                ("contains", [item]) => self.contains(path, ty, item, at)?,
                ("getLat", []) if ty == DocType::GeoPoint => self.coordinate(path, ColumnPart::Lat, at),
                ("getLon", []) if ty == DocType::GeoPoint => self.coordinate(path, ColumnPart::Lon, at),
                ("arcDistance", [lat, lon]) if ty == DocType::GeoPoint => {
                    self.distance("arc_distance", path, lat, lon, at)?
                }
                ("planeDistance", [lat, lon]) if ty == DocType::GeoPoint => {
                    self.distance("plane_distance", path, lat, lon, at)?
                }
                ("arcDistanceWithDefault" | "planeDistanceWithDefault", [lat, lon, default])
                    if ty == DocType::GeoPoint =>
                {
                    let function = if name.starts_with("arc") { "arc_distance" } else { "plane_distance" };
                    let default = self.convert(default.clone(), Type::Double, Cast::Implicit, at)?;
                    let distance = self.distance(function, path, lat, lon, at)?;
                    Value::either(column(path).is_null(), default, distance)
                }
                (
                    "stream"
                    | "forEach"
                    | "each"
                    | "sort"
                    | "iterator"
                    | "indexOf"
                    | "subList"
                    | "toString"
                    | "collect"
                    | "any"
                    | "every"
                    | "find"
                    | "findAll"
                    | "join"
                    | "sum"
                    | "hashCode"
                    | "equals"
                    | "containsAll"
                    | "geohashDistance"
                    | "geohashDistanceWithDefault"
                    | "getLats"
                    | "getLons"
                    | "getGeohash"
                    | "asList"
                    | "toArray"
                    | "remove"
                    | "add"
                    | "set"
                    | "getLength"
                    | "lastIndexOf"
                    | "listIterator"
                    | "eachWithIndex",
                    _,
                ) => return Err(self.not_tree(at, &format!("`{name}` on all values of a field"))),
                _ => continue,
            };
            return Ok(Some(value));
        }
        Ok(None)
    }

    /// The first value; an error where there is none, but for addresses, which then are null.
    fn first(&self, path: &str, ty: DocType, at: usize) -> Result<Value> {
        if ty == DocType::GeoPoint {
            return Ok(Value::Point(path.to_owned()));
        }
        if ty == DocType::Ip {
            let value = Value::dynamic(coalesce(column(path), string("")), Type::Text);
            return Ok(Value::either(column(path).is_null(), Value::Null(Binding::Dynamic), value));
        }
        let is_unsigned = self.mapping.field(path).is_some_and(|f| matches!(f.ty, FieldType::UnsignedLong(_)));
        if is_unsigned {
            return Err(self.not_tree(at, "a `BigInteger`, which an unsigned_long field holds,"));
        }
        Ok(Value::dynamic(require(column(path), at), type_of(ty)))
    }

    /// `doc['path'][index]`.
    fn element(&self, path: &str, ty: DocType, index: Value, at: usize) -> Result<Value> {
        let index = self.convert(index, Type::Int, Cast::Implicit, at)?;
        let known = match &index {
            Value::One(Typed { known: Some(Constant::I64(i)), .. }) => Some(*i),
            Value::One(Typed { expr: Expr::Literal(datafusion_common::ScalarValue::Int64(Some(i)), _), .. }) => {
                Some(*i)
            }
            _ => None,
        };
        match known {
            Some(0) => self.first(path, ty, at),
            _ => Err(self.not_tree(at, "a value of a field other than the first")),
        }
    }

    /// `doc['path'].contains(item)`: whether a value is equal to the item and of its class.
    fn contains(&self, path: &str, ty: DocType, item: &Value, at: usize) -> Result<Value> {
        let of = match ty {
            DocType::GeoPoint | DocType::Ip => return Err(self.not_tree(at, "`contains` on this field")),
            ty => type_of(ty),
        };
        Ok(match item {
            Value::One(item) if item.ty == of => {
                Value::dynamic(call("value_contains", vec![column(path), item.expr.clone()]), Type::Bool)
            }
            _ => Value::dynamic(boolean(false), Type::Bool),
        })
    }

    /// A coordinate of the first point; an error where there is none.
    pub(super) fn coordinate(&self, path: &str, part: ColumnPart, at: usize) -> Value {
        Value::dynamic(require(column_part(path, part), at), Type::Double)
    }

    fn distance(&self, function: &str, path: &str, lat: &Value, lon: &Value, at: usize) -> Result<Value> {
        let lat_value = self.convert(lat.clone(), Type::Double, Cast::Implicit, at)?;
        let lon_value = self.convert(lon.clone(), Type::Double, Cast::Implicit, at)?;
        let point = [ColumnPart::Lat, ColumnPart::Lon].map(|part| require(column_part(path, part), at));
        let [field_lat, field_lon] = point;
        let args = vec![
            field_lat,
            field_lon,
            self.flatten(&lat_value, ValueType::F64, at)?,
            self.flatten(&lon_value, ValueType::F64, at)?,
        ];
        Ok(Value::dynamic(call(function, args), Type::Double))
    }

    /// A parameter, or an entry of an object in the parameters.
    fn param(&self, entries: &[(String, Constant)], place: ParamsPlace, name: &str, at: usize) -> Result<Value> {
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
    fn param_at(&self, entries: &[(String, Constant)], place: ParamsPlace, key: Value, at: usize) -> Result<Value> {
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
            (Value::Point(path), "getLat" | "lat", []) => self.coordinate(path, ColumnPart::Lat, at),
            (Value::Point(path), "getLon" | "lon", []) => self.coordinate(path, ColumnPart::Lon, at),
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

/// The getters that a property may stand for: `value` for `getValue` and `isValue`.
pub(super) fn getters(name: &str) -> [String; 2] {
    let mut chars = name.chars();
    let capital: String = chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
    [format!("get{capital}"), format!("is{capital}")]
}

/// The type of a field's single value.
fn type_of(ty: DocType) -> Type {
    match ty {
        DocType::Long => Type::Long,
        DocType::Double => Type::Double,
        DocType::Boolean => Type::Bool,
        DocType::Date => Type::Date,
        DocType::String | DocType::Ip | DocType::GeoPoint => Type::Text,
    }
}
