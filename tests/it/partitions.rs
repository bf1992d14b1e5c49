//! Every document is in one part of each partition of a query: those for which a predicate is true, those for which it is
//! false, and those for which it is undecided, since a value is missing (ternary logic partitioning).

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::{Planner, Request};

use crate::random;

/// A predicate over a value `{x}` of a field `{f}`.
const NUMBERS: &[&str] = &[
    "{x} > params.a",
    "{x} * 1.2 <= params.a",
    "{x} / 4.0 < params.b",
    "params.a < {x} && {x} < params.b",
    "{x} < params.a || {x} * 2 == params.b",
    "Math.log(2 + Math.abs({x})) > params.b",
    "{x} % 3 == 1",
    "({x} - params.a) * ({x} - params.b) > 0",
];

/// The same of strings.
const STRINGS: &[&str] =
    &["{x} == 'a'", "{x}.length() > 1", "{x}.endsWith('e') || {x}.startsWith('b')", "{x}.substring(0, 1) == 's'"];

fn predicate() -> impl Strategy<Value = (String, String)> {
    let of = |fields: &'static [&'static str], predicates: &'static [&'static str]| {
        (prop::sample::select(fields), prop::sample::select(predicates))
    };
    prop_oneof![of(&["views", "stock", "price"], NUMBERS), of(&["tag"], STRINGS)]
        .prop_map(|(field, predicate)| (field.to_owned(), predicate.replace("{x}", &format!("doc['{field}'].value"))))
}

/// How many documents match all of some queries, and their ids.
fn ids(index: &Index, filters: &[&Json]) -> Result<Vec<String>, String> {
    let body =
        json!({"query": {"bool": {"filter": filters}}, "size": 10_000, "_source": false, "track_total_hits": true});
    let answer = Planner::default().search(Request::new(body.to_string().as_bytes(), 0), index);
    let answer: Json = serde_json::from_slice(&answer.map_err(|e| e.to_string())?.body).expect("an answer is JSON");
    let hits = answer["hits"]["hits"].as_array().expect("hits are an array");
    let mut ids: Vec<_> = hits.iter().map(|hit| hit["_id"].as_str().unwrap_or("").to_owned()).collect();
    ids.sort_unstable();
    if answer["hits"]["total"]["value"] == ids.len() { Ok(ids) } else { Err(format!("{} hits, {answer}", ids.len())) }
}

#[test]
fn a_predicate_parts_the_matches_of_a_query() {
    let mapping = read_mapping(&random::mapping()).expect("the mapping is right");
    let cases = Config::default().cases.div_ceil(4);
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let documents = prop::collection::vec(random::document(), 1..80);
    let constants = (0..60i64, -20..200i32);
    let cases = (documents, prop::collection::vec((predicate(), constants, random::query()), 8), any::<bool>());
    let result = runner.run(&cases, |(documents, requests, segments)| {
        let lines: String = documents.iter().map(|d| format!("{d}\n")).collect();
        let options = BuildOptions { shards: 2, flush_every: segments.then_some(9), ..BuildOptions::default() };
        let (index, _) = Index::build(mapping.clone(), lines.as_bytes(), &options, &mut |_, _| {}).expect("an index");
        for ((field, predicate), (a, b), query) in requests {
            let params = json!({"a": a, "b": f64::from(b) / 8.0});
            let script = |source: String| json!({"script": {"script": {"source": source, "params": params}}});
            let guard = format!("doc['{field}'].size() > 0");
            let all = ids(&index, &[&query]);
            let Ok(all) = all else { continue };
            let part = |source: String| ids(&index, &[&query, &script(source)]).map_err(TestCaseError::fail);
            let holds = part(format!("{guard} && ({predicate})"))?;
            let fails = part(format!("{guard} && !({predicate})"))?;
            let undecided = part(format!("!({guard})"))?;
            let mut parts = [holds.clone(), fails, undecided.clone()].concat();
            parts.sort_unstable();
            prop_assert_eq!(&parts, &all, "{} {} {}", predicate, params, query);
            // Without the guard a document that is undecided fails the request, and only such a one.
            let bare = ids(&index, &[&query, &script(predicate.clone())]);
            prop_assert_eq!(bare.ok(), undecided.is_empty().then_some(holds), "{} {} {}", predicate, params, query);
        }
        Ok(())
    });
    if let Err(e) = result {
        panic!("{e}");
    }
}
