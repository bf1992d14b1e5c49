//! Tests of one column that classes of its values answer: once the column is read often, the answer is that of before.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::{Planner, Request};

/// More than are looked at before classes are.
const DOCS: u64 = 9_000;

fn index() -> Index {
    let mapping = json!({"properties": {"place": {"type": "geo_point"}, "all": {"type": "geo_point"},
        "number": {"type": "double"}, "same": {"type": "double"}}});
    let random =
        |i: u64, n: u64| ((i * 4 + n + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as f64 / (1u64 << 24) as f64;
    let mut docs = String::new();
    for i in 0..DOCS {
        let place = |n| json!({"lat": random(i, n) * 160.0 - 80.0, "lon": random(i + 1, n) * 360.0 - 180.0});
        let mut doc = json!({"all": place(0), "number": random(i, 1) * 50.0, "same": 7});
        match i % 10 {
            0 => {}
            1 => doc["place"] = json!([place(2), place(3)]),
            _ => doc["place"] = place(2),
        }
        docs.push_str(&format!("{doc}\n"));
    }
    let options = BuildOptions::default();
    Index::build(read_mapping(&mapping).unwrap(), docs.as_bytes(), &options, &mut |_, _| {}).unwrap().0
}

fn answer(index: &Index, source: &str) -> Json {
    let body = json!({"query": {"bool": {"filter": {"script": {"script": {"source": source}}}}},
        "track_total_hits": true, "size": 3000, "_source": false});
    match Planner::default().search(Request::new(body.to_string().as_bytes(), 0), index) {
        Ok(response) => serde_json::from_slice::<Json>(&response.body).unwrap()["hits"].clone(),
        Err(e) => e.to_json(),
    }
}

#[test]
fn classes_answer_as_the_test_itself() {
    let near = "arcDistance(48.0, 11.0) < 3000000";
    for (source, fails) in [
        (format!("doc['all'].{near}"), false),
        (format!("doc['place'].size() > 0 && doc['place'].{near}"), false),
        (format!("doc['place'].size() == 0 || !(doc['place'].{near})"), false),
        (format!("doc['place'].{near}"), true),
        ("Math.sin(doc['number'].value) > 0.5".into(), false),
        ("Math.log(doc['number'].value) * Math.sin(doc['number'].value) > 1".into(), false),
        ("Math.sin(doc['same'].value) > 0.5".into(), false),
    ] {
        let index = index();
        let first = answer(&index, &source);
        assert_eq!(first.get("total").is_none(), fails, "{first}");
        for _ in 0..4 {
            assert_eq!(answer(&index, &source), first, "{source}");
        }
        if !fails {
            let without = answer(&index, &format!("!({source})"));
            let total = |answer: &Json| answer["total"]["value"].as_u64().unwrap();
            assert_eq!(total(&first) + total(&without), DOCS, "{source}");
        }
    }
}
