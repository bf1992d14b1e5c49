//! `match`: documents that have the terms of an analysed text.

use super::QueryShape;
use super::analysed::{AnalyzerName, ZeroTerms, check_is_value, terms};
use super::common::{Common, read_value, unmapped, value_text};
use super::minimum_should_match::MinimumShouldMatch;
use crate::dsl::lower::{FieldRef, Lowering, MAX_CLAUSES, too_many_clauses};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::mapping::Field;
use crate::plan::query::{BoolQuery, Query};
use crate::plan::value::Value;

const KEYS: &[&str] = &[
    "query",
    "operator",
    "minimum_should_match",
    "analyzer",
    "lenient",
    "zero_terms_query",
    "auto_generate_synonyms_phrase_query",
    "cutoff_frequency",
    "fuzziness",
    "prefix_length",
    "max_expansions",
    "fuzzy_transpositions",
    "fuzzy_rewrite",
];

#[derive(Debug)]
struct Match {
    field: String,
    query: Value,
    operator: Operator,
    minimum_should_match: Option<MinimumShouldMatch>,
    analyzer: Option<AnalyzerName>,
    is_lenient: bool,
    zero_terms: ZeroTerms,
    common: Common,
    at: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Or,
    And,
}

/// Reads `{"FIELD": TEXT}` or `{"FIELD": {"query": TEXT, "operator": .., ..}}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    at.one_key("one field", |field, inner| {
        let mut read = Match {
            field: field.to_owned(),
            query: Value::Null,
            operator: Operator::Or,
            minimum_should_match: None,
            analyzer: None,
            is_lenient: false,
            zero_terms: ZeroTerms::None,
            common: Common::default(),
            at: inner.path.to_string(),
        };
        if inner.value.is_object() {
            inner.each_key(|key, option| read.option(key, option))?;
        } else {
            read.query = read_value(inner)?;
        }
        if read.query == Value::Null {
            return Err(inner
                .error(Code::MissingKey, "`match` without `query` found")
                .expected("`query`, the text that is looked for"));
        }
        Ok(Box::new(read) as _)
    })
}

impl Match {
    fn option(&mut self, key: &str, at: Cursor<'_>) -> Result<()> {
        if KEYS.contains(&key) && key != "query" {
            check_is_value(at)?;
        }
        match key {
            "query" => self.query = read_value(at)?,
            "operator" => self.operator = at.word_of_any_case(&[("or", Operator::Or), ("and", Operator::And)])?,
            "minimum_should_match" => self.minimum_should_match = MinimumShouldMatch::read(at)?,
            "analyzer" => self.analyzer = Some(AnalyzerName::read(at)?),
            "lenient" => self.is_lenient = at.boolean()?,
            "zero_terms_query" => self.zero_terms = ZeroTerms::read(at)?,
            // No analyzer here makes synonyms.
            "auto_generate_synonyms_phrase_query" => {
                at.boolean()?;
            }
            // Without effect since Lucene skips blocks that cannot compete.
            "cutoff_frequency" => {
                at.number()?;
            }
            "fuzziness" => return Err(at.error(Code::Unsupported, "`fuzziness` does not run yet")),
            // Without effect without `fuzziness`.
            "prefix_length" | "max_expansions" => {
                let least = i64::from(key == "max_expansions");
                if at.integer()? < least {
                    return Err(at
                        .error(Code::InvalidValue, format!("`{key}` {} found", at.value))
                        .expected(format!("at least {least}")));
                }
            }
            "fuzzy_transpositions" => {
                at.boolean()?;
            }
            "fuzzy_rewrite" => {
                at.text()?;
            }
            _ => self.common.read(key, at, "match", KEYS)?,
        }
        Ok(())
    }

    /// What one term means on the field; an unfit value matches nothing where the query is lenient.
    fn term(&self, field: &Field, value: &Value, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = match field.term(value, &cx.values()) {
            Err(e) if self.is_lenient => Query::MatchNone { reason: e.reason().to_owned() },
            other => other?,
        };
        cx.leaf(query, self.common.boost)
    }

    fn query(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let analyzer = self.analyzer.as_ref().map(|a| a.resolve(cx.mapping)).transpose()?;
        let field = match cx.resolve(&self.field)? {
            FieldRef::Mapped(field) => field,
            FieldRef::Id => {
                return cx.leaf(Query::Ids { values: vec![value_text(&self.query)] }, self.common.boost);
            }
            FieldRef::Unmapped => return cx.leaf(unmapped(&self.field), 1.0),
        };
        let Some(tokens) = terms(field, &self.query, analyzer.as_ref()) else {
            return self.term(field, &self.query, cx);
        };
        if tokens.len() > MAX_CLAUSES {
            return Err(too_many_clauses(&format!("the text has {} terms", tokens.len())));
        }
        let mut clauses = tokens
            .into_iter()
            .map(|token| self.term(field, &Value::Str(token.term), cx))
            .collect::<Result<Vec<_>>>()?;
        match clauses.len() {
            0 => cx.leaf(self.zero_terms.query(), self.common.boost),
            1 => Ok(clauses.swap_remove(0)),
            _ => self.combine(clauses),
        }
    }

    /// Several terms, in a boolean query of `operator`.
    fn combine(&self, clauses: Vec<Query>) -> Result<Query> {
        let optional = match self.operator {
            Operator::Or => clauses.len(),
            Operator::And => 0,
        };
        let asked = self.minimum_should_match.as_ref().map_or(Ok(0), |m| m.resolve(optional))?;
        if asked as usize > optional {
            return Ok(Query::MatchNone { reason: format!("`minimum_should_match` is {asked} of {optional} terms") });
        }
        Ok(Query::Bool(match self.operator {
            Operator::Or => BoolQuery { should: clauses, minimum_should_match: asked.max(1), ..BoolQuery::default() },
            Operator::And => BoolQuery { must: clauses, ..BoolQuery::default() },
        }))
    }
}

impl QueryShape for Match {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        self.query(cx).map_err(|e| e.at(self.at.clone()))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dsl::query::tests::lower;

    #[test]
    fn one_term_several_and_none() {
        let clauses = |body| match lower(&json!({"match": body})).unwrap() {
            Query::Bool(query) => Some((query.must.len(), query.should.len(), query.minimum_should_match)),
            Query::Term { .. } => Some((1, 0, 0)),
            Query::MatchNone { .. } => None,
            other => panic!("{other:?}"),
        };
        for (body, expected) in [
            (json!({"name": "Red"}), Some((1, 0, 0))),
            (json!({"name": "red blue"}), Some((0, 2, 1))),
            (json!({"name": {"query": "red blue", "operator": "And"}}), Some((2, 0, 0))),
            (json!({"name": {"query": "red blue red", "minimum_should_match": "-1"}}), Some((0, 3, 2))),
            (json!({"name": {"query": "red", "minimum_should_match": 5}}), Some((1, 0, 0))),
            // OpenSearch counts no optional clauses under `and`, so that any minimum is too many.
            (json!({"name": {"query": "red blue", "operator": "and", "minimum_should_match": 1}}), None),
            (json!({"name": "!?"}), None),
            (json!({"tag": "red blue"}), Some((1, 0, 0))),
            (json!({"tag": {"query": "red blue", "analyzer": "whitespace"}}), Some((0, 2, 1))),
            (json!({"stock": {"query": "x", "lenient": true}}), None),
            (json!({"nosuch": "x"}), None),
        ] {
            assert_eq!(clauses(body.clone()), expected, "{body}");
        }
        let all = json!({"match": {"name": {"query": "?", "zero_terms_query": "ALL", "boost": 3}}});
        assert_eq!(lower(&all).unwrap(), Query::Boost { query: Box::new(Query::MatchAll), boost: 3.0 });
    }
}
