//! `doc`: fields, their values, and what a script may ask them.

use datafusion_expr::Expr;

use super::convert::Cast;
use super::lower::Lowering;
use super::types::Type;
use super::value::{Binding, Typed, Value};
use crate::error::{Code, Result};
use crate::plan::expr::{ColumnPart, boolean, coalesce, column, column_part, long, require, string};
use crate::plan::field::{DocType, FieldType};
use crate::plan::function::call;
use crate::plan::script::ValueType;
use crate::plan::value::Value as Constant;

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
            Value::Point(path, _) => match name {
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
        if matches!(path, "_id" | "_index") {
            return Ok(Value::Field(path.to_owned(), DocType::String));
        }
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
    pub(super) fn of_field(
        &self,
        path: &str,
        ty: DocType,
        names: &[String],
        args: &[Value],
        at: usize,
    ) -> Result<Option<Value>> {
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
            return Ok(Value::Point(path.to_owned(), at));
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

    /// Whether one of the values equals an item, which equals only what is of its own class.
    fn contains(&self, path: &str, ty: DocType, item: &Value, at: usize) -> Result<Value> {
        let Value::One(item) = item else { return Ok(Value::dynamic(boolean(false), Type::Bool)) };
        let is_unsigned = self.mapping.field(path).is_some_and(|f| matches!(f.ty, FieldType::UnsignedLong(_)));
        if item.ty != type_of(ty) || ty == DocType::GeoPoint || is_unsigned {
            return Ok(Value::dynamic(boolean(false), Type::Bool));
        }
        match &item.expr {
            Expr::Literal(..) | Expr::Placeholder(_) => {
                let args = vec![column(path), item.expr.clone()];
                Ok(Value::dynamic(call("value_contains", args), Type::Bool))
            }
            _ => Err(self.not_tree(at, "`contains` of a value that depends on the document")),
        }
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
