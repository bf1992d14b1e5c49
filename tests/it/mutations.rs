//! Mutated real bodies: planning answers or refuses, it never panics.
//!
//! Bodies of the fixtures, and of recorded answers under `$SHARDSCRIPT_SHARED/oracle/answers` where that is set. The
//! number of cases comes from `PROPTEST_CASES`.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Map, Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::plan::mapping::Mapping;
use shardscript::{Code, Planner, Request};

/// Values that readers may not expect.
fn odd_values() -> Vec<Json> {
    vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("a"),
        json!("\u{202e}\u{0}é"),
        json!("2024-02-30||/d"),
        json!("doc['price'].value"),
        json!("1 +"),
        json!("*"),
        json!([]),
        json!({}),
        json!([null]),
        json!({"query": {}}),
        json!([[[]]]),
        json!({"source": "_score"}),
        json!("NaN"),
        json!("9".repeat(40)),
        json!("price"),
        json!("variants"),
        json!("-0"),
        json!("<>%[]()'\"\\"),
    ]
}

/// One change of a body.
#[derive(Clone, Debug)]
enum Change {
    /// Puts an odd value at a place.
    Replace { at: usize, value: usize },
    /// Leaves a key or element out.
    Remove { at: usize },
    /// Gives a key another key's name.
    Rename { at: usize, from: usize },
    /// Puts a copy of one part at the place of another.
    Graft { at: usize, from: usize },
    /// Wraps a part into a list or an object.
    Wrap { at: usize, list: bool },
    /// Cuts a string at a byte, or puts a character there.
    Text { at: usize, position: usize, insert: Option<char> },
}

fn change() -> impl Strategy<Value = Change> {
    let n = || any::<usize>();
    prop_oneof![
        3 => (n(), n()).prop_map(|(at, value)| Change::Replace { at, value }),
        1 => n().prop_map(|at| Change::Remove { at }),
        1 => (n(), n()).prop_map(|(at, from)| Change::Rename { at, from }),
        2 => (n(), n()).prop_map(|(at, from)| Change::Graft { at, from }),
        1 => (n(), any::<bool>()).prop_map(|(at, list)| Change::Wrap { at, list }),
        3 => (n(), n(), proptest::option::of(any::<char>()))
            .prop_map(|(at, position, insert)| Change::Text { at, position, insert }),
    ]
}

/// Calls `visit` with every value of a body, outermost first.
fn walk<'a>(json: &'a Json, visit: &mut impl FnMut(&'a Json)) {
    visit(json);
    match json {
        Json::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        Json::Object(entries) => entries.values().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

/// Applies `edit` to value number `at` of a body.
fn edit_at(json: &mut Json, at: &mut usize, edit: &mut dyn FnMut(&mut Json)) {
    if *at == 0 {
        edit(json);
    }
    *at = at.wrapping_sub(1);
    match json {
        Json::Array(items) => items.iter_mut().for_each(|item| edit_at(item, at, edit)),
        Json::Object(entries) => entries.values_mut().for_each(|item| edit_at(item, at, edit)),
        _ => {}
    }
}

fn apply(body: &mut Json, change: &Change) {
    let mut parts: Vec<Json> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    walk(body, &mut |part| {
        parts.push(part.clone());
        names.extend(part.as_object().into_iter().flat_map(Map::keys).cloned());
    });
    let count = parts.len();
    let mut edit = |at: usize, edit: &mut dyn FnMut(&mut Json)| edit_at(body, &mut (at % count), edit);
    match change {
        Change::Replace { at, value } => {
            let odd = odd_values();
            edit(*at, &mut |part| *part = odd[value % odd.len()].clone());
        }
        Change::Remove { at } => edit(*at, &mut |part| match part {
            Json::Array(items) => drop(items.pop()),
            Json::Object(entries) => {
                let key = entries.keys().next_back().cloned();
                key.and_then(|key| entries.remove(&key));
            }
            other => *other = Json::Null,
        }),
        Change::Rename { at, from } => edit(*at, &mut |part| {
            if let (Json::Object(entries), false) = (part, names.is_empty())
                && let Some(key) = entries.keys().next().cloned()
            {
                let value = entries.remove(&key).unwrap_or_default();
                entries.insert(names[from % names.len()].clone(), value);
            }
        }),
        Change::Graft { at, from } => edit(*at, &mut |part| *part = parts[from % count].clone()),
        Change::Wrap { at, list } => edit(*at, &mut |part| {
            let inner = part.take();
            *part = if *list { json!([inner]) } else { json!({"query": inner}) };
        }),
        Change::Text { at, position, insert } => edit(*at, &mut |part| {
            if let Json::String(text) = part {
                let mut chars: Vec<char> = text.chars().collect();
                let position = position % (chars.len() + 1);
                match insert {
                    Some(c) => chars.insert(position, *c),
                    None => chars.truncate(position),
                }
                *text = chars.into_iter().collect();
            }
        }),
    }
}

/// Every body of an NDJSON file.
fn bodies(path: &Path, into: &mut Vec<Json>) {
    for line in std::fs::read_to_string(path).unwrap().lines() {
        // Bodies of a megabyte (65,536 terms) would take all the time there is.
        if let Ok(mut case) = serde_json::from_str::<Json>(line)
            && line.len() < 20_000
            && case["body"].is_object()
        {
            into.push(case["body"].take());
        }
    }
}

fn corpus() -> Vec<Json> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut folders = vec![fixtures.join("bad"), fixtures.join("conformance"), fixtures.join("queries")];
    folders.extend(std::env::var_os("SHARDSCRIPT_SHARED").map(|shared| PathBuf::from(shared).join("oracle/answers")));
    let mut out = Vec::new();
    for folder in folders {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths.iter().filter(|path| path.extension().is_some_and(|ext| ext == "ndjson")) {
            bodies(path, &mut out);
        }
    }
    out
}

fn products() -> Mapping {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/data/products.mapping.json");
    read_mapping(&serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()).unwrap()
}

#[test]
fn mutated_bodies_are_planned_or_refused() {
    let (corpus, mapping) = (corpus(), products());
    let cases = Config { failure_persistence: None, ..Config::default() };
    let (all, parsed) = (Cell::new(0), Cell::new(0));
    let strategy = (any::<prop::sample::Index>(), proptest::collection::vec(change(), 1..4), any::<Option<u8>>());
    TestRunner::new(cases)
        .run(&strategy, |(body, changes, cut)| {
            let mut body = body.get(&corpus).clone();
            for change in &changes {
                apply(&mut body, change);
            }
            let mut text = body.to_string().into_bytes();
            if let Some(cut) = cut.filter(|cut| *cut < 32) {
                let at = usize::from(cut) * text.len() / 32;
                text[at] = cut;
            }
            let planned = Planner::default().plan(Request::new(&text, 1_700_000_000_000), &mapping);
            all.set(all.get() + 1);
            if planned.map_or_else(|e| !matches!(e.code(), Code::InvalidJson | Code::DuplicateKey), |_| true) {
                parsed.set(parsed.get() + 1);
            }
            Ok(())
        })
        .unwrap();
    let (all, parsed) = (all.get(), parsed.get());
    assert!(parsed * 2 >= all, "{parsed} of {all} bodies still parse");
}
