//! The shape of the project: layers, doors of foreign crates, no forgotten file, fixtures for all that grows.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use shardscript::pushdown::pipeline;

/// Which rooms a room may name.
const LAYERS: &[(&str, &[&str])] =
    &[("dsl", &["plan"]), ("plan", &[]), ("pushdown", &["plan"]), ("exec", &["plan", "pushdown"])];

/// Where a foreign crate comes in.
const DOORS: &[(&str, &[&str])] = &[
    ("clap", &["src/bin/"]),
    ("datafusion_common", &["src/plan/", "src/pushdown/", "src/exec/kernel"]),
    ("datafusion_expr", &["src/plan/", "src/pushdown/", "src/exec/kernel"]),
    ("indicatif", &["src/bin/"]),
    ("petgraph", &["src/plan/graph.rs", "src/plan/check.rs", "src/pushdown/"]),
    ("postcard", &["src/pushdown/wire/"]),
    ("hmac", &["src/exec/udf/wasm/cache.rs"]),
    ("tantivy", &["src/exec/"]),
    ("wasm_encoder", &["src/exec/udf/wasm/"]),
    ("wasmi", &["src/exec/udf/wasm/interpreter.rs"]),
    ("wasmparser", &["src/exec/udf/wasm/"]),
    ("wasmtime", &["src/exec/udf/wasm/"]),
];

/// Lines that a file may have before it should be two.
const LONG: usize = 250;
const TOO_LONG: usize = 600;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder of the project, with their path from the root, sorted.
fn rust_files(folder: &str) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut open = vec![root().join(folder)];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(&path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                files.push((relative(&path), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    files.sort();
    files
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_str().unwrap().replace('\\', "/")
}

/// The code of a file that ships: without comments and without the tests at its end.
fn shipped_code(path: &str, text: &str) -> String {
    if path.ends_with("tests.rs") {
        return String::new();
    }
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// Whether a text names a word as a whole.
fn names(text: &str, word: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(word).any(|(at, _)| {
        !text[..at].chars().next_back().is_some_and(is_word)
            && !text[at + word.len()..].chars().next().is_some_and(is_word)
    })
}

#[test]
fn layers_hold() {
    let mut wrong = Vec::new();
    for (room, allowed) in LAYERS {
        for (path, text) in rust_files(&format!("src/{room}")) {
            let code = shipped_code(&path, &text);
            for (other, _) in LAYERS {
                if other != room && !allowed.contains(other) && code.contains(&format!("crate::{other}")) {
                    wrong.push(format!("{path} names crate::{other}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "the layers are dsl -> plan <- pushdown <- exec:\n{}", wrong.join("\n"));
}

#[test]
fn foreign_crates_come_in_by_their_doors() {
    let mut wrong = Vec::new();
    for (path, text) in rust_files("src") {
        let code = shipped_code(&path, &text);
        for (krate, doors) in DOORS {
            if !doors.iter().any(|door| path.starts_with(door)) && names(&code, &format!("{krate}::")) {
                wrong.push(format!("{path} names {krate}, which comes in by {}", doors.join(", ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_is_orphaned() {
    let mut reached = BTreeSet::new();
    let mut open: Vec<PathBuf> = vec![root().join("src/lib.rs"), root().join("tests/it/main.rs")];
    let mut files = rust_files("src");
    files.retain(|(path, _)| !path.starts_with("src/bin/"));
    files.extend(rust_files("tests"));
    open.extend(rust_files("src/bin").iter().map(|(path, _)| root().join(path)));
    while let Some(file) = open.pop() {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        if !reached.insert(relative(&file)) {
            continue;
        }
        let stem = file.file_stem().unwrap();
        let folder = file.parent().unwrap();
        let is_folder_root = ["lib", "main", "mod"].iter().any(|name| stem == *name);
        let children = if is_folder_root { folder.to_owned() } else { folder.join(stem) };
        for line in text.lines() {
            let line = line.trim_start();
            let line = line.strip_prefix("pub(crate) ").or(line.strip_prefix("pub(super) ")).unwrap_or(line);
            let line = line.strip_prefix("pub ").unwrap_or(line);
            if let Some(name) = line.strip_prefix("mod ").and_then(|rest| rest.strip_suffix(';')) {
                open.push(children.join(format!("{name}.rs")));
                open.push(children.join(name).join("mod.rs"));
            }
        }
    }
    let orphans: Vec<_> = files.iter().map(|(path, _)| path).filter(|path| !reached.contains(*path)).collect();
    assert!(orphans.is_empty(), "no `mod` line reaches {orphans:?}");
}

#[test]
fn files_say_what_they_do() {
    let files = rust_files("src").into_iter().chain(rust_files("tests"));
    let silent: Vec<_> = files.filter(|(_, text)| !text.starts_with("//! ")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "files without a `//!` header: {silent:?}");
}

#[test]
fn files_are_short() {
    let mut too_long = Vec::new();
    for (path, text) in rust_files("src").into_iter().chain(rust_files("tests")) {
        let lines = text.lines().count();
        if lines > LONG {
            println!("{lines:4} {path}");
        }
        if lines > TOO_LONG {
            too_long.push(format!("{path}: {lines} lines"));
        }
    }
    assert!(
        too_long.is_empty(),
        "files of more than {TOO_LONG} lines hold more than one idea:\n{}",
        too_long.join("\n")
    );
}

#[test]
fn nothing_is_left_to_do() {
    let words = [concat!("todo", "!("), concat!("unimplemented", "!("), concat!("dbg", "!(")];
    for (path, text) in rust_files("src").into_iter().chain(rust_files("tests")) {
        for word in words {
            assert!(!text.contains(word), "{path} holds `{word}`");
        }
    }
}

#[test]
fn every_rule_has_tests_for_and_against() {
    let files: BTreeSet<_> = pipeline::rules().map(|rule| format!("{}.txt", rule.name)).collect();
    for rule in pipeline::rules() {
        let path = root().join("fixtures/rules").join(format!("{}.txt", rule.name));
        let text = fs::read_to_string(&path).unwrap_or_default();
        for kind in ["expect", "expect-not"] {
            let argument = format!("{kind}={}", rule.name);
            let is_there = text.lines().any(|line| line.split_whitespace().any(|word| word == argument));
            assert!(is_there, "{} lacks a test with `{argument}`", relative(&path));
        }
    }
    for entry in fs::read_dir(root().join("fixtures/rules")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(files.contains(&name), "fixtures/rules/{name} tests no rule");
    }
}
