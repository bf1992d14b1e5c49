//! What `match` and `match_phrase` share: how the text of a query becomes terms, and what no terms at all mean.

use serde_json::Value as Json;

use super::common::value_text;
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::analysis::{Analyzer, Token};
use crate::plan::field::FieldType;
use crate::plan::mapping::{Field, Mapping};
use crate::plan::query::Query;
use crate::plan::value::Value;

/// What a query of no terms (all of them stop words, or punctuation only) matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ZeroTerms {
    /// No document.
    None,
    /// Every document.
    All,
}

impl ZeroTerms {
    /// Reads `zero_terms_query`.
    pub(super) fn read(at: Cursor<'_>) -> Result<Self> {
        at.word_of_any_case(&[("none", Self::None), ("all", Self::All)])
    }

    /// The query.
    pub(super) fn query(self) -> Query {
        match self {
            Self::None => Query::MatchNone { reason: "the text has no terms".into() },
            Self::All => Query::MatchAll,
        }
    }
}

/// The name of an analyzer and its place.
#[derive(Debug)]
pub(super) struct AnalyzerName {
    name: String,
    at: String,
}

impl AnalyzerName {
    /// Reads `analyzer`.
    pub(super) fn read(at: Cursor<'_>) -> Result<Self> {
        Ok(Self { name: at.text()?, at: at.path.to_string() })
    }

    /// The analyzer: one of the index's own that a field uses, or a built-in one.
    pub(super) fn resolve(&self, mapping: &Mapping) -> Result<Analyzer> {
        let own: Vec<&Analyzer> = mapping.fields().iter().flat_map(analyzers).collect();
        if let Some(analyzer) = own.iter().find(|a| a.name() == self.name) {
            return Ok((*analyzer).clone());
        }
        if self.name == "default" {
            return Ok(Analyzer::Standard);
        }
        if let Some(analyzer) = Analyzer::built_in(&self.name) {
            return Ok(analyzer);
        }
        let known: Vec<_> = Analyzer::BUILT_IN.iter().map(Analyzer::name).collect();
        let e = Error::new(Code::UnknownAnalyzer, format!("analyzer `{}` is not known", self.name))
            .at(self.at.clone())
            .expected(format!("an analyzer of the mapping's fields, or one of: {}", known.join(", ")));
        Err(match did_you_mean(&self.name, known.into_iter().chain(own.iter().map(|a| a.name()))) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e,
        })
    }
}

/// The analyzers that a field uses.
fn analyzers(field: &Field) -> impl Iterator<Item = &Analyzer> {
    let text = match &field.ty {
        FieldType::Text(text) => Some(text),
        _ => None,
    };
    text.into_iter().flat_map(|text| [&text.analyzer, text.search_analyzer()])
}

/// Options are values: null, arrays and objects are refused, whatever the option.
pub(super) fn check_is_value(at: Cursor<'_>) -> Result<()> {
    match at.value {
        Json::Null | Json::Array(_) | Json::Object(_) => Err(at.wrong_type("a string, a number or a boolean")),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
    }
}

/// The terms of a value on a field; `None` where the whole value is one: on fields other than text, unless the query
/// names an analyzer.
pub(super) fn terms(field: &Field, value: &Value, analyzer: Option<&Analyzer>) -> Option<Vec<Token>> {
    let analyzer = match (&field.ty, analyzer) {
        (_, Some(named)) => named,
        (FieldType::Text(text), None) => text.search_analyzer(),
        (_, None) => return None,
    };
    match analyzer {
        Analyzer::Keyword => None,
        analyzer => Some(analyzer.tokens(&value_text(value))),
    }
}
