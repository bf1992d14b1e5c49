//! Searches that come again, with the same parameters or others, one after the other or at once: what is kept of them does not
//! show in any answer.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::thread;

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::{Planner, Request};

const DOCS: u64 = 12_000;

/// How many threads search, and how often each request comes.
const THREADS: usize = 4;
const TIMES: usize = 6;

fn index() -> Index {
    let mapping = json!({"properties": {"text": {"type": "text"}, "word": {"type": "keyword"}, "a": {"type": "double"},
        "b": {"type": "long"}, "place": {"type": "geo_point"}}});
    let random = |i: u64, n: u64| (i * 4 + n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40;
    let docs = (0..DOCS).map(|i| {
        let place = json!({"lat": random(i, 2) % 160 - random(i, 2) % 80, "lon": random(i, 3) % 170});
        let text = ["red", "red blue", "blue"][i as usize % 3];
        json!({"text": text, "word": format!("w{}", i % 11),
            "a": random(i, 0) as f64 / 1000.0, "b": random(i, 1) % 500, "place": place})
    });
    let docs: String = docs.map(|doc| format!("{doc}\n")).collect();
    let options = BuildOptions { shards: 2, flush_every: Some(4_000), ..BuildOptions::default() };
    Index::build(read_mapping(&mapping).unwrap(), docs.as_bytes(), &options, &mut |_, _| {}).unwrap().0
}

fn bodies() -> Vec<Json> {
    let red = json!({"match": {"text": "red"}});
    let score = |source: &str, p: f64| json!({"script_score": {"query": red, "script": {"source": source, "params": {"p": p}}}});
    let filter = |source: &str, p: f64| json!({"bool": {"filter": {"script": {"script": {"source": source, "params": {"p": p}}}}}});
    let with = |p: f64| {
        let by = json!([{"_script": {"type": "number", "order": "desc",
            "script": {"source": "Math.log(1 + doc['a'].value) * doc['b'].value - params.p", "params": {"p": p}}}}]);
        [
            json!({"query": score("_score * doc['a'].value / (params.p + doc['b'].value)", p)}),
            json!({"query": score("_score * Math.log(params.p + doc['a'].value) / (1 + doc['b'].value)", p)}),
            json!({"query": score("doc['word'].value.length() * params.p + Math.sqrt(doc['b'].value)", p)}),
            json!({"query": filter("doc['place'].arcDistance(10, params.p) < 2000000", p), "track_total_hits": true}),
            json!({"query": filter("doc['word'].value.endsWith('1') && doc['b'].value > params.p", p)}),
            json!({"query": red, "sort": by}),
        ]
    };
    [1.0, 2.5, 40.0].into_iter().flat_map(with).collect()
}

fn answer(index: &Index, body: &Json) -> Json {
    let response = Planner::default().search(Request::new(body.to_string().as_bytes(), 0), index).unwrap();
    serde_json::from_slice::<Json>(&response.body).unwrap()["hits"].clone()
}

#[test]
fn searches_that_come_again_give_the_same_answer() {
    let (index, fresh, bodies) = (index(), index(), bodies());
    let first: Vec<Json> = bodies.iter().map(|body| answer(&fresh, body)).collect();
    thread::scope(|scope| {
        for thread in 0..THREADS {
            let (index, bodies, first) = (&index, &bodies, &first);
            scope.spawn(move || {
                for turn in 0..TIMES * bodies.len() {
                    let at = (turn * (thread + 1)) % bodies.len();
                    assert_eq!(answer(index, &bodies[at]), first[at], "{}", bodies[at]);
                }
            });
        }
    });
}
