//! A script that sees many documents of a segment is compiled for it; one that sees few is not. The answers are the same.

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::pushdown::rule::Switches;
use shardscript::{Planner, Request};

const DOCUMENTS: u32 = 6_000;

/// The same documents, in one segment or in several small ones.
fn index(flush_every: Option<usize>) -> Index {
    let mapping = json!({"properties": {
        "full": {"type": "double"}, "some": {"type": "double"}, "one": {"type": "long"}, "many": {"type": "long"},
        "flag": {"type": "boolean"}, "late": {"type": "long"},
    }});
    let document = |i: u32| {
        let mut doc = json!({"full": f64::from(i * 7919 % 1000) / 8.0 + 1.0, "one": i * 31 % 50, "flag": true,
            "many": (0..i % 4).map(|n| n * i % 17).collect::<Vec<_>>()});
        if !i.is_multiple_of(3) {
            doc["some"] = json!(f64::from(i % 100) - 50.0);
        }
        if i > 5_500 {
            doc["late"] = json!(i);
        }
        format!("{doc}\n")
    };
    let docs: String = (0..DOCUMENTS).map(document).collect();
    let options = BuildOptions { flush_every, ..BuildOptions::default() };
    let (index, report) =
        Index::build(read_mapping(&mapping).unwrap(), docs.as_bytes(), &options, &mut |_, _| {}).unwrap();
    assert!(report.rejected.is_empty(), "{:?}", report.rejected);
    index
}

fn answer(planner: &Planner, index: &Index, body: &str) -> Json {
    match planner.search(Request::new(body.as_bytes(), 0), index) {
        Ok(response) => {
            let mut body: Json = serde_json::from_slice(&response.body).unwrap();
            body["took"].take();
            body
        }
        Err(error) => error.to_json(),
    }
}

#[test]
fn answers_are_those_of_any_segment() {
    let (one, several) = (index(None), index(Some(1_000)));
    let planner = Planner { switches: Switches::without(&["skip_zones"]).unwrap(), ..Planner::default() };
    let scores = [
        "doc['full'].value * 2 + doc['one'].value",
        "doc['full'].value < 0 ? 1 / 0 : Math.abs(doc['full'].value)",
        "doc['some'].size() == 0 ? 2.5 : Math.abs(doc['some'].value)",
        "Math.max(doc['full'].value, 0.5) / 4 + Math.pow(doc['one'].value, 2)",
        "doc['one'].size() == 0 || doc['one'].value < 0 ? doc['late'].value : doc['one'].value % 7",
        "doc['many'].size() == 0 ? 1 : doc['many'].value + doc['many'].size()",
        "doc['flag'].value ? doc['one'].value : doc['late'].value",
        "doc['late'].value",
        "doc['one'].value / (doc['one'].value - 49) + 100",
    ];
    for source in scores {
        let script = json!({"source": source});
        let scored = json!({"script_score": {"query": {"match_all": {}}, "script": script}});
        let sorted = json!([{"_script": {"type": "number", "order": "desc", "script": script}}]);
        let filter = json!({"script": {"script": {"source": format!("({source}) >= 3")}}});
        for body in [
            json!({"query": scored, "size": DOCUMENTS, "_source": false}),
            json!({"sort": sorted, "size": DOCUMENTS, "_source": false}),
            json!({"query": {"bool": {"filter": filter}}, "size": 10, "track_total_hits": true, "_source": false}),
        ] {
            let body = body.to_string();
            let found = answer(&planner, &one, &body);
            assert!(found == answer(&planner, &several, &body), "{body}");
            assert!(found["hits"]["total"]["value"] != json!(0), "{body} finds nothing");
        }
    }
}
