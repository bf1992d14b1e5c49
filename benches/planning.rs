//! Planning: from a body that is JSON already to the physical plan.
//!
//! A simple body is to take at most 20 microseconds.

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::dsl::request::SearchRequest;
use shardscript::plan::mapping::Mapping;
use shardscript::plan::script::scope::ScriptScope;
use shardscript::pushdown::plan_physical;
use shardscript::pushdown::rule::Switches;

fn mapping() -> Mapping {
    read_mapping(&json!({"properties": {
        "body": {"type": "text"}, "category": {"type": "keyword"}, "price": {"type": "double"}, "views": {"type": "long"},
        "created": {"type": "date"},
    }}))
    .expect("the mapping is right")
}

/// Bodies from simple to usual.
fn bodies() -> [(&'static str, Json); 4] {
    let matched = json!({"match": {"body": "lamp"}});
    [
        ("match", json!({"query": matched, "_source": false})),
        (
            "bool",
            json!({"query": {"bool": {"must": [matched], "filter": [{"term": {"category": "home"}}]}}, "size": 20}),
        ),
        (
            "script_score",
            json!({"query": {"script_score": {
                "query": matched, "script": {"source": "_score * doc['views'].value / (1 + doc['price'].value)"},
            }}}),
        ),
        (
            "function_score",
            json!({"query": {"function_score": {"query": matched, "functions": [
                {"filter": {"term": {"category": "home"}}, "weight": 2},
                {"gauss": {"created": {"origin": "2021-03-01", "scale": "20d"}}},
                {"field_value_factor": {"field": "views", "modifier": "log1p"}},
            ]}}}),
        ),
    ]
}

fn bench(criterion: &mut Criterion) {
    let mapping = mapping();
    let mut planning = criterion.benchmark_group("planning");
    for (name, body) in bodies() {
        planning.bench_function(name, |b| {
            b.iter(|| {
                let request = SearchRequest::read(&body, "").expect("the body is right");
                let logical = request.lower(ScriptScope::without_udfs(&mapping), 0).expect("the body fits the mapping");
                plan_physical(logical, &mapping, &Switches::default()).expect("the plan can be placed")
            });
        });
    }
    planning.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
