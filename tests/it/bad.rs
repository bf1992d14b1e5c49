//! Wrong bodies and scripts, and what is said about each: read the snapshots as a user would.
//!
//! `fixtures/bad/GROUP.ndjson` holds `{"name", "body"}`, or `"text"` for what is no JSON, `"nest"` for
//! so many brackets, and `"url"` where it matters.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value as Json;
use shardscript::dsl::mapping::read_mapping;
use shardscript::{Error, Place, Planner, Request};

#[test]
fn each_message_says_what_where_and_the_way_out() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");
    let read = |path: &str| std::fs::read_to_string(format!("{fixtures}/{path}")).unwrap();
    let mapping = read_mapping(&serde_json::from_str(&read("data/products.mapping.json")).unwrap()).unwrap();
    let (mut kinds, mut wrong) = (BTreeMap::new(), String::new());
    for group in ["json", "body", "sort", "query", "script"] {
        let mut page = String::new();
        for line in read(&format!("bad/{group}.ndjson")).lines() {
            let case: Json = serde_json::from_str(line).unwrap();
            let text = match (&case["text"], case["nest"].as_u64()) {
                (Json::String(text), _) => text.clone(),
                (_, Some(levels)) => "[".repeat(levels as usize),
                _ => case["body"].to_string(),
            };
            let request = Request { body: text.as_bytes(), url: case["url"].as_str().unwrap_or_default(), now_ms: 0 };
            let name = case["name"].as_str().unwrap();
            let Err(error) = Planner::default().plan(request, &mapping) else {
                writeln!(wrong, "{group}/{name} is accepted").unwrap();
                continue;
            };
            let shown: String = text.chars().take(200).collect();
            writeln!(page, "== {name}  {}{shown}\n{error}\n", request.url).unwrap();
            if let Some(other) = kinds.insert(kind(&error), name.to_owned()) {
                writeln!(wrong, "{group}/{name} is of the same kind as {other}: {:?}", kind(&error)).unwrap();
            }
            if error.reason().is_empty() || error.reason().ends_with('.') || error.found_at().is_none() {
                writeln!(wrong, "{group}/{name} lacks a reason or a place: {error}").unwrap();
            }
        }
        insta::with_settings!({ snapshot_suffix => group, prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!("bad", page);
        });
    }
    assert!(wrong.is_empty() && kinds.len() >= 60, "{} kinds\n{wrong}", kinds.len());
}

/// The code and where it stands, without what differs from body to body: positions in lists and texts.
fn kind(error: &Error) -> (String, String) {
    let path = |path: &str| {
        let mut out = String::new();
        let mut in_brackets = false;
        for c in path.chars() {
            in_brackets = (in_brackets || c == '[') && c != ']';
            if !in_brackets || c == '[' {
                out.push(c);
            }
        }
        out
    };
    let place = match error.found_at() {
        None => String::new(),
        Some(Place::Path(p)) => path(p),
        Some(Place::Text { .. }) => "text".to_owned(),
        Some(Place::Row(row)) => format!("row {row}"),
        Some(Place::Script(script)) => format!("{} {}", path(script.path.as_deref().unwrap_or("")), script.lang),
    };
    (error.code().to_string(), place)
}
