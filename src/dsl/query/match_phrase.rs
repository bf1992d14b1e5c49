//! `match_phrase`: documents that have the terms of an analysed text one after the other.

use super::QueryShape;
use super::analysed::{AnalyzerName, ZeroTerms, check_is_value, terms};
use super::common::{Common, read_value, unmapped, value_text};
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::analysis::Token;
use crate::plan::query::Query;
use crate::plan::value::Value;

const KEYS: &[&str] = &["query", "slop", "analyzer", "zero_terms_query"];

#[derive(Debug)]
struct MatchPhrase {
    field: String,
    query: Value,
    slop: u32,
    analyzer: Option<AnalyzerName>,
    zero_terms: ZeroTerms,
    common: Common,
    at: String,
}

/// Reads `{"FIELD": TEXT}` or `{"FIELD": {"query": TEXT, "slop": .., ..}}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    at.one_key("one field", |field, inner| {
        let (mut query, mut slop, mut analyzer) = (None, 0, None);
        let (mut zero_terms, mut common) = (ZeroTerms::None, Common::default());
        if inner.value.is_object() {
            inner.each_key(|key, option| {
                if KEYS.contains(&key) && key != "query" {
                    check_is_value(option)?;
                }
                match key {
                    "query" => query = Some(read_value(option)?),
                    "slop" => slop = read_slop(option)?,
                    "analyzer" => analyzer = Some(AnalyzerName::read(option)?),
                    "zero_terms_query" => zero_terms = ZeroTerms::read(option)?,
                    _ => common.read(key, option, "match_phrase", KEYS)?,
                }
                Ok(())
            })?;
        } else {
            query = Some(read_value(inner)?);
        }
        let query = query.ok_or_else(|| {
            inner
                .error(Code::MissingKey, "`match_phrase` without `query` found")
                .expected("`query`, the text that is looked for")
        })?;
        let (field, at) = (field.to_owned(), inner.path.to_string());
        Ok(Box::new(MatchPhrase { field, query, slop, analyzer, zero_terms, common, at }) as _)
    })
}

fn read_slop(at: Cursor<'_>) -> Result<u32> {
    let slop = at.integer()?;
    u32::try_from(slop).ok().filter(|slop| i32::try_from(*slop).is_ok()).ok_or_else(|| {
        at.error(Code::InvalidValue, format!("slop {slop} found")).expected("a whole number that is not negative")
    })
}

impl MatchPhrase {
    fn query(&self, cx: &Lowering<'_>) -> Result<Query> {
        let analyzer = self.analyzer.as_ref().map(|a| a.resolve(cx.mapping)).transpose()?;
        let field = match cx.resolve(&self.field)? {
            FieldRef::Mapped(field) => field,
            FieldRef::Id => return Ok(Query::Ids { values: vec![value_text(&self.query)] }),
            FieldRef::Unmapped => return Ok(unmapped(&self.field)),
        };
        let Some(tokens) = terms(field, &self.query, analyzer.as_ref()) else {
            return field.term(&self.query, &cx.values());
        };
        match tokens.as_slice() {
            [] => Ok(self.zero_terms.query()),
            [token] => field.term(&Value::Str(token.term.clone()), &cx.values()),
            [first, ..] if field.is_text() => {
                let relative = |token: &Token| (token.position - first.position, token.term.clone());
                let terms = tokens.iter().map(relative).collect();
                Ok(Query::Phrase { field: field.path.clone(), terms, slop: self.slop })
            }
            _ => Err(field.refuse("phrases of several terms work on text fields only:")),
        }
    }
}

impl QueryShape for MatchPhrase {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = self.query(cx).map_err(|e| e.at(self.at.clone()))?;
        cx.leaf(query, self.common.boost)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dsl::query::tests::lower;

    #[test]
    fn positions_are_relative_and_one_term_is_a_term() {
        let phrase = |query: &str| {
            let body = json!({"match_phrase": {"name": {"query": query, "analyzer": "english", "slop": 2}}});
            lower(&body).unwrap()
        };
        let terms = vec![(0, "offic".to_owned()), (2, "garden".to_owned())];
        assert_eq!(phrase("the office of gardens"), Query::Phrase { field: "name".into(), terms, slop: 2 });
        assert!(matches!(phrase("the office"), Query::Term { .. }));
        assert!(matches!(phrase("the"), Query::MatchNone { .. }));
    }
}
