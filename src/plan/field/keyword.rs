//! `keyword`: a string that is one term, perhaps normalised.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::analysis::Normalizer;
use crate::plan::field::{RangeSpec, try_map_bound};
use crate::plan::mapping::Field;
use crate::plan::query::Query;
use crate::plan::value::Value;

/// A string that is one term.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Keyword {
    /// How values are changed before they become terms.
    pub normalizer: Option<Normalizer>,
    /// The value of explicit nulls.
    pub null_value: Option<String>,
    /// Longer values (in UTF-16 units, as Java counts) are not indexed.
    pub ignore_above: Option<usize>,
}

/// Lucene's limit on the bytes of a term.
const MAX_TERM_BYTES: usize = 32766;

impl Keyword {
    /// The term that a text becomes.
    pub fn normalize(&self, text: &str) -> String {
        match &self.normalizer {
            Some(normalizer) => normalizer.apply(text),
            None => text.to_owned(),
        }
    }

    pub(crate) fn term(&self, field: &Field, value: &Value) -> Result<Query> {
        Ok(field.constant_term(Value::Str(self.normalize(&as_text(field, value)?))))
    }

    pub(crate) fn range(&self, field: &Field, range: &RangeSpec) -> Result<Query> {
        let term = |v: &Value| as_text(field, v).map(|text| Value::Str(self.normalize(&text)));
        Ok(field.between(try_map_bound(&range.lower, term)?, try_map_bound(&range.upper, term)?))
    }

    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        let text = match value {
            Json::Null => match &self.null_value {
                Some(text) => text.clone(),
                None => return Ok(None),
            },
            _ => document_text(field, value)?,
        };
        if self.ignore_above.is_some_and(|limit| text.encode_utf16().count() > limit) {
            return Ok(None);
        }
        let term = self.normalize(&text);
        if term.len() > MAX_TERM_BYTES {
            return Err(
                field.bad_value(format!("term of {} bytes is too long, the limit is {MAX_TERM_BYTES}", term.len()))
            );
        }
        Ok(Some(Value::Str(term)))
    }
}

/// A constant of a query as a term's text: numbers and booleans as they are written.
pub(crate) fn as_text(field: &Field, value: &Value) -> Result<String> {
    match value {
        Value::Str(text) => Ok(text.clone()),
        Value::Bool(_) | Value::I64(_) | Value::U64(_) | Value::F64(_) | Value::Ip(_) => Ok(value.to_string()),
        Value::Null | Value::List(_) | Value::Object(_) => {
            Err(field.bad_value(format!("{} is no term", value.describe())))
        }
    }
}

/// A value of a document as text: numbers and booleans as they are written.
pub(crate) fn document_text(field: &Field, value: &Json) -> Result<String> {
    match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(_) | Json::Bool(_) => Ok(value.to_string()),
        Json::Null | Json::Array(_) | Json::Object(_) => {
            let what = if value.is_object() { "an object" } else { "an array" };
            Err(field.bad_value(format!("a string is needed, found {what}")))
        }
    }
}
