//! `boolean`: its terms are scored by BM25, as a string field without norms.

use std::ops::Bound;

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::field::RangeSpec;
use crate::plan::mapping::Field;
use crate::plan::query::{Query, TermScoring};
use crate::plan::value::Value;

/// True or false.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Boolean {
    /// The value of explicit nulls.
    pub null_value: Option<bool>,
    /// Whether malformed values of documents are left out instead of refusing the document.
    pub ignore_malformed: bool,
}

impl Boolean {
    pub(crate) fn term(&self, field: &Field, value: &Value) -> Result<Query> {
        let value = Value::Bool(parse(field, value)?);
        Ok(Query::Term { field: field.path.clone(), value, scoring: TermScoring::Bm25 })
    }

    /// One of the two is a term, both together are any value.
    pub(crate) fn terms(&self, field: &Field, values: &[Value]) -> Result<Query> {
        let values = values.iter().map(|v| parse(field, v)).collect::<Result<Vec<_>>>()?;
        match (values.contains(&false), values.contains(&true)) {
            (true, true) => Ok(Query::Exists { fields: vec![field.path.clone()] }),
            (false, false) => Ok(field.nothing("no value of `terms` fits the field")),
            (_, value) => self.term(field, &Value::Bool(value)),
        }
    }

    pub(crate) fn range(&self, field: &Field, range: &RangeSpec) -> Result<Query> {
        let within = |candidate: bool| -> Result<bool> {
            let above = match &range.lower {
                Bound::Included(v) => candidate >= parse(field, v)?,
                Bound::Excluded(v) => candidate & !parse(field, v)?,
                Bound::Unbounded => true,
            };
            let below = match &range.upper {
                Bound::Included(v) => candidate <= parse(field, v)?,
                Bound::Excluded(v) => !candidate & parse(field, v)?,
                Bound::Unbounded => true,
            };
            Ok(above && below)
        };
        match (within(false)?, within(true)?) {
            (true, true) => Ok(Query::Exists { fields: vec![field.path.clone()] }),
            (false, false) => Ok(field.nothing("no boolean is between the bounds")),
            (_, value) => self.term(field, &Value::Bool(value)),
        }
    }

    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        match value {
            Json::Null => Ok(self.null_value.map(Value::Bool)),
            Json::Bool(b) => Ok(Some(Value::Bool(*b))),
            Json::String(s) if s == "true" => Ok(Some(Value::Bool(true))),
            Json::String(s) if s == "false" || s.is_empty() => Ok(Some(Value::Bool(false))),
            _ if self.ignore_malformed && !value.is_object() => Ok(None),
            _ => Err(field.bad_value(format!("{value} is no boolean"))),
        }
    }
}

/// A constant of a query as a boolean.
fn parse(field: &Field, value: &Value) -> Result<bool> {
    match value {
        Value::Bool(b) => Ok(*b),
        Value::Str(s) if s == "true" => Ok(true),
        Value::Str(s) if s == "false" => Ok(false),
        _ => Err(field.bad_value(format!("{value} is no boolean")).expected("true or false")),
    }
}
