//! Plans made by hand, run over a few documents in every division into shards and segments.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::ops::Bound;

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::cluster::search;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::udf::Udfs;
use shardscript::plan::node::{
    Fetch, FieldSort, Missing, Predicate, SortBy, SortKey, SortMode, SortType, SourceFilter, TopHits, TrackTotalHits,
    Zones,
};
use shardscript::plan::query::{BoolQuery, NestedScoreMode, Query, TermScoring};
use shardscript::plan::script::ScriptTable;
use shardscript::plan::value::Value;
use shardscript::pushdown::fragment::Fragment;
use shardscript::pushdown::physical::{Coordinator, PhysicalPlan};
use shardscript::pushdown::trace::Trace;

const DOCS: &str = r#"{"_id": "a", "text": "quick brown fox", "tag": ["x", "Y"], "n": [3, 1], "ok": true}
{"_id": "b", "text": ["brown quick", "fox fox"], "tag": "y", "n": 2, "kids": [{"n": 1, "name": "k"}, {"n": 5, "name": "l"}]}
{"_id": "c", "tag": "xyz", "ok": false, "kids": {"n": 2, "name": "k"}}
{"_id": "d", "text": "the brown lazy brown dog", "n": -4, "ok": true}
{"_id": "e", "text": "quick fox", "n": 9007199254740993}
"#;

fn indices() -> Vec<Index> {
    let mapping = json!({"properties": {
        "text": {"type": "text"}, "tag": {"type": "keyword"}, "n": {"type": "long"}, "ok": {"type": "boolean"},
        "kids": {"type": "nested", "properties": {"n": {"type": "long"}, "name": {"type": "keyword"}}},
    }});
    let build = |shards, flush_every| {
        let options = BuildOptions { name: "test".to_owned(), shards, flush_every, dir: None };
        let (index, report) =
            Index::build(read_mapping(&mapping).unwrap(), DOCS.as_bytes(), &options, &mut |_, _| {}).unwrap();
        assert!(report.rejected.is_empty(), "{:?}", report.rejected);
        index
    };
    vec![build(1, None), build(1, Some(2)), build(3, None), build(7, Some(1))]
}

fn plan(query: Query, sort: Vec<SortKey>) -> PhysicalPlan {
    let fragment = Fragment {
        scripts: ScriptTable::default(),
        query,
        scored: true,
        filters: Vec::new(),
        score: None,
        min_score: None,
        post_filters: Vec::new(),
        top_hits: TopHits {
            from: 0,
            size: 10,
            sort: sort.clone(),
            search_after: None,
            track_scores: false,
            zones: Zones::All,
            bounded: false,
        },
        track_total_hits: TrackTotalHits::Exact,
        fetch: Fetch { source: None, script_fields: Vec::new(), named_queries: Vec::new() },
        timeout_ms: None,
    };
    let coordinator =
        Coordinator { from: 0, size: 10, sort, track_scores: false, track_total_hits: TrackTotalHits::Exact };
    PhysicalPlan { fragment, coordinator, trace: Trace::default() }
}

/// Runs a plan over all indices, whose answers are the same; gives one.
fn run(indices: &[Index], plan: &PhysicalPlan) -> Json {
    let mut answers = indices.iter().map(|index| {
        let mut body: Json = serde_json::from_slice(&search(index, plan, &Udfs::default()).unwrap().body).unwrap();
        body["took"].take();
        body["_shards"].take();
        body
    });
    let first = answers.next().unwrap();
    for other in answers {
        assert_eq!(first, other, "{:?}", plan.fragment.query);
    }
    first
}

fn ids(answer: &Json) -> String {
    answer["hits"]["hits"].as_array().unwrap().iter().map(|hit| hit["_id"].as_str().unwrap()).collect()
}

fn term(field: &str, value: &str) -> Query {
    Query::Term { field: field.into(), value: Value::Str(value.into()), scoring: TermScoring::Bm25 }
}

fn phrase(terms: &[(u32, &str)], slop: u32) -> Query {
    let terms = terms.iter().map(|(at, term)| (*at, (*term).to_owned())).collect();
    Query::Phrase { field: "text".into(), terms, slop }
}

fn range(field: &str, lower: Bound<i64>, upper: Bound<i64>) -> Query {
    Query::Range { field: field.into(), lower: lower.map(Value::I64), upper: upper.map(Value::I64) }
}

fn any(should: Vec<Query>, minimum_should_match: u32) -> Query {
    Query::Bool(BoolQuery { should, minimum_should_match, ..BoolQuery::default() })
}

fn nested(query: Query) -> Query {
    Query::Nested { path: "kids".into(), query: Box::new(query), score_mode: NestedScoreMode::Avg }
}

fn pattern(pattern: &str, case_insensitive: bool) -> Query {
    Query::Wildcard { field: "tag".into(), pattern: pattern.into(), case_insensitive }
}

#[test]
fn every_kind_of_query_finds_its_documents() {
    let exists = |fields: &[&str]| Query::Exists { fields: fields.iter().map(|f| (*f).to_owned()).collect() };
    let prefix =
        |prefix: &str, case_insensitive| Query::Prefix { field: "tag".into(), prefix: prefix.into(), case_insensitive };
    let flag = |v| Query::Term { field: "ok".into(), value: Value::Bool(v), scoring: TermScoring::Bm25 };
    let without = |query| Query::Bool(BoolQuery { must_not: vec![query], ..BoolQuery::default() });
    let all = |must: Vec<Query>| Query::Bool(BoolQuery { must, ..BoolQuery::default() });
    let strings = |values: &[&str]| values.iter().map(|v| Value::Str((*v).into())).collect::<Vec<_>>();
    let cases = [
        (Query::MatchAll, "abcde"),
        (Query::MatchNone { reason: String::new() }, ""),
        (term("text", "brown"), "abd"),
        (term("text", "missing"), ""),
        (term("unmapped", "x"), ""),
        (flag(true), "ad"),
        (phrase(&[(0, "quick"), (1, "brown")], 0), "a"),
        (phrase(&[(0, "quick"), (2, "fox")], 0), "a"),
        (phrase(&[(0, "quick"), (1, "fox")], 1), "ae"),
        (phrase(&[(0, "quick"), (1, "brown")], 2), "ab"),
        (phrase(&[(0, "brown"), (1, "brown")], 1), "d"),
        (phrase(&[(0, "quick"), (1, "fox")], 99), "ae"),
        (phrase(&[(0, "quick"), (1, "fox")], 101), "abe"),
        (range("n", Bound::Included(2), Bound::Unbounded), "abe"),
        (range("n", Bound::Excluded(3), Bound::Unbounded), "e"),
        (range("n", Bound::Unbounded, Bound::Excluded(1)), "d"),
        (range("n", Bound::Excluded(i64::MAX), Bound::Unbounded), ""),
        (range("n", Bound::Included(5), Bound::Included(4)), ""),
        (exists(&["tag"]), "abc"),
        (exists(&["text"]), "abde"),
        (exists(&["ok", "n"]), "abcde"),
        (exists(&["kids.n"]), ""),
        (nested(exists(&["kids.n"])), "bc"),
        (nested(range("kids.n", Bound::Included(2), Bound::Unbounded)), "bc"),
        (nested(all(vec![range("kids.n", Bound::Excluded(4), Bound::Unbounded), term("kids.name", "k")])), ""),
        (nested(without(term("kids.name", "l"))), "bc"),
        (without(nested(Query::MatchAll)), "ade"),
        (Query::Terms { field: "tag".into(), values: strings(&["Y", "xyz", "none"]) }, "ac"),
        (Query::Terms { field: "n".into(), values: vec![Value::I64(1), Value::I64(-4), Value::I64(77)] }, "ad"),
        (Query::Ids { values: vec!["e".into(), "b".into(), "zz".into()] }, "be"),
        (prefix("x", false), "ac"),
        (prefix("y", false), "b"),
        (prefix("y", true), "ab"),
        (pattern("?y*", false), "c"),
        (pattern("*Y", true), "ab"),
        (any(vec![term("text", "fox"), flag(true), term("tag", "y")], 2), "ab"),
        (any(vec![flag(true)], 2), ""),
        (without(any(vec![flag(true), flag(false)], 1)), "be"),
        (all(vec![term("text", "fox"), without(term("text", "brown"))]), "e"),
    ];
    let indices = indices();
    for (query, expected) in cases {
        for scored in [false, true] {
            let mut plan = plan(query.clone(), vec![SortKey { by: SortBy::Doc, descending: false }]);
            plan.fragment.scored = scored;
            assert_eq!(ids(&run(&indices, &plan)), expected, "{query:?}");
        }
    }
}

#[test]
fn scores_are_lucenes_whatever_the_shards() {
    // Numbers by hand: idf = ln(1 + (N - n + 0.5) / (n + 0.5)), tf / (tf + 1.2 (0.25 + 0.75 dl / avgdl)).
    let bm25 = |docs: f64, with: f64, tf: f64, dl: f64, avgdl: f64| {
        (1.0 + (docs - with + 0.5) / (with + 0.5)).ln() * tf / (tf + 1.2 * (0.25 + 0.75 * dl / avgdl))
    };
    let text = |with, tf, dl| bm25(4.0, with, tf, dl, 14.0 / 4.0);
    let indices = indices();
    let scores = |query: Query| -> Vec<(String, f64)> {
        let answer = run(&indices, &plan(query, Vec::new()));
        let hits = answer["hits"]["hits"].as_array().unwrap();
        assert_eq!(answer["hits"]["max_score"], hits[0]["_score"]);
        hits.iter().map(|h| (h["_id"].as_str().unwrap().to_owned(), h["_score"].as_f64().unwrap())).collect()
    };
    let flag = Query::Term { field: "ok".into(), value: Value::Bool(true), scoring: TermScoring::Bm25 };
    let boost = |query, boost| Query::Boost { query: Box::new(query), boost };
    let dis_max =
        Query::DisMax { queries: vec![term("text", "dog"), boost(term("text", "lazy"), 0.5)], tie_breaker: 0.5 };
    let boosting = Query::Boosting {
        positive: Box::new(Query::MatchAll),
        negative: Box::new(any(vec![term("text", "fox"), term("tag", "xyz")], 1)),
        negative_boost: 0.25,
    };
    let cases: [(Query, Vec<(&str, f64)>); 9] = [
        (
            term("text", "brown"),
            vec![("d", text(3.0, 2.0, 5.0)), ("a", text(3.0, 1.0, 3.0)), ("b", text(3.0, 1.0, 4.0))],
        ),
        (flag, vec![("a", bm25(3.0, 2.0, 1.0, 1.0, 1.0)), ("d", bm25(3.0, 2.0, 1.0, 1.0, 1.0))]),
        (any(vec![term("text", "dog"), term("text", "lazy")], 1), vec![("d", 2.0 * text(1.0, 1.0, 5.0))]),
        (dis_max, vec![("d", 1.25 * text(1.0, 1.0, 5.0))]),
        (boosting, vec![("d", 1.0), ("a", 0.25), ("b", 0.25), ("c", 0.25), ("e", 0.25)]),
        (Query::ConstantScore { query: Box::new(term("text", "dog")), score: 3.5 }, vec![("d", 3.5)]),
        (Query::Bool(BoolQuery { filter: vec![term("text", "dog")], ..BoolQuery::default() }), vec![("d", 0.0)]),
        (
            phrase(&[(0, "lazy"), (1, "dog")], 1),
            vec![("d", {
                let idf = |with: f64| (1.0 + (4.0 - with + 0.5) / (with + 0.5)).ln();
                2.0 * idf(1.0) * 0.5 / (0.5 + 1.2 * (0.25 + 0.75 * 5.0 / 3.5))
            })],
        ),
        (nested(boost(range("kids.n", Bound::Unbounded, Bound::Included(5)), 2.0)), vec![("b", 2.0), ("c", 2.0)]),
    ];
    for (query, expected) in cases {
        let found = scores(query.clone());
        assert_eq!(found.len(), expected.len(), "{query:?} {found:?}");
        for ((id, score), (expected_id, expected)) in found.iter().zip(&expected) {
            assert!(
                id == expected_id && (score - expected).abs() <= 1e-6 * expected,
                "{query:?}: {found:?} {expected}"
            );
        }
    }
}

fn by_field(field: &str, ty: SortType, mode: SortMode, descending: bool, missing: Missing) -> SortKey {
    let sort = FieldSort { field: field.into(), mode, missing, nested: None, unmapped: None, ty };
    SortKey { by: SortBy::Field(sort), descending }
}

#[test]
fn sorts_show_their_values_and_page() {
    let indices = indices();
    let by_n = |mode, descending, missing| by_field("n", SortType::Long, mode, descending, missing);
    let by_tag = |descending, missing| {
        let mode = if descending { SortMode::Max } else { SortMode::Min };
        by_field("tag", SortType::Keyword, mode, descending, missing)
    };
    let big = 9007199254740993i64;
    let by_kids = || {
        let mut key = by_field("kids.n", SortType::Long, SortMode::Max, true, Missing::Last);
        if let SortBy::Field(sort) = &mut key.by {
            sort.nested =
                Some(shardscript::plan::node::NestedSort { path: "kids".into(), filter: Some(term("kids.name", "k")) });
        }
        key
    };
    let cases = [
        (vec![by_n(SortMode::Min, false, Missing::Last)], "dabec", json!([-4, 1, 2, big, i64::MAX])),
        (vec![by_n(SortMode::Max, true, Missing::First)], "ceabd", json!([i64::MAX, big, 3, 2, -4])),
        (vec![by_n(SortMode::Avg, false, Missing::Value(Value::I64(2)))], "dabce", json!([-4, 2, 2, 2, big])),
        (vec![by_tag(false, Missing::Last)], "acbde", json!(["Y", "xyz", "y", null, null])),
        (vec![by_tag(true, Missing::First)], "debca", json!([null, null, "y", "xyz", "x"])),
        (vec![by_tag(false, Missing::Value(Value::Str("xz".into())))], "acdeb", json!(["Y", "xyz", "xz", "xz", "y"])),
        (vec![by_kids()], "cbade", json!([2, 1, i64::MIN, i64::MIN, i64::MIN])),
    ];
    for (sort, expected, values) in cases {
        for size in 1..6 {
            let mut plan = plan(Query::MatchAll, sort.clone());
            (plan.fragment.top_hits.size, plan.coordinator.size) = (size, size);
            let answer = run(&indices, &plan);
            assert_eq!(ids(&answer), expected[..size], "{sort:?}");
            assert_eq!(answer["hits"]["total"], json!({"value": 5, "relation": "eq"}));
            for (hit, value) in answer["hits"]["hits"].as_array().unwrap().iter().zip(values.as_array().unwrap()) {
                assert_eq!((&hit["sort"][0], &hit["_score"]), (value, &Json::Null), "{sort:?}");
            }
        }
        // After the second hit come those with other keys.
        let mut plan = plan(Query::MatchAll, sort.clone());
        let after = match &values[1] {
            Json::String(text) => Value::Str(text.clone()),
            Json::Null => Value::Null,
            number => Value::I64(number.as_i64().unwrap()),
        };
        plan.fragment.top_hits.search_after = Some(vec![after]);
        let rest: String = expected
            .chars()
            .zip(values.as_array().unwrap())
            .skip(2)
            .filter(|(_, v)| **v != values[1])
            .map(|(c, _)| c)
            .collect();
        assert_eq!(ids(&run(&indices, &plan)), rest, "{sort:?}");
    }
}

#[test]
fn hits_show_what_is_asked_for() {
    let indices = indices();
    let mut plan = plan(term("text", "fox"), Vec::new());
    plan.fragment.fetch.source =
        Some(SourceFilter { includes: vec!["kids.name".into(), "ok".into()], excludes: vec![] });
    plan.fragment.post_filters = vec![Predicate::Query(Query::Exists { fields: vec!["tag".into()] })];
    plan.coordinator.track_total_hits = TrackTotalHits::UpTo(1);
    let answer = run(&indices, &plan);
    assert_eq!(answer["hits"]["total"], json!({"value": 1, "relation": "gte"}));
    let sources: Vec<_> = answer["hits"]["hits"].as_array().unwrap().iter().map(|hit| &hit["_source"]).collect();
    assert_eq!(sources, [&json!({"kids": [{"name": "k"}, {"name": "l"}]}), &json!({"ok": true})]);
    plan.fragment.timeout_ms = Some(0);
    let answer = run(&indices, &plan);
    assert_eq!((&answer["timed_out"], &answer["hits"]["max_score"]), (&json!(true), &Json::Null));
}
