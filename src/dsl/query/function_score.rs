//! `function_score`: the documents of a query, with a score that functions change.

mod decay;
mod field_value_factor;
mod random_score;
mod script_score;

use std::fmt::Debug;

use super::common::Common;
use super::{QueryShape, read as read_query};
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::function_score::{BoostMode, Function, FunctionScore, ScoreMode, WeightedFunction};
use crate::plan::query::{Query, ScoredQuery};

/// Every function, by name; `weight` is an option of each of them, and a function where it stands alone.
const FUNCTIONS: &[FunctionType] = &[
    FunctionType { name: "exp", read: decay::read_exp },
    FunctionType { name: "field_value_factor", read: field_value_factor::read },
    FunctionType { name: "gauss", read: decay::read_gauss },
    FunctionType { name: "linear", read: decay::read_linear },
    FunctionType { name: "random_score", read: random_score::read },
    FunctionType { name: "script_score", read: script_score::read },
];

const KEYS: &[&str] = &["query", "functions", "score_mode", "boost_mode", "max_boost", "min_score", "weight"];

const SCORE_MODES: &[(&str, ScoreMode)] = &[
    ("multiply", ScoreMode::Multiply),
    ("sum", ScoreMode::Sum),
    ("avg", ScoreMode::Avg),
    ("first", ScoreMode::First),
    ("max", ScoreMode::Max),
    ("min", ScoreMode::Min),
];

const BOOST_MODES: &[(&str, BoostMode)] = &[
    ("multiply", BoostMode::Multiply),
    ("replace", BoostMode::Replace),
    ("sum", BoostMode::Sum),
    ("avg", BoostMode::Avg),
    ("max", BoostMode::Max),
    ("min", BoostMode::Min),
];

/// A function: its key in the body, and how its value is read.
struct FunctionType {
    name: &'static str,
    read: fn(Cursor<'_>) -> Result<Box<dyn FunctionShape>>,
}

/// A function as the body gives it.
trait FunctionShape: Debug {
    /// What it means: fields resolved, origins typed.
    fn lower(&self, cx: &Lowering<'_>) -> Result<Function>;
}

#[derive(Debug)]
struct FunctionScoreShape {
    query: Option<Box<dyn QueryShape>>,
    functions: Vec<Entry>,
    score_mode: ScoreMode,
    boost_mode: BoostMode,
    max_boost: f32,
    min_score: Option<f32>,
    common: Common,
    at: String,
}

/// An element of `functions`, or the one function that stands in the query itself.
#[derive(Debug, Default)]
struct Entry {
    filter: Option<Box<dyn QueryShape>>,
    function: Option<Box<dyn FunctionShape>>,
    weight: Option<f32>,
}

/// Reads `{"query": QUERY, "functions": [..], "score_mode": .., "boost_mode": .., ..}`, or one function in place of
/// `functions`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let mut shape = FunctionScoreShape {
        query: None,
        functions: Vec::new(),
        score_mode: ScoreMode::Multiply,
        boost_mode: BoostMode::Multiply,
        max_boost: f32::MAX,
        min_score: None,
        common: Common::default(),
        at: at.path.to_string(),
    };
    // The key of the first function: `functions`, or the one function itself.
    let mut first: Option<String> = None;
    at.each_key(|key, value| {
        match key {
            // OpenSearch's parser passes over nulls here.
            _ if value.value.is_null() => {}
            "query" => shape.query = Some(read_query(value)?),
            "score_mode" => shape.score_mode = value.word_of_any_case(SCORE_MODES)?,
            "boost_mode" => shape.boost_mode = value.word_of_any_case(BOOST_MODES)?,
            "max_boost" => shape.max_boost = value.float()?,
            "min_score" => shape.min_score = Some(value.float()?),
            _ if key == "functions" || key == "weight" || is_function(key) => {
                if let Some(first) = &first {
                    return Err(value
                        .error(Code::ConflictingKeys, format!("`{key}` found beside `{first}`"))
                        .expected("either the array `functions` or a single function"));
                }
                first = Some(key.to_owned());
                if key == "functions" {
                    value.array()?;
                    value.each_element(|entry| {
                        shape.functions.push(read_entry(entry)?);
                        Ok(())
                    })?;
                } else {
                    let mut entry = Entry::default();
                    read_function(key, value, &mut entry)?;
                    shape.functions.push(entry);
                }
            }
            _ => {
                let known: Vec<_> = KEYS.iter().copied().chain(FUNCTIONS.iter().map(|f| f.name)).collect();
                shape.common.read(key, value, "function_score", &known)?;
            }
        }
        Ok(())
    })?;
    Ok(Box::new(shape))
}

fn is_function(key: &str) -> bool {
    FUNCTIONS.iter().any(|f| f.name == key)
}

fn read_entry(at: Cursor<'_>) -> Result<Entry> {
    let mut entry = Entry::default();
    at.each_key(|key, value| match key {
        _ if value.value.is_null() => Ok(()),
        "filter" => {
            let filter = read_query(value)?;
            // A `match_all` is as good as no filter: this decides whether a single function has a score mode.
            let is_match_all = value.object()?.contains_key("match_all");
            entry.filter = (!is_match_all).then_some(filter);
            Ok(())
        }
        "_name" => value.text().map(drop),
        _ => read_function(key, value, &mut entry),
    })?;
    if entry.function.is_none() && entry.weight.is_none() {
        return Err(at
            .error(Code::MissingKey, "an element of `functions` without a function found")
            .expected(format!("one of: weight, {}", function_names())));
    }
    Ok(entry)
}

fn read_function(key: &str, at: Cursor<'_>, entry: &mut Entry) -> Result<()> {
    if key == "weight" {
        let weight = at.float()?;
        if weight.is_nan() || weight.is_sign_negative() {
            return Err(at
                .error(Code::InvalidValue, format!("weight {} found", at.value))
                .expected("a number that is not negative"));
        }
        entry.weight = Some(weight);
        return Ok(());
    }
    let Some(known) = FUNCTIONS.iter().find(|f| f.name == key) else {
        return Err(unknown_function(key, at));
    };
    if entry.function.is_some() {
        return Err(at
            .error(Code::ConflictingKeys, format!("a second function `{key}` found"))
            .expected("one function in each element of `functions`"));
    }
    entry.function = Some((known.read)(at)?);
    Ok(())
}

fn unknown_function(key: &str, at: Cursor<'_>) -> Error {
    let e = at
        .error(Code::UnknownKey, format!("unknown function `{key}`"))
        .expected(format!("one of: filter, weight, {}", function_names()));
    match did_you_mean(key, FUNCTIONS.iter().map(|f| f.name).chain(["filter", "weight"])) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => e,
    }
}

fn function_names() -> String {
    FUNCTIONS.iter().map(|f| f.name).collect::<Vec<_>>().join(", ")
}

impl QueryShape for FunctionScoreShape {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        // A boost multiplies the inner score only: under `boost_mode: replace` it has no effect.
        let query = cx.boosted(self.common.boost, |cx| match &self.query {
            Some(query) => query.lower(cx),
            None => cx.leaf(Query::MatchAll, 1.0),
        })?;
        if self.functions.is_empty() && self.min_score.is_none() {
            return Ok(query);
        }
        let (functions, filters) = self.functions(cx)?;
        let Self { score_mode, boost_mode, max_boost, min_score, .. } = *self;
        let meaning = FunctionScore { functions, score_mode, boost_mode, max_boost };
        let script = cx.scripts.intern(meaning.compile(cx.scope(), &self.at)?);
        Ok(Query::Scored(ScoredQuery { query: Box::new(query), script, filters, min_score }))
    }
}

impl FunctionScoreShape {
    /// The functions, and the filters that they name by number.
    fn functions(&self, cx: &mut Lowering<'_>) -> Result<(Vec<WeightedFunction>, Vec<Query>)> {
        let (mut functions, mut filters) = (Vec::with_capacity(self.functions.len()), Vec::new());
        for entry in &self.functions {
            let filter = match &entry.filter {
                None => None,
                // Filters are no part of the tree whose clauses Lucene counts.
                Some(filter) => Some(number_of(cx.apart(|cx| filter.lower(cx))?, &mut filters)),
            };
            let function = entry.function.as_ref().map_or(Ok(Function::One), |f| f.lower(cx))?;
            functions.push(WeightedFunction { function, weight: entry.weight, filter });
        }
        Ok((functions, filters))
    }
}

/// The number of a filter; the same filter twice is one.
fn number_of(filter: Query, filters: &mut Vec<Query>) -> usize {
    filters.iter().position(|known| *known == filter).unwrap_or_else(|| {
        filters.push(filter);
        filters.len() - 1
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dsl::query::tests::lower;

    fn scored(body: &serde_json::Value) -> ScoredQuery {
        match lower(&json!({"function_score": body})).unwrap() {
            Query::Scored(scored) => scored,
            other => panic!("{body}: {other:?}"),
        }
    }

    #[test]
    fn filters_are_shared_and_match_all_is_none() {
        let (red, all) = (json!({"term": {"tag": "red"}}), json!({"match_all": {}}));
        let functions =
            json!([{"filter": red, "weight": 1}, {"filter": all, "weight": 2}, {"filter": red, "weight": 3}]);
        assert_eq!(scored(&json!({"functions": functions})).filters.len(), 1);
        assert_eq!(scored(&json!({"functions": [{"filter": {"bool": {}}, "weight": 2}]})).filters, [Query::MatchAll]);
    }

    #[test]
    fn a_boost_reaches_the_inner_query_and_nulls_are_passed_over() {
        let boosted = scored(&json!({"query": null, "functions": null, "weight": 2, "boost": 3, "min_score": 1}));
        assert_eq!(*boosted.query, Query::Boost { query: Box::new(Query::MatchAll), boost: 3.0 });
        assert_eq!(boosted.min_score, Some(1.0));
        assert_eq!(lower(&json!({"function_score": {"boost_mode": "replace"}})).unwrap(), Query::MatchAll);
    }

    #[test]
    fn every_function_lowers() {
        for body in [
            json!({"weight": "Infinity"}),
            json!({"random_score": {}}),
            json!({"random_score": {"seed": 5, "field": "price"}}),
            json!({"field_value_factor": {"field": "available", "modifier": "LN2P", "factor": "0.5", "missing": 1}}),
            json!({"field_value_factor": {"field": "nosuch", "missing": 1}}),
            json!({"gauss": {"price": {"origin": "1", "scale": 2}, "multi_value_mode": "MEDIAN"}}),
            json!({"exp": {"created": {"origin": "now/d", "scale": "2h", "offset": "1d", "decay": 0.1}}}),
            json!({"linear": {"location": {"origin": [13.4, 52.5], "scale": "2km"}}}),
            json!({"linear": {"location": {"scale": 2000}}}),
            json!({"script_score": {"script": {"lang": "expression", "source": "doc['price'].value * k", "params": {"k": 2}}}}),
        ] {
            assert!(lower(&json!({"function_score": body})).is_ok(), "{body}");
        }
    }
}
