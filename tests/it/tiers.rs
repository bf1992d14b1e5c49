//! The same function as a tree, as WebAssembly interpreted and native, and as Python: the same values.
//!
//! Trees and both WebAssembly tiers agree bit for bit; Python to a relative 1e-12.

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::FileFailurePersistence;
use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::udf::{DeclaredArg, Deployment, Source, Udfs};
use shardscript::plan::udf::PythonMode;
use shardscript::{Planner, Request};

/// A function of `a` and `b`, in three languages.
#[derive(Clone, Debug)]
struct Function {
    painless: String,
    wat: String,
    python: String,
}

impl Function {
    fn leaf(painless: impl Into<String>, wat: impl Into<String>, python: impl Into<String>) -> Self {
        Self { painless: painless.into(), wat: wat.into(), python: python.into() }
    }

    fn unary(self, name: &str) -> Self {
        let Self { painless, wat, python } = self;
        match name {
            "abs" => Self::leaf(format!("Math.abs({painless})"), format!("(f64.abs {wat})"), format!("abs({python})")),
            "neg" => Self::leaf(format!("(-{painless})"), format!("(f64.neg {wat})"), format!("(-{python})")),
            _ => Self::leaf(
                format!("Math.sqrt(Math.abs({painless}))"),
                format!("(f64.sqrt (f64.abs {wat}))"),
                format!("math.sqrt(abs({python}))"),
            ),
        }
    }

    fn binary(self, op: &str, other: Self) -> Self {
        let (a, b) = (self, other);
        let name = match op {
            "+" => "add",
            "-" => "sub",
            "*" => "mul",
            // Python refuses to divide by 0: the divisor is at least 1.
            _ => {
                return Self::leaf(
                    format!("({} / (1.0 + Math.abs({})))", a.painless, b.painless),
                    format!("(f64.div {} (f64.add (f64.const 1) (f64.abs {})))", a.wat, b.wat),
                    format!("({} / (1.0 + abs({})))", a.python, b.python),
                );
            }
        };
        Self::leaf(
            format!("({} {op} {})", a.painless, b.painless),
            format!("(f64.{name} {} {})", a.wat, b.wat),
            format!("({} {op} {})", a.python, b.python),
        )
    }

    fn choice(self, then: Self, otherwise: Self) -> Self {
        let (test, a, b) = (self, then, otherwise);
        Self::leaf(
            format!("({} < 1.0 ? {} : {})", test.painless, a.painless, b.painless),
            format!("(if (result f64) (f64.lt {} (f64.const 1)) (then {}) (else {}))", test.wat, a.wat, b.wat),
            format!("({} if {} < 1.0 else {})", a.python, test.python, b.python),
        )
    }
}

fn function() -> impl Strategy<Value = Function> {
    let leaf = prop_oneof![
        Just(Function::leaf("doc['a'].value", "(local.get 0)", "a")),
        Just(Function::leaf("doc['b'].value", "(local.get 1)", "b")),
        (-1e6..1e6f64)
            .prop_map(|c| { Function::leaf(format!("({c:?})"), format!("(f64.const {c:?})"), format!("({c:?})")) }),
    ];
    leaf.prop_recursive(5, 24, 3, |inner| {
        let unary = prop::sample::select(vec!["abs", "neg", "sqrt"]);
        let binary = prop::sample::select(vec!["+", "-", "*", "/"]);
        prop_oneof![
            (unary, inner.clone()).prop_map(|(op, a)| a.unary(op)),
            (binary, inner.clone(), inner.clone()).prop_map(|(op, a, b)| a.binary(op, b)),
            (inner.clone(), inner.clone(), inner).prop_map(|(test, a, b)| test.choice(a, b)),
        ]
    })
}

/// The values of a script for all documents, in order, as the answer writes them.
fn values(planner: &Planner, index: &Index, script: &Json) -> Vec<Json> {
    let body = json!({"script_fields": {"v": {"script": script}}, "sort": "_doc", "size": 100}).to_string();
    let response = planner.search(Request::new(body.as_bytes(), 0), index).unwrap_or_else(|e| panic!("{body}\n{e}"));
    let answer: Json = serde_json::from_slice(&response.body).unwrap();
    let hits = answer["hits"]["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit["fields"]["v"][0].clone()).collect()
}

fn deploy(planner: &Planner, name: &str, source: Source) {
    let args = Some(DeclaredArg::list("a:f64, b:f64").unwrap());
    let deployment =
        Deployment { name: name.into(), source, args, returns: None, nulls: None, bounds: None, deterministic: true };
    planner.udfs.deploy(&deployment).unwrap_or_else(|e| panic!("{e}\n{deployment:?}"));
}

/// Whether two numbers, written as an answer writes them, are the same to a relative 1e-12.
fn are_close(a: &Json, b: &Json) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => a == b,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: Some(Box::new(FileFailurePersistence::Off)),
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(4),
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    })]

    #[test]
    fn every_tier_gives_the_same_values(
        function in function(),
        rows in prop::collection::vec((-1e9..1e9f64, prop_oneof![any::<f64>().prop_filter("JSON", |b| b.is_finite()), -9.0..9.0]), 1..20),
    ) {
        let mapping = read_mapping(&json!({"properties": {"a": {"type": "double"}, "b": {"type": "double"}}})).unwrap();
        let docs: String = rows.iter().map(|(a, b)| json!({"a": a, "b": b}).to_string() + "\n").collect();
        let (index, _) = Index::build(mapping, docs.as_bytes(), &BuildOptions::default(), &mut |_, _| {}).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let planner = Planner { udfs: Udfs::create(dir.path()).unwrap(), ..Planner::default() };
        let wat = format!("(module (func (export \"f\") (param f64 f64) (result f64) {}))", function.wat);
        let python = format!("import math\n\n\ndef g(a, b):\n    return float({})\n", function.python);
        deploy(&planner, "f", Source::Wasm { module: wat::parse_str(&wat).unwrap(), export: None });
        deploy(&planner, "g", Source::Python { source: python.clone(), function: None, mode: PythonMode::Row });

        let tree = values(&planner, &index, &json!(format!("1.0 * {}", function.painless)));
        let interpreted = values(&planner, &index, &json!("f"));
        planner.udfs.settle(Duration::from_secs(10));
        let native = values(&planner, &index, &json!("f"));
        prop_assert_eq!(&tree, &interpreted, "{}\n{}", function.painless, wat);
        prop_assert_eq!(&tree, &native, "{}\n{}", function.painless, wat);
        let python_values = values(&planner, &index, &json!("g"));
        for (a, b) in tree.iter().zip(&python_values) {
            prop_assert!(are_close(a, b), "{a} {b}\n{}\n{}", function.painless, python);
        }
    }
}
