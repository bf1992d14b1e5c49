//! The command line: what it prints where, and how it exits.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};

const DOCS: &str = "{\"_id\": \"a\", \"price\": 1}\n{\"_id\": \"b\", \"price\": 2}\n";

/// What a run printed and how it ended.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

/// Runs `plan-explain` in a directory of its own that holds `docs.ndjson` and `mapping.json`.
fn plan_explain(docs: &str, args: &[&str], input: &str) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("docs.ndjson"), docs).unwrap();
    std::fs::write(dir.path().join("mapping.json"), r#"{"properties": {"price": {"type": "integer"}}}"#).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_plan-explain"))
        .args(args)
        .current_dir(dir.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may have ended already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
}

fn lines(text: &str) -> Vec<Json> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn exit_codes_say_who_is_at_fault() {
    let bad = "{\"_id\": \"a\", \"price\": 1}\n{\"_id\": \"b\", \"price\": \"x\"}\n";
    let run = ["run", "--mapping", "mapping.json", "--docs", "docs.ndjson"];
    for (docs, args, input, code, said) in [
        (DOCS, &run[..], r#"{"size": 1}"#, 0, ""),
        (DOCS, &run[..], r#"{"siez": 1}"#, 1, "did you mean `size`?"),
        (bad, &run[..], "{}", 1, "docs.ndjson:2 (_id b): error[E400]"),
        (DOCS, &["run", "--docs", "none.ndjson"], "{}", 2, "cannot read none.ndjson"),
        (DOCS, &["run", "--docs", "docs.ndjson", "--disable", "fold"], "{}", 2, "no rule is called `fold`"),
        (DOCS, &["run"], "{}", 2, "--docs <FILE>"),
        (DOCS, &["explain", "--mapping", "mapping.json", "--stage", "physical"], r#"{"size": 1}"#, 0, ""),
        (DOCS, &["explain", "--mapping", "mapping.json"], r#"{"size": }"#, 1, "at line 1, column 10"),
    ] {
        let ran = plan_explain(docs, args, input);
        assert_eq!(ran.code, code, "{args:?} {input}: {}", ran.err);
        assert!(ran.err.contains(said), "{args:?} {input}: {}", ran.err);
    }
}

#[test]
fn a_refused_body_is_json_for_programs() {
    let ran = plan_explain(DOCS, &["run", "--docs", "docs.ndjson"], r#"{"size": -1}"#);
    let answer: Json = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        (&answer["status"], &answer["error"]["code"], &answer["error"]["path"]),
        (&json!(400), &json!("E104"), &json!("size"))
    );
}

#[test]
fn every_line_of_a_replay_is_answered() {
    let requests = r#"{"id": 1, "body": {"script_fields": {"p": {"script": "doc['price'].value * 2"}}, "sort": "price"}}
{"id": 2, "body": {"query": {"mach": {}}}}
nonsense
{"id": 4, "body": {"size": 5}, "url": "?size=1&sort=price:desc"}
{"id": 5}
"#;
    let args = ["replay", "--mapping", "mapping.json", "--docs", "docs.ndjson", "--repeat", "3", "--shards", "2"];
    let ran = plan_explain(DOCS, &args, requests);
    let answers = lines(&ran.out);
    assert_eq!((ran.code, answers.len()), (0, 5), "{}", ran.err);
    assert_eq!(answers[0]["response"]["hits"]["hits"][1]["fields"]["p"], json!([4]));
    assert_eq!(answers[0]["plan"]["scripts"][0]["tier"], "expression");
    assert_eq!(answers[0]["plan"]["scripts"][0]["place"], "script_fields.p.script");
    assert!(answers[0]["took_us"]["min"].as_f64() <= answers[0]["took_us"]["median"].as_f64());
    assert_eq!(
        (&answers[1]["id"], &answers[1]["status"], &answers[1]["error"]["code"]),
        (&json!(2), &json!(400), &json!("E105"))
    );
    assert_eq!((&answers[2]["id"], &answers[2]["error"]["line"]), (&Json::Null, &json!(3)));
    assert_eq!(answers[3]["response"]["hits"]["hits"][0]["sort"], json!([2]));
    assert_eq!(answers[4]["response"]["hits"]["total"]["value"], 2);
}

#[test]
fn an_index_on_disk_answers_as_one_in_memory() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("index").display().to_string();
    let ran = plan_explain(DOCS, &["index", "--docs", "docs.ndjson", "--out", &out, "--name", "shop"], "");
    assert_eq!((ran.code, ran.err.contains("2 documents in ")), (0, true), "{}", ran.err);
    let body = r#"{"sort": [{"price": "desc"}]}"#;
    let hits = |args: &[&str]| {
        let answer: Json = serde_json::from_str(&plan_explain(DOCS, args, body).out).unwrap();
        answer["hits"].clone()
    };
    assert_eq!(hits(&["run", "--index", &out]), hits(&["run", "--docs", "docs.ndjson", "--name", "shop"]));
}

#[test]
fn scripts_are_evaluated_alone() {
    let scripts = r#"{"id": "a", "lang": "painless", "source": "doc['x'].value * params.f", "params": {"f": 3}, "doc": {"x": 14}}
{"id": "b", "lang": "expression", "source": "doc['x'] / 4", "mapping": {"properties": {"x": {"type": "long"}}}, "doc": {"x": 2}}
{"id": "c", "lang": "painless", "source": "1 / 0"}
"#;
    let answers = lines(&plan_explain(DOCS, &["eval", "--requests", "-"], scripts).out);
    assert_eq!(answers[0], json!({"id": "a", "value": 42}));
    assert_eq!(answers[1], json!({"id": "b", "value": 0.5}));
    assert_eq!(answers[2]["error"]["code"], "E220");
    assert_eq!(plan_explain(DOCS, &["eval", "--source", "7 / 2"], "").out, "3\n");
}
