//! Brute force: what a plan's query means, evaluated one document at a time over parsed JSON.
//!
//! It shares no code with execution but the functions of the expression tree. It knows the types of the test mapping
//! only: text of plain words, keyword, long, double, date in milliseconds, boolean, and one nested object.

use std::cell::RefCell;
use std::collections::HashMap;
use std::ops::Bound;

use serde_json::Value as Json;
use shardscript::plan::query::{BoolQuery, NestedScoreMode, Query, ScoredQuery, TermScoring};
use shardscript::plan::script::{Script, ScriptTable};
use shardscript::plan::value::Value;

use crate::reference::{self, Row};

/// A document, root or nested.
#[derive(Debug)]
pub(crate) struct Doc {
    /// The `_id`; empty for nested documents.
    pub(crate) id: String,
    values: HashMap<String, Vec<Value>>,
    words: HashMap<String, Vec<String>>,
    nested: HashMap<String, Vec<Self>>,
}

/// All documents, with what scoring needs to know of them.
#[derive(Debug)]
pub(crate) struct Corpus {
    pub(crate) docs: Vec<Doc>,
    /// What was counted over all documents: by field, and term where it is of one.
    counted: RefCell<HashMap<(String, Option<String>), f32>>,
}

impl Corpus {
    pub(crate) fn new(docs: Vec<Doc>) -> Self {
        Self { docs, counted: RefCell::default() }
    }

    /// What is counted over all documents, once.
    fn counted(&self, field: &str, term: Option<&Value>, count: impl FnOnce() -> f32) -> f32 {
        let key = (field.to_owned(), term.map(|term| format!("{term:?}")));
        *self.counted.borrow_mut().entry(key).or_insert_with(count)
    }
}

/// Why a request fails on some document.
pub(crate) type Failure = String;

impl Doc {
    /// Reads a document: strings of `text` fields become words, other values stay.
    pub(crate) fn read(id: &str, source: &Json, text_fields: &[&str], nested_fields: &[&str]) -> Self {
        Self::read_at("", id, source, text_fields, nested_fields)
    }

    fn read_at(prefix: &str, id: &str, source: &Json, text_fields: &[&str], nested_fields: &[&str]) -> Self {
        let mut doc = Self { id: id.to_owned(), values: HashMap::new(), words: HashMap::new(), nested: HashMap::new() };
        doc.read_object(prefix, source, text_fields, nested_fields);
        for values in doc.values.values_mut() {
            values.sort_by(|a, b| compare(a, b).expect("one type a field"));
            if matches!(values[0], Value::Str(_)) {
                values.dedup();
            }
        }
        doc
    }

    fn read_object(&mut self, prefix: &str, source: &Json, text_fields: &[&str], nested_fields: &[&str]) {
        for (key, value) in source.as_object().into_iter().flatten() {
            let path = format!("{prefix}{key}");
            for value in value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice) {
                match value {
                    Json::Object(_) if nested_fields.contains(&path.as_str()) => {
                        let child = Self::read_at(&format!("{path}."), "", value, text_fields, nested_fields);
                        self.nested.entry(path.clone()).or_default().push(child);
                    }
                    Json::Object(_) => self.read_object(&format!("{path}."), value, text_fields, nested_fields),
                    Json::String(s) if text_fields.contains(&path.as_str()) => {
                        self.words.entry(path.clone()).or_default().extend(s.split_whitespace().map(str::to_owned));
                    }
                    Json::Null => {}
                    _ => self.values.entry(path.clone()).or_default().push(read_value(value)),
                }
            }
        }
    }

    /// The values of a field, sorted.
    pub(crate) fn values(&self, field: &str) -> &[Value] {
        self.values.get(field).map_or(&[], Vec::as_slice)
    }
}

fn read_value(json: &Json) -> Value {
    match json {
        Json::Bool(b) => Value::Bool(*b),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::F64(n.as_f64().expect("a double")), Value::I64),
        Json::String(s) => Value::Str(s.clone()),
        _ => panic!("test documents hold scalars"),
    }
}

/// Orders values of one type; whole and floating-point numbers compare by value.
fn compare(a: &Value, b: &Value) -> Option<std::cmp::Ordering> {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => Some(a.cmp(b)),
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::I64(a), Value::I64(b)) => Some(a.cmp(b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

/// The scorer of one request.
pub(crate) struct Brute<'a> {
    pub(crate) corpus: &'a Corpus,
    pub(crate) scripts: &'a ScriptTable,
}

impl Brute<'_> {
    /// The score of a document, or `None` where it does not match.
    pub(crate) fn score(&self, query: &Query, doc: &Doc) -> Result<Option<f32>, Failure> {
        Ok(match query {
            Query::MatchAll => Some(1.0),
            Query::MatchNone { .. } => None,
            Query::Term { field, value, scoring } => self.term(doc, field, value, *scoring),
            Query::Terms { field, values } => one(values.iter().any(|v| has_value(doc, field, v))),
            Query::Phrase { field, terms, slop: 0 } => self.phrase(doc, field, terms),
            Query::Phrase { .. } => panic!("sloppy phrases are compared with recorded answers"),
            Query::Range { field, lower, upper } => {
                one(all_values(doc, field).iter().any(|v| is_above(v, lower) && is_below(v, upper)))
            }
            // A text without words is there, as its norm is in Lucene.
            Query::Exists { fields } => {
                one(fields.iter().any(|f| doc.words.contains_key(f) || !doc.values(f).is_empty()))
            }
            Query::Ids { values } => one(values.contains(&doc.id)),
            Query::Prefix { field, prefix, case_insensitive: false } => {
                one(all_values(doc, field).iter().any(|v| matches!(v, Value::Str(s) if s.starts_with(prefix))))
            }
            Query::Prefix { .. } | Query::Wildcard { .. } => panic!("patterns are compared with recorded answers"),
            Query::Bool(query) => self.bool(query, doc)?,
            Query::Boosting { positive, negative, negative_boost } => match self.score(positive, doc)? {
                Some(score) if self.score(negative, doc)?.is_some() => Some(score * negative_boost),
                score => score,
            },
            Query::ConstantScore { query, score } => self.score(query, doc)?.map(|_| *score),
            Query::DisMax { queries, tie_breaker } => {
                let mut scores = Vec::new();
                for query in queries {
                    scores.extend(self.score(query, doc)?);
                }
                let best = scores.iter().copied().reduce(f32::max);
                best.map(|best| best + tie_breaker * (scores.iter().sum::<f32>() - best))
            }
            Query::Nested { path, query, score_mode } => self.nested(doc, path, query, *score_mode)?,
            Query::Script { script } => {
                let value = self.run(self.scripts.get(*script), doc, 0.0, &[])?;
                one(value == Value::Bool(true))
            }
            Query::ScriptRange(_) | Query::ScriptTerms { .. } => panic!("a plan before any rule has no solved script"),
            Query::Scored(query) => self.scored(query, doc)?,
            Query::Boost { query, boost } => self.score(query, doc)?.map(|score| score * boost),
        })
    }

    fn term(&self, doc: &Doc, field: &str, value: &Value, scoring: TermScoring) -> Option<f32> {
        if !has_value(doc, field, value) {
            return None;
        }
        match (scoring, value) {
            (TermScoring::Constant, _) => Some(1.0),
            (TermScoring::Bm25, Value::Str(word)) if doc.words.contains_key(field) => {
                let frequency = doc.words[field].iter().filter(|w| *w == word).count() as f32;
                Some(self.idf(field, value) * self.saturate(field, doc, frequency))
            }
            // A field without norms and frequencies scores as if it had one token; its distinct values are its tokens.
            (TermScoring::Bm25, _) => {
                let distinct = |doc: &Doc| {
                    let mut values = doc.values(field).to_vec();
                    values.dedup();
                    values.len()
                };
                let average = self.corpus.counted(field, None, || {
                    let lengths: Vec<_> = self.all_docs().map(distinct).filter(|length| *length > 0).collect();
                    lengths.iter().sum::<usize>() as f32 / lengths.len() as f32
                });
                Some(self.idf(field, value) / (1.0 + 1.2 * (0.25 + 0.75 / average)))
            }
        }
    }

    fn phrase(&self, doc: &Doc, field: &str, terms: &[(u32, String)]) -> Option<f32> {
        let words = doc.words.get(field)?;
        let at = |start: usize| terms.iter().all(|(offset, term)| words.get(start + *offset as usize) == Some(term));
        let frequency = (0..words.len()).filter(|start| at(*start)).count() as f32;
        let idf: f32 = terms.iter().map(|(_, term)| self.idf(field, &Value::Str(term.clone()))).sum();
        (frequency > 0.0).then(|| idf * self.saturate(field, doc, frequency))
    }

    fn all_docs(&self) -> impl Iterator<Item = &Doc> {
        self.corpus.docs.iter().flat_map(|doc| std::iter::once(doc).chain(doc.nested.values().flatten()))
    }

    fn idf(&self, field: &str, value: &Value) -> f32 {
        self.corpus.counted(field, Some(value), || {
            let count = self.all_docs().filter(|doc| !all_values(doc, field).is_empty()).count() as f64;
            let frequency = self.all_docs().filter(|doc| has_value(doc, field, value)).count() as f64;
            (1.0 + (count - frequency + 0.5) / (frequency + 0.5)).ln() as f32
        })
    }

    fn saturate(&self, field: &str, doc: &Doc, frequency: f32) -> f32 {
        let average = self.corpus.counted(field, None, || {
            let lengths: Vec<_> = self.all_docs().filter_map(|doc| doc.words.get(field)).map(Vec::len).collect();
            lengths.iter().sum::<usize>() as f32 / lengths.iter().filter(|n| **n > 0).count() as f32
        });
        let length = doc.words[field].len();
        assert!(length <= 40, "longer fields have a lossy norm");
        frequency / (frequency + 1.2 * (0.25 + 0.75 * length as f32 / average))
    }

    fn bool(&self, query: &BoolQuery, doc: &Doc) -> Result<Option<f32>, Failure> {
        let (mut sum, mut matched, mut passes) = (0.0f64, 0, true);
        for clause in &query.filter {
            passes &= self.score(clause, doc)?.is_some();
        }
        for clause in &query.must_not {
            passes &= self.score(clause, doc)?.is_none();
        }
        for clause in &query.must {
            let score = self.score(clause, doc)?;
            passes &= score.is_some();
            sum += f64::from(score.unwrap_or(0.0));
        }
        for clause in &query.should {
            if let Some(score) = self.score(clause, doc)? {
                matched += 1;
                sum += f64::from(score);
            }
        }
        Ok((passes && matched >= query.minimum_should_match).then_some(sum as f32))
    }

    fn nested(&self, doc: &Doc, path: &str, query: &Query, mode: NestedScoreMode) -> Result<Option<f32>, Failure> {
        let mut scores = Vec::new();
        for child in doc.nested.get(path).into_iter().flatten() {
            scores.extend(self.score(query, child)?);
        }
        if scores.is_empty() {
            return Ok(None);
        }
        let sum: f32 = scores.iter().sum();
        Ok(Some(match mode {
            NestedScoreMode::Avg => sum / scores.len() as f32,
            NestedScoreMode::Sum => sum,
            NestedScoreMode::Min => scores.iter().copied().fold(f32::INFINITY, f32::min),
            NestedScoreMode::Max => scores.iter().copied().fold(f32::NEG_INFINITY, f32::max),
            NestedScoreMode::None => 0.0,
        }))
    }

    fn scored(&self, query: &ScoredQuery, doc: &Doc) -> Result<Option<f32>, Failure> {
        let Some(inner) = self.score(&query.query, doc)? else { return Ok(None) };
        let mut filters = Vec::new();
        for filter in &query.filters {
            filters.push(self.score(filter, doc)?.is_some());
        }
        let value = self.run(self.scripts.get(query.script), doc, inner, &filters)?;
        let score = value.as_f64().expect("a score is a number") as f32;
        Ok(query.min_score.is_none_or(|least| score >= least).then_some(score))
    }

    /// Runs a script on a document.
    pub(crate) fn run(&self, script: &Script, doc: &Doc, score: f32, filters: &[bool]) -> Result<Value, Failure> {
        let row = Row {
            values: &|path| doc.values(path).to_vec(),
            score: f64::from(score),
            filters,
            params: &script.source.params,
        };
        reference::evaluate(&script.expr, &row)
    }
}

fn one(matches: bool) -> Option<f32> {
    matches.then_some(1.0)
}

/// The values of a field; of a text field its words.
fn all_values(doc: &Doc, field: &str) -> Vec<Value> {
    let words = doc.words.get(field).into_iter().flatten().map(|word| Value::Str(word.clone()));
    doc.values(field).iter().cloned().chain(words).collect()
}

fn has_value(doc: &Doc, field: &str, value: &Value) -> bool {
    all_values(doc, field).iter().any(|v| compare(v, value) == Some(std::cmp::Ordering::Equal))
}

fn is_above(value: &Value, bound: &Bound<Value>) -> bool {
    match bound {
        Bound::Unbounded => true,
        Bound::Included(bound) => compare(value, bound).is_some_and(std::cmp::Ordering::is_ge),
        Bound::Excluded(bound) => compare(value, bound).is_some_and(std::cmp::Ordering::is_gt),
    }
}

fn is_below(value: &Value, bound: &Bound<Value>) -> bool {
    match bound {
        Bound::Unbounded => true,
        Bound::Included(bound) => compare(value, bound).is_some_and(std::cmp::Ordering::is_le),
        Bound::Excluded(bound) => compare(value, bound).is_some_and(std::cmp::Ordering::is_lt),
    }
}
