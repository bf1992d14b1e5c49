//! `text`: analysed into terms with positions.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::error::Result;
use crate::plan::analysis::Analyzer;
use crate::plan::field::keyword::{as_text, document_text};
use crate::plan::field::{RangeSpec, try_map_bound};
use crate::plan::mapping::Field;
use crate::plan::query::{Query, TermScoring};
use crate::plan::value::Value;

/// Analysed text.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Text {
    /// The analyzer of documents.
    pub analyzer: Analyzer,
    /// The analyzer of queries; `None`: the same.
    pub search_analyzer: Option<Analyzer>,
    /// How many positions lie between two values of a document.
    pub position_increment_gap: Option<u32>,
}

impl Text {
    /// The analyzer of queries.
    pub fn search_analyzer(&self) -> &Analyzer {
        self.search_analyzer.as_ref().unwrap_or(&self.analyzer)
    }

    /// How many positions lie between two values of a document.
    pub fn position_gap(&self) -> u32 {
        self.position_increment_gap.unwrap_or(100)
    }

    /// A term is looked up as it stands: the text of a `term` query is not analysed.
    pub(crate) fn term(&self, field: &Field, value: &Value) -> Result<Query> {
        let value = Value::Str(as_text(field, value)?);
        Ok(Query::Term { field: field.path.clone(), value, scoring: TermScoring::Bm25 })
    }
}

pub(crate) fn range(field: &Field, range: &RangeSpec) -> Result<Query> {
    let term = |v: &Value| as_text(field, v).map(Value::Str);
    Ok(field.between(try_map_bound(&range.lower, term)?, try_map_bound(&range.upper, term)?))
}

pub(crate) fn parse_doc(field: &Field, value: &Json) -> Result<Option<Value>> {
    match value {
        Json::Null => Ok(None),
        _ => document_text(field, value).map(|text| Some(Value::Str(text))),
    }
}
