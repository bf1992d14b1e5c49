//! Python UDFs under searches: in a score and a filter, beside the same in Painless, and failing without consequences.

use std::path::Path;

use serde_json::{Value as Json, json};

use crate::udf::Demo;

/// What `fixtures/udfs/python/py_score.py` computes, and 0 where a document has no price.
const PAINLESS: &str = "doc['price'].size() == 0 ? 0 : doc['price'].value < 100 \
    ? _score * Math.log(2 + doc['price'].value) : _score / 2";

fn script_score(script: &Json) -> String {
    let query = json!({"script_score": {"query": {"match": {"title": "laptop"}}, "script": script}});
    json!({"size": 100, "query": query}).to_string()
}

#[test]
fn a_row_function_scores_as_painless_does() {
    let demo = Demo::new();
    demo.deploy("py_score", "python/py_score.py", &[]);
    let python = demo.search(&script_score(&json!({"source": "py_score"})));
    let painless = demo.search(&script_score(&json!({"source": PAINLESS})));
    let (got, want) = (python.scores(), painless.scores());
    assert_eq!((got.len(), want.len()), (100, 100));
    for (got, want) in got.iter().zip(&want) {
        assert!(got.0 == want.0 && (got.1 - want.1).abs() <= 1e-6 * want.1, "{got:?} {want:?}");
    }
    assert!(python.err.contains("python"), "{}", python.err);
    // In an expression the tree around it stays a tree.
    let inside = json!({"source": "py_score(doc['views'].value, doc['price'].value) > 5"});
    let body = json!({"query": {"bool": {"filter": [{"exists": {"field": "price"}}, {"script": {"script": inside}}]}}});
    let filtered = demo.search(&body.to_string());
    assert!(filtered.json()["hits"]["total"]["value"].as_u64() > Some(1000), "{filtered:?}");
}

#[test]
fn requests_after_a_crash_are_answered() {
    let demo = Demo::new();
    let evil = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/evil/exits.py").display().to_string();
    assert_eq!(demo.udf(&["deploy", "--name", "evil", "--python", &evil, "--args", "score,price"]).code, 0);
    demo.deploy("py_score", "python/py_score.py", &[]);
    let request = |name: &str| {
        let body: Json = serde_json::from_str(&script_score(&json!({"source": name}))).unwrap();
        format!("{}\n", json!({"id": name, "body": body}))
    };
    let requests: String = ["py_score", "evil", "py_score", "evil", "py_score"].map(request).concat();
    let ran = demo.run(env!("CARGO_BIN_EXE_plan-explain"), &["replay", "--index", "index", "-"], &requests);
    let answers: Vec<Json> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let status: Vec<_> = answers.iter().map(|answer| answer["status"].as_u64().unwrap()).collect();
    assert_eq!(status, [200, 400, 200, 400, 200], "{ran:?}");
    let error = answers[1]["error"].to_string();
    assert!(error.contains("E407") && error.contains("evil@1") && error.contains("exit status 3"), "{error}");
}
