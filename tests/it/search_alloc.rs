//! A search allocates nothing per document: ten times the documents, as many allocations.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::{Planner, Request};

use crate::alloc::allocations;

fn index(documents: u32) -> Index {
    let mapping = json!({"properties": {
        "text": {"type": "text"}, "tag": {"type": "keyword"}, "n": {"type": "double"}, "m": {"type": "long"},
        "kids": {"type": "nested", "properties": {"n": {"type": "long"}}},
    }});
    let mut docs = String::new();
    for i in 0..documents {
        let word = ["red", "blue", "red blue red"][i as usize % 3];
        let many: Vec<_> = (0..i % 3).collect();
        let doc = json!({"text": word, "tag": format!("t{}", i % 7), "n": f64::from(i * 7919 % 1000) / 8.0, "m": many,
            "kids": [{"n": i % 5}]});
        docs.push_str(&doc.to_string());
        docs.push('\n');
    }
    let options = BuildOptions::default();
    let (index, report) =
        Index::build(read_mapping(&mapping).unwrap(), docs.as_bytes(), &options, &mut |_, _| {}).unwrap();
    assert!(report.rejected.is_empty(), "{:?}", report.rejected);
    index
}

fn bodies() -> Vec<Json> {
    let script_score = |query: Json, field: &str| {
        let source = format!("_score * (1 + doc['{field}'].value)");
        json!({"script_score": {"query": query, "script": {"source": source}}})
    };
    let filter = json!({"script": {"script": {"source": "doc['n'].value > 20 && doc['tag'].value == 't3'"}}});
    vec![
        json!({"query": {"match_all": {}}}),
        json!({"query": {"match": {"text": "red"}}}),
        json!({"query": script_score(json!({"match": {"text": "blue"}}), "n")}),
        json!({"query": {"bool": {"should": [{"match": {"text": "red"}}, filter], "must_not": {"term": {"tag": "t1"}}}}}),
        json!({"query": {"dis_max": {"queries": [{"match_phrase": {"text": "red blue"}}, {"range": {"m": {"gt": 0}}}]}}}),
        json!({"query": {"nested": {"path": "kids", "query": script_score(json!({"range": {"kids.n": {"gte": 2}}}), "kids.n")}}}),
        json!({"query": {"prefix": {"tag": "t"}}, "sort": [{"m": {"mode": "avg"}}, {"n": "desc"}], "post_filter": filter}),
        json!({"sort": [{"_script": {"type": "number", "script": {"source": "doc['n'].value * 2"}}}], "min_score": 0.5}),
        json!({"query": {"function_score": {"query": {"match": {"text": "red"}},
            "functions": [{"filter": {"exists": {"field": "m"}}, "weight": 2}, {"field_value_factor": {"field": "n"}}]}}}),
    ]
}

#[test]
fn a_search_allocates_nothing_per_document() {
    let (small, large) = (index(2_000), index(20_000));
    let planner = Planner::default();
    for body in bodies() {
        let body = body.to_string();
        let count = |index: &Index| {
            let run = || allocations(|| drop(planner.search(Request::new(body.as_bytes(), 0), index).unwrap()));
            // The first runs read columns and, where they are read often, unpack them.
            (0..12).fold(0, |_, _| run())
        };
        let (few, many) = (count(&small), count(&large));
        // The hits of a page may come in fewer or more steps; documents are 18,000 more.
        assert!(many < few + 300, "{body}: {few} allocations, then {many}");
    }
}
