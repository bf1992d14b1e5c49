//! Deployed UDFs through the library: what other handles deploy is seen, versions are swapped under searches, plans keep
//! theirs.

use std::path::Path;

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::cluster;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::udf::{Deployment, Outcome, Source, Udfs};
use shardscript::{Code, Planner, Request};

/// The value of `price` as the score, boosted.
const BODY: &[u8] = br#"{"query": {"script_score": {"query": {"match_all": {}},
    "script": {"source": "custom_score(doc['price'].value, params.boost)", "params": {"boost": 3}}}}, "size": 20}"#;

fn index() -> Index {
    let mapping = read_mapping(&json!({"properties": {"price": {"type": "double"}}})).unwrap();
    let docs: String = (0..2_000).map(|i| format!("{{\"_id\": \"{i}\", \"price\": {i}}}\n")).collect();
    Index::build(mapping, docs.as_bytes(), &BuildOptions::default(), &mut |_, _| {}).unwrap().0
}

/// `custom_score` multiplies with the boost, its second version with 1 + boost / 2.
fn custom_score(version: u32) -> Deployment {
    let file = ["custom_score.wasm", "custom_score_2.wasm"][version as usize - 1];
    let module = std::fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/udfs").join(file)).unwrap();
    Deployment {
        name: "custom_score".to_owned(),
        source: Source::Wasm { module, export: None },
        args: None,
        returns: None,
        nulls: None,
        bounds: None,
        deterministic: true,
    }
}

/// What the scores of an answer are, divided by the prices; they are all the same.
fn factor(body: &[u8]) -> f64 {
    let answer: Json = serde_json::from_slice(body).unwrap();
    let hits = answer["hits"]["hits"].as_array().unwrap();
    let factors = hits.iter().map(|hit| hit["_score"].as_f64().unwrap() / hit["_source"]["price"].as_f64().unwrap());
    let factors: Vec<_> = factors.collect();
    assert!(factors.len() == 20 && factors.iter().all(|factor| *factor == factors[0]), "{factors:?}");
    factors[0]
}

#[test]
fn a_search_sees_what_others_deployed() {
    let (dir, index) = (tempfile::tempdir().unwrap(), index());
    let udfs = Udfs::open(dir.path()).unwrap();
    let planner = Planner { udfs: udfs.clone(), ..Planner::default() };
    let search = || planner.search(Request::new(BODY, 0), &index);
    assert!(search().is_err());

    let other = Udfs::open(dir.path()).unwrap();
    assert_eq!(other.deploy(&custom_score(1)).unwrap().outcome, Outcome::New);
    assert_eq!(factor(&search().unwrap().body), 3.0);
    let plan = planner.plan(Request::new(BODY, 0), index.mapping()).unwrap();

    other.deploy(&custom_score(2)).unwrap();
    assert_eq!(factor(&search().unwrap().body), 2.5);
    other.rollback("custom_score", None).unwrap();
    assert_eq!(factor(&search().unwrap().body), 3.0);
    assert_eq!(udfs.versions("custom_score").unwrap().all.len(), 2);

    // A plan runs the version that it was made with, deleted or not, also in a process that has never loaded it.
    other.delete("custom_score", None).unwrap();
    assert_eq!(search().unwrap_err().code(), Code::ScriptCompile);
    for udfs in [&udfs, &Udfs::open(dir.path()).unwrap()] {
        let answer = cluster::search(&index, &plan, udfs).unwrap();
        assert_eq!(factor(&answer.body), 3.0);
        let metrics = &answer.metrics.udfs[0];
        assert_eq!((metrics.profile.to_string(), metrics.rows), ("custom_score@1".to_owned(), 2_000));
    }
    assert_eq!(cluster::search(&index, &plan, &Udfs::default()).unwrap_err().code(), Code::UnknownScript);
}

#[test]
fn versions_are_swapped_under_searches() {
    let (dir, index) = (tempfile::tempdir().unwrap(), index());
    let udfs = Udfs::create(dir.path()).unwrap();
    udfs.deploy(&custom_score(1)).unwrap();
    let planner = Planner { udfs: udfs.clone(), ..Planner::default() };
    std::thread::scope(|scope| {
        let swap = scope.spawn(|| {
            let other = Udfs::open(dir.path()).unwrap();
            for round in 0..12 {
                other.deploy(&custom_score(1 + (round + 1) % 2)).unwrap();
            }
        });
        let (mut seen, mut searches) = (Vec::new(), 0);
        while !swap.is_finished() || searches < 5 {
            let factor = factor(&planner.search(Request::new(BODY, 0), &index).unwrap().body);
            assert!([3.0, 2.5].contains(&factor), "{factor}");
            seen.push(factor);
            searches += 1;
        }
        swap.join().unwrap();
        assert!(!seen.is_empty());
    });
    assert_eq!(factor(&planner.search(Request::new(BODY, 0), &index).unwrap().body), 3.0);
}

#[test]
fn a_registry_that_is_damaged_later_leaves_what_was_seen() {
    let dir = tempfile::tempdir().unwrap();
    let udfs = Udfs::create(dir.path()).unwrap();
    udfs.deploy(&custom_score(1)).unwrap();
    assert!(udfs.catalog().find("custom_score").is_some());
    std::fs::write(dir.path().join("head.json"), "{").unwrap();
    assert!(udfs.catalog().find("custom_score").is_some());
    let e = Udfs::open(dir.path()).unwrap_err().to_string();
    assert!(e.contains("head.json is damaged"), "{e}");
    assert!(udfs.deploy(&custom_score(2)).unwrap_err().to_string().contains("head.json is damaged"));
}
