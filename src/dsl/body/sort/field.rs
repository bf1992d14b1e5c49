//! Sort by a field's values.

use serde_json::Value as Json;

use crate::dsl::body::sort::nested::NestedShape;
use crate::dsl::body::sort::{read_mode, read_order, unknown_word};
use crate::dsl::lower::Lowering;
use crate::dsl::query;
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result};
use crate::plan::mapping::Field;
use crate::plan::node::{FieldSort, Missing, SortMode, SortType};
use crate::plan::value::Value;

const KEYS: &[&str] = &["order", "mode", "missing", "unmapped_type", "numeric_type", "nested"];
const NUMERIC_TYPES: &[&str] = &["long", "double", "date"];

/// Fields of OpenSearch's own that it sorts by.
const META_FIELDS: &[&str] = &["_seq_no", "_shard_doc", "_version", "_index", "_routing"];

/// The types that an unmapped field may be said to have, and how their values are compared.
const UNMAPPED_TYPES: &[(&str, SortType)] = &[
    ("long", SortType::Long),
    ("integer", SortType::Int),
    ("short", SortType::Int),
    ("byte", SortType::Int),
    ("boolean", SortType::Int),
    ("double", SortType::Double),
    ("scaled_float", SortType::Double),
    ("float", SortType::Float),
    ("half_float", SortType::Float),
    ("unsigned_long", SortType::UnsignedLong),
    ("date", SortType::Date),
    ("keyword", SortType::Keyword),
    ("ip", SortType::Ip),
];

/// A field sort as the body gives it.
#[derive(Debug)]
pub struct FieldSortShape {
    pub(super) field: String,
    pub(super) descending: bool,
    mode: Option<SortMode>,
    missing: Option<Value>,
    unmapped: Option<SortType>,
    numeric: Option<SortType>,
    nested: Option<NestedShape>,
    /// The JSON path of the options, for errors.
    at: String,
}

impl FieldSortShape {
    /// A sort without options, lowest first.
    pub(super) fn new(field: &str, at: String) -> Self {
        Self {
            field: field.to_owned(),
            descending: false,
            mode: None,
            missing: None,
            unmapped: None,
            numeric: None,
            nested: None,
            at,
        }
    }

    /// Reads the options of a field.
    pub(super) fn read(field: &str, options: Cursor<'_>) -> Result<Self> {
        let mut shape = Self::new(field, options.path.to_string());
        let (mut path, mut filter, mut nested_at) = (None, None, None);
        options.object().map_err(|_| options.wrong_type("`asc`, `desc` or an object of options"))?;
        options.each_key(|key, value| {
            match key {
                "order" => shape.descending = read_order(value)?,
                "mode" => shape.mode = Some(read_mode(value)?),
                "missing" => shape.missing = read_missing(value)?,
                "unmapped_type" => shape.unmapped = Some(read_unmapped_type(value)?),
                "numeric_type" => shape.numeric = Some(read_numeric_type(value)?),
                "nested" => shape.nested = Some(NestedShape::read(value)?),
                "nested_path" => path = Some(value.string()?.to_owned()),
                "nested_filter" => {
                    filter = Some(query::read(value)?);
                    nested_at = Some(value.path.to_string());
                }
                "format" => {
                    return Err(value
                        .unknown_key(key, "sort", KEYS)
                        .hint("a sort shows dates in milliseconds; to show them formatted, use a script field"));
                }
                _ => return Err(value.unknown_key(key, "sort", KEYS)),
            }
            Ok(())
        })?;
        match (path, shape.nested.is_some()) {
            (Some(path), false) => shape.nested = Some(NestedShape { path, filter, at: shape.at.clone() }),
            (None, false) if filter.is_none() => {}
            (None, false) => {
                return Err(options.error(Code::MissingKey, "`nested_filter` found without `nested_path`"));
            }
            (None, true) if filter.is_none() => {}
            (_, true) => {
                return Err(options
                    .error(Code::ConflictingKeys, "`nested` found beside `nested_path` or `nested_filter`")
                    .hint("keep `nested`: the others are its old form"));
            }
        }
        Ok(shape)
    }

    /// The sort under a mapping.
    pub(super) fn lower(&self, cx: &mut Lowering<'_>) -> Result<FieldSort> {
        let (field, own_type) = match cx.mapping.field(&self.field) {
            Some(field) => (Some(field), self.sort_type(field)?),
            None => (None, self.unmapped.ok_or_else(|| self.unknown_field(cx))?),
        };
        let ty = match self.numeric {
            Some(_) if matches!(own_type, SortType::Keyword | SortType::Ip) => {
                return Err(self.error(
                    Code::UnsupportedField,
                    format!("`numeric_type` found on `{}`, whose values are no numbers", self.field),
                ));
            }
            Some(numeric) => numeric,
            None => own_type,
        };
        let mode = match self.mode {
            None if self.descending => SortMode::Max,
            None => SortMode::Min,
            Some(mode @ (SortMode::Min | SortMode::Max)) => mode,
            Some(_) if matches!(ty, SortType::Keyword | SortType::Ip) => {
                self.check_text_mode()?;
                SortMode::Min
            }
            Some(SortMode::Median) if self.nested.is_some() => {
                return Err(self
                    .error(Code::InvalidValue, "mode `median` found on nested documents")
                    .expected("one of: min, max, sum, avg"));
            }
            Some(mode) => mode,
        };
        // A field of nested documents is missing in all hits unless `nested` says which of them count.
        let nested = self.nested.as_ref().map(|shape| shape.lower(cx)).transpose()?;
        Ok(FieldSort {
            field: field.map_or_else(|| self.field.clone(), |f| f.path.clone()),
            mode,
            missing: self.lower_missing(ty)?,
            nested,
            unmapped: if field.is_some() { None } else { self.unmapped },
            ty,
        })
    }

    /// Refuses a mode that computes, for values that are no numbers.
    pub(super) fn check_text_mode(&self) -> Result<()> {
        let name = match self.mode {
            None | Some(SortMode::Min | SortMode::Max) => return Ok(()),
            Some(SortMode::Sum) => "sum",
            Some(SortMode::Avg) => "avg",
            Some(SortMode::Median) => "median",
        };
        let reason = format!("mode `{name}` found on `{}`, whose values are no numbers", self.field);
        Err(self.error(Code::UnsupportedField, reason).expected("min or max"))
    }

    /// How the field's values are compared; text, objects and points cannot be.
    fn sort_type(&self, field: &Field) -> Result<SortType> {
        field.sort_type().ok_or_else(|| {
            let e = field.refuse("cannot sort by").at(self.at.clone());
            if field.is_text() { e.hint("sort by a keyword sub-field, such as `name.keyword`") } else { e }
        })
    }

    fn unknown_field(&self, cx: &Lowering<'_>) -> Error {
        if META_FIELDS.contains(&self.field.as_str()) {
            return self
                .error(Code::Unsupported, format!("sorting by `{}` does not run yet", self.field))
                .hint("`_doc` is the order in the index, `_score` the score");
        }
        let e = self.error(Code::UnknownField, format!("no mapping for `{}` to sort by", self.field));
        if let Some((name, order @ ("asc" | "desc"))) = self.field.rsplit_once(':') {
            return e.hint(format!("in a body the order is an option: {{\"{name}\": \"{order}\"}}"));
        }
        match crate::error::did_you_mean(&self.field, cx.mapping.fields().iter().map(|f| f.path.as_str())) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e.hint("`unmapped_type` makes a sort accept a field that an index lacks"),
        }
    }

    /// The value that stands for a missing one, as the type of the sort holds it. Dates take milliseconds only.
    fn lower_missing(&self, ty: SortType) -> Result<Missing> {
        match &self.missing {
            None => Ok(Missing::Last),
            Some(Value::Str(s)) if s == "_last" => Ok(Missing::Last),
            Some(Value::Str(s)) if s == "_first" => Ok(Missing::First),
            Some(value) => ty.parse_missing(value).map(Missing::Value).map_err(|cause| {
                self.error(Code::InvalidFieldValue, format!("`missing` of a sort by `{}` is {value}", self.field))
                    .hint("`_first` and `_last` say where documents without a value go")
                    .because(cause)
            }),
        }
    }

    fn error(&self, code: Code, reason: impl Into<String>) -> Error {
        Error::new(code, reason).at(self.at.clone())
    }
}

/// Reads `missing`; null says nothing.
fn read_missing(value: Cursor<'_>) -> Result<Option<Value>> {
    match value.value {
        Json::Null => Ok(None),
        Json::Array(_) | Json::Object(_) => Err(value.wrong_type("`_first`, `_last` or a value")),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(Some(Value::from_json(value.value))),
    }
}

fn read_unmapped_type(value: Cursor<'_>) -> Result<SortType> {
    let name = value.string()?;
    UNMAPPED_TYPES.iter().find(|(known, _)| *known == name).map(|(_, ty)| *ty).ok_or_else(|| {
        let known: Vec<&str> = UNMAPPED_TYPES.iter().map(|(known, _)| *known).collect();
        unknown_word(value, name, "unmapped_type", &known)
    })
}

fn read_numeric_type(value: Cursor<'_>) -> Result<SortType> {
    let name = value.string()?;
    match name.to_ascii_lowercase().as_str() {
        "long" => Ok(SortType::Long),
        "double" => Ok(SortType::Double),
        "date" => Ok(SortType::Date),
        "date_nanos" => Err(value.error(Code::Unsupported, "numeric_type `date_nanos` does not run yet")),
        _ => Err(unknown_word(value, name, "numeric_type", NUMERIC_TYPES)),
    }
}
