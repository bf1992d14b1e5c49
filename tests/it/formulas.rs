//! Python functions of arithmetic run as trees: with the same bits, and the same exceptions, as in a worker.

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::udf::{DeclaredArg, Deployment, Source, Udfs};
use shardscript::plan::udf::{PythonMode, UdfRuntime};
use shardscript::{Planner, Request};

/// A number of Python: a float, or an int.
fn number() -> impl Strategy<Value = String> {
    let constants = ["0.0", "-0.0", "0.5", "-3.0", "1e308", "5e-324", "2", "-7", "0", "2 ** 10", "math.pi"];
    let leaf = prop_oneof![
        3 => Just("a".to_owned()),
        3 => Just("b".to_owned()),
        1 => prop::sample::select(constants.to_vec()).prop_map(|c| format!("({c})")),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let unary = ["-", "+", "abs", "float", "math.fabs", "math.sqrt", "math.floor", "math.ceil", "math.trunc", "int", "round"];
        let binary = prop::sample::select(vec!["+", "-", "*", "/", "%", "//"]);
        let extreme = prop::sample::select(vec!["min", "max"]);
        let compare = prop::sample::select(vec!["<", "<=", ">", ">=", "==", "!="]);
        let logic = prop::sample::select(vec!["and", "or", "and not"]);
        let pair = || (inner.clone(), inner.clone());
        prop_oneof![
            2 => (prop::sample::select(unary.to_vec()), inner.clone()).prop_map(|(f, a)| format!("{f}({a})")),
            4 => (binary, pair()).prop_map(|(op, (a, b))| format!("({a} {op} {b})")),
            1 => (extreme, prop::collection::vec(inner.clone(), 2..4)).prop_map(|(f, a)| format!("{f}({})", a.join(", "))),
            1 => (compare, logic, pair(), pair())
                .prop_map(|(op, word, (a, b), (c, d))| format!("({a} if {a} {op} {b} {word} ({c} < {d}) else {d})")),
        ]
    })
}

/// The body of a function of `a` and `b`.
fn body() -> impl Strategy<Value = String> {
    let statement = prop_oneof![
        number().prop_map(|a| format!("    x = {a}\n")),
        number().prop_map(|a| format!("    a -= {a}\n")),
        (number(), number()).prop_map(|(a, b)| format!("    if {a} > {b}:\n        return a\n")),
    ];
    (prop::collection::vec(statement, 0..3), number())
        .prop_map(|(statements, result)| format!("{}    return {result}\n", statements.concat()))
}

fn deploy(planner: &Planner, name: &str, source: String) {
    let deployment = Deployment {
        name: name.into(),
        source: Source::Python { source, function: Some("f".into()), mode: PythonMode::Row },
        args: Some(DeclaredArg::list("a:f64, b:f64").unwrap()),
        returns: None,
        nulls: None,
        bounds: None,
        deterministic: true,
    };
    planner.udfs.deploy(&deployment).unwrap_or_else(|e| panic!("{e}\n{deployment:?}"));
}

fn is_tree(planner: &Planner, name: &str) -> bool {
    let runtime = planner.udfs.versions(name).unwrap().active.profile.runtime.clone();
    matches!(runtime, UdfRuntime::Python { formula: Some(_), .. })
}

/// What a function gives for a document, as the answer writes it, or the name of the exception.
fn value(planner: &Planner, index: &Index, function: &str, row: usize) -> Result<Json, String> {
    let body = json!({
        "query": {"ids": {"values": [row.to_string()]}},
        "script_fields": {"v": {"script": format!("{function}(doc['a'].value, doc['b'].value)")}},
    });
    let answer = planner.search(Request::new(body.to_string().as_bytes(), 0), index).map(|response| response.body);
    let text = answer.map_or_else(|e| e.to_string(), |body| String::from_utf8(body).unwrap());
    let found: Option<Json> = serde_json::from_str(&text).ok();
    match found.as_ref().map(|answer| &answer["hits"]["hits"][0]["fields"]["v"][0]) {
        Some(value) if !value.is_null() => Ok(value.clone()),
        _ => {
            let names = ["ZeroDivisionError", "ValueError", "OverflowError"];
            Err((*names.iter().find(|name| text.contains(**name)).unwrap_or_else(|| panic!("{text}"))).to_owned())
        }
    }
}

fn index(rows: &[(f64, f64)]) -> Index {
    let mapping = read_mapping(&json!({"properties": {"a": {"type": "double"}, "b": {"type": "double"}}})).unwrap();
    let doc = |(id, (a, b)): (usize, &(f64, f64))| json!({"_id": id.to_string(), "a": a, "b": b}).to_string() + "\n";
    let docs: String = rows.iter().enumerate().map(doc).collect();
    Index::build(mapping, docs.as_bytes(), &BuildOptions::default(), &mut |_, _| {}).unwrap().0
}

/// Runs a function as it is, and from a file that does more than to define it, which is left to Python.
fn agree(body: &str, rows: &[(f64, f64)]) -> bool {
    let index = index(rows);
    let dir = tempfile::tempdir().unwrap();
    let planner = Planner { udfs: Udfs::create(dir.path()).unwrap(), ..Planner::default() };
    let source = format!("import math\n\n\ndef f(a, b):\n{body}");
    deploy(&planner, "tree", source.clone());
    if !is_tree(&planner, "tree") {
        return false;
    }
    deploy(&planner, "row", format!("{source}x = 1\n"));
    assert!(!is_tree(&planner, "row"));
    for (row, values) in rows.iter().enumerate() {
        let [tree, python] = ["tree", "row"].map(|function| value(&planner, &index, function, row));
        assert_eq!(tree, python, "{values:?}\n{source}");
    }
    true
}

/// Values that are special to a remainder, a rounding or a root.
const ROWS: &[(f64, f64)] = &[
    (0.0, 0.0),
    (-0.0, 1.0),
    (7.0, -3.0),
    (-7.5, 2.5),
    (1e308, -1e308),
    (-5e-324, 3.0),
    (2.5, 0.1),
    (-0.5, 1e300),
    (9007199254740993.0, -0.5),
    (-1e-20, 3.0),
];

#[test]
fn what_arithmetic_means_in_python_it_means_in_a_tree() {
    for body in [
        "    return a % b\n",
        "    return a // b\n",
        "    return -(a % 2.0) + (a // -0.7) % b\n",
        "    return min(a, b, 1.0)\n",
        "    return max(b, -a, 0)\n",
        "    return min(a - a * 1e308 * 0.0, b)\n",
        "    return abs(a) + math.fabs(b) - abs(-2)\n",
        "    return math.sqrt(a) / b\n",
        "    return b / math.sqrt(a)\n",
        "    n = math.floor(a)\n    return n / b + math.ceil(b) * 0.5\n",
        "    n = math.sqrt(a)\n    return b\n",
        "    return round(a) * 1.5 + int(b) * 0.1\n",
        "    return -math.floor(a)\n",
        "    return math.trunc(a * 1e308)\n",
        "    return math.floor((a - a) * 1e308 * 1e308)\n",
        "    a += 1\n    a *= 60 * 60 * 24\n    return a / 10 ** 6\n",
        "    return 2 * math.pi * a + math.e\n",
        "    return +a if math.floor(a) == math.floor(b) else float(3)\n",
        "    if a % b == 0.0:\n        return a\n    return math.sqrt(b)\n",
    ] {
        assert!(agree(body, ROWS), "this is no tree:\n{body}");
    }
}

#[test]
fn what_may_mean_something_else_stays_python() {
    let dir = tempfile::tempdir().unwrap();
    let planner = Planner { udfs: Udfs::create(dir.path()).unwrap(), ..Planner::default() };
    for (head, body) in [
        ("import math", "return math.exp(a)"),
        ("import math", "return math.log(a) + b"),
        ("import math", "return a ** 2"),
        ("import math", "return math.floor(a) * math.floor(b)"),
        ("import math", "return math.round(a)"),
        ("import math", "return math.abs(a)"),
        ("", "return math.sqrt(a)"),
        ("from math import nothing", "return a"),
        ("import math as m", "return m.sqrt(a)"),
        ("from math import log as abs", "return abs(a)"),
        ("", "abs = a\n    return abs(b)"),
        ("", "return min(a)"),
        ("", "return max(a, b, key=abs)"),
        ("", "return f(a, b)"),
        ("", "return round(a, 2)"),
        ("", "return a % (a > b)"),
        ("", "x = 1 % 0\n    return a"),
        ("", "b = min\n    return b(a, 1.0)"),
    ] {
        deploy(&planner, "f", format!("{head}\n\n\ndef f(a, b):\n    {body}\n"));
        assert!(!is_tree(&planner, "f"), "{head} {body}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(6),
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_functions_agree(
        body in body(),
        rows in prop::collection::vec((-9.0..9.0f64, prop_oneof![any::<f64>().prop_filter("JSON", |b| b.is_finite()), -9.0..9.0]), 1..4),
    ) {
        agree(&body, &[&rows, ROWS].concat());
    }
}
