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
    let status = demo.udf(&["status"]).out;
    assert!(status.starts_with("py_score@1  python, row by row\npython  3."), "{status}");
    assert!(status.ends_with("; workers: 0 busy, 0 idle, 1 spare\n"), "{status}");
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

/// Functions of arithmetic only, and what a search computes of them in a worker and as a tree.
const ARITHMETIC: &[&str] = &[
    "def f(score, views, rating):\n    return score * views + rating / (1 + views)\n",
    "def f(score, views, rating):\n    return -score if views % 2 else rating\n",
    "def f(score, views, rating):\n    x = score * 2\n    if not (1 < views <= 1000.5) or rating == 0.0:\n        return x - 1\n    y = x * x\n    return 1 if y < 3 and x != 0 else y / views\n",
    "def f(score, views, rating):\n    if views > 5:\n        return 0.1 * rating\n    elif views > 2:\n        return rating - score * 1e-300\n    else:\n        return 3\n",
];

#[test]
fn arithmetic_runs_as_a_tree_with_the_same_values() {
    let demo = Demo::new();
    let mut trees = 0;
    for (number, source) in ARITHMETIC.iter().enumerate() {
        // A file that does more than to define a function is left to Python.
        let files =
            [(format!("tree{number}"), (*source).to_owned()), (format!("row{number}"), format!("{source}x = 1\n"))];
        let answers = files.map(|(name, text)| {
            let path = demo.dir.path().join(format!("{name}.py"));
            std::fs::write(&path, text).unwrap();
            let path = path.display().to_string();
            assert_eq!(demo.udf(&["deploy", "--name", &name, "--python", &format!("{path}:f")]).code, 0);
            trees += usize::from(demo.udf(&["show", &name]).out.contains("as a tree"));
            let body = json!({
                "size": 1000,
                "query": {"match": {"title": "laptop"}},
                "sort": [{"views": "asc"}],
                "_source": false,
                "script_fields": {"f": {"script": {
                    "source": format!("{name}(params.s, doc['views'].value * 0.7, doc['views'].value * 0.3)"),
                    "params": {"s": 0.3},
                }}},
            });
            let answer = demo.search(&body.to_string()).json();
            let hits = answer["hits"]["hits"].as_array().unwrap_or_else(|| panic!("{answer}")).clone();
            hits.iter().map(|hit| hit["fields"]["f"].to_string()).collect::<Vec<_>>()
        });
        assert_eq!(answers[0], answers[1], "{source}");
        assert_eq!(answers[0].len(), 1000);
    }
    assert_eq!(trees, 3, "all but the one that asks whether a float is true");
    let zero = "def f(score, views):\n    return score / (views - views)\n";
    let path = demo.dir.path().join("zero.py");
    std::fs::write(&path, zero).unwrap();
    assert_eq!(demo.udf(&["deploy", "--name", "zero", "--python", &format!("{}:f", path.display())]).code, 0);
    let failed = demo.search(&script_score(&json!({"source": "zero"})));
    assert!(failed.out.contains("ZeroDivisionError"), "{failed:?}");
}
