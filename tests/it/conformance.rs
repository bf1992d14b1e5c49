//! Recorded answers of a real OpenSearch, compared; prints a table by group.
//!
//! The cases over `products`, `quakes` and `forum` are in `fixtures/`. Those over `movies`, and every recorded answer
//! that is not among the fixtures, are read where `SHARDSCRIPT_SHARED` names the folder that holds them.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::Deserialize;
use serde_json::Value as Json;
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::cluster::search;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::udf::Udfs;
use shardscript::{Planner, Request};

use crate::compare::difference;

const GROUPS: &[&str] = &["query", "script", "body", "bad"];

#[test]
fn recorded_answers_over_the_fixtures() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let cases = GROUPS.iter().flat_map(|group| lines(&root.join(format!("conformance/{group}.ndjson"))));
    compare_all(cases.collect(), &root.join("data"));
}

#[test]
fn recorded_answers_over_movies() {
    let Ok(shared) = std::env::var("SHARDSCRIPT_SHARED") else {
        println!("passed over: SHARDSCRIPT_SHARED does not name a folder with the recorded answers");
        return;
    };
    let oracle = PathBuf::from(shared).join("oracle");
    let ids = std::fs::read_to_string(oracle.join("lists/thin-line.txt")).expect("a list of ids");
    let ids: HashSet<&str> = ids.lines().collect();
    let cases = GROUPS.iter().flat_map(|group| lines(&oracle.join(format!("answers/{group}.ndjson"))));
    let cases =
        cases.filter(|case| case["index"] == "movies" && case["id"].as_str().is_some_and(|id| ids.contains(id)));
    compare_all(cases.collect(), &oracle.join("data"));
}

fn lines(path: &Path) -> Vec<Json> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines().map(json).collect()
}

/// Some cases are nested more deeply than the parser allows by itself.
fn json(line: &str) -> Json {
    let mut parser = serde_json::Deserializer::from_str(line);
    parser.disable_recursion_limit();
    Json::deserialize(&mut parser).expect("a case is JSON")
}

/// The ids of deliberate differences, each with its reason.
fn deliberate() -> HashMap<String, String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/differences.txt");
    let text = std::fs::read_to_string(path).expect("the list of deliberate differences");
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (id, reason) = line.split_once(": ").expect("a line is `id: reason`");
            (id.to_owned(), reason.to_owned())
        })
        .collect()
}

fn compare_all(cases: Vec<Json>, data: &Path) {
    let deliberate = deliberate();
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_millis() as i64;
    let mut indices: HashMap<String, Index> = HashMap::new();
    let mut table: BTreeMap<String, (usize, usize)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for case in cases {
        let id = case["id"].as_str().expect("a case has an id");
        let name = case["index"].as_str().expect("a case has an index");
        let index = indices.entry(name.to_owned()).or_insert_with(|| load(data, name));
        let row = table.entry(id.split('/').take(2).collect::<Vec<_>>().join("/")).or_default();
        row.1 += 1;
        match verdict(&case, index, now_ms) {
            None => row.0 += 1,
            Some(_) if deliberate.contains_key(id) => {}
            Some(difference) => wrong.push(format!("{id}: {difference}")),
        }
    }
    for (group, (right, all)) in &table {
        println!("{right:5} of {all:5}  {group}");
    }
    assert!(!table.is_empty(), "no case was found");
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

fn load(data: &Path, name: &str) -> Index {
    let mapping = std::fs::read_to_string(data.join(format!("{name}.mapping.json"))).expect("a mapping");
    let mapping = read_mapping(&serde_json::from_str(&mapping).expect("a mapping is JSON")).expect("a right mapping");
    let docs = std::fs::read(data.join(format!("{name}.ndjson"))).expect("documents");
    let options = BuildOptions { name: name.to_owned(), ..BuildOptions::default() };
    let (index, report) = Index::build(mapping, &docs, &options, &mut |_, _| {}).expect("an index in memory");
    assert!(report.rejected.is_empty(), "{name}: {:?}", report.rejected);
    index
}

/// What differs, or `None`. A request that OpenSearch refuses must be refused, with a type and a reason.
fn verdict(case: &Json, index: &Index, now_ms: i64) -> Option<String> {
    let body = case["body"].to_string();
    let url = case["url"].as_str().unwrap_or("");
    let request = Request { body: body.as_bytes(), url, now_ms };
    let answer =
        Planner::default().plan(request, index.mapping()).and_then(|plan| search(index, &plan, &Udfs::default()));
    match answer {
        Ok(_) if case["status"] != 200 => {
            Some(format!("refused as {} by OpenSearch", case["response"]["error"]["reason"]))
        }
        Ok(response) => {
            let got: Json = serde_json::from_slice(&response.body).expect("an answer is JSON");
            difference(&case["response"], &got)
        }
        Err(e) if case["status"] == 200 => Some(format!("an answer expected, found {e}")),
        Err(e) => (e.reason().is_empty()).then(|| "an error without a reason".to_owned()),
    }
}
