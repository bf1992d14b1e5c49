//! The same random function as a tree, as WebAssembly interpreted and native, and as Python row by row and vectorised: the
//! same bits. It does what IEEE rounds correctly; the rest is another library's in Python.

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

/// A function of `a` and `b`, in three languages, and of arrays.
#[derive(Clone, Debug)]
struct Function {
    painless: String,
    wat: String,
    python: String,
    numpy: String,
}

impl Function {
    fn leaf(painless: &str, wat: &str, python: &str) -> Self {
        Self { painless: painless.into(), wat: wat.into(), python: python.into(), numpy: python.into() }
    }

    fn unary(self, name: &str) -> Self {
        let Self { painless, wat, python, numpy } = self;
        match name {
            "abs" => Self {
                painless: format!("Math.abs({painless})"),
                wat: format!("(f64.abs {wat})"),
                python: format!("abs({python})"),
                numpy: format!("abs({numpy})"),
            },
            "neg" => Self {
                painless: format!("(-{painless})"),
                wat: format!("(f64.neg {wat})"),
                python: format!("(-{python})"),
                numpy: format!("(-{numpy})"),
            },
            // Python refuses the root of what is negative.
            _ => Self {
                painless: format!("Math.sqrt(Math.abs({painless}))"),
                wat: format!("(f64.sqrt (f64.abs {wat}))"),
                python: format!("math.sqrt(abs({python}))"),
                numpy: format!("numpy.sqrt(abs({numpy}))"),
            },
        }
    }

    fn binary(op: &str, [a, b]: [Self; 2]) -> Self {
        let name = match op {
            "+" => "add",
            "-" => "sub",
            "*" => "mul",
            "copysign" => {
                return Self {
                    painless: format!("Math.copySign({}, {})", a.painless, b.painless),
                    wat: format!("(f64.copysign {} {})", a.wat, b.wat),
                    python: format!("math.copysign({}, {})", a.python, b.python),
                    numpy: format!("numpy.copysign({}, {})", a.numpy, b.numpy),
                };
            }
            // Python refuses to divide by 0: the divisor is at least 1.
            _ => {
                return Self {
                    painless: format!("({} / (1.0 + Math.abs({})))", a.painless, b.painless),
                    wat: format!("(f64.div {} (f64.add (f64.const 1) (f64.abs {})))", a.wat, b.wat),
                    python: format!("({} / (1.0 + abs({})))", a.python, b.python),
                    numpy: format!("({} / (1.0 + abs({})))", a.numpy, b.numpy),
                };
            }
        };
        Self {
            painless: format!("({} {op} {})", a.painless, b.painless),
            wat: format!("(f64.{name} {} {})", a.wat, b.wat),
            python: format!("({} {op} {})", a.python, b.python),
            numpy: format!("({} {op} {})", a.numpy, b.numpy),
        }
    }

    /// `a op b ? c : d`
    fn choice(op: &str, [a, b, c, d]: [Self; 4]) -> Self {
        let name = match op {
            "<" => "lt",
            ">=" => "ge",
            "==" => "eq",
            _ => "ne",
        };
        Self {
            painless: format!("({} {op} {} ? {} : {})", a.painless, b.painless, c.painless, d.painless),
            wat: format!("(if (result f64) (f64.{name} {} {}) (then {}) (else {}))", a.wat, b.wat, c.wat, d.wat),
            python: format!("({} if {} {op} {} else {})", c.python, a.python, b.python, d.python),
            numpy: format!("numpy.where({} {op} {}, {}, {})", a.numpy, b.numpy, c.numpy, d.numpy),
        }
    }
}

fn function() -> impl Strategy<Value = Function> {
    let constant = prop_oneof![-1e6..1e6f64, prop::sample::select(vec![0.0, -0.0, 1.0, 0.1, 1e300, 5e-324])];
    let leaf = prop_oneof![
        Just(Function::leaf("doc['a'].value", "(local.get 0)", "a")),
        Just(Function::leaf("doc['b'].value", "(local.get 1)", "b")),
        constant.prop_map(|c| Function::leaf(&format!("({c:?})"), &format!("(f64.const {c:?})"), &format!("({c:?})"))),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let unary = prop::sample::select(vec!["abs", "neg", "sqrt"]);
        let binary = prop::sample::select(vec!["+", "-", "*", "/", "copysign"]);
        let compare = prop::sample::select(vec!["<", ">=", "==", "!="]);
        let four = || [inner.clone(), inner.clone(), inner.clone(), inner.clone()];
        prop_oneof![
            (unary, inner.clone()).prop_map(|(op, a)| a.unary(op)),
            (binary, inner.clone(), inner.clone()).prop_map(|(op, a, b)| Function::binary(op, [a, b])),
            (compare, four()).prop_map(|(op, parts)| Function::choice(op, parts)),
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

fn deploy(planner: &Planner, name: &str, source: Source) -> Result<(), String> {
    let args = Some(DeclaredArg::list("a:f64, b:f64").unwrap());
    let deployment =
        Deployment { name: name.into(), source, args, returns: None, nulls: None, bounds: None, deterministic: true };
    planner.udfs.deploy(&deployment).map(|_| ()).map_err(|e| e.to_string())
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
        // A file that does more than to define a function does not become a tree itself.
        let python = format!("import math\n\nx = 1\n\n\ndef g(a, b):\n    return {}\n", function.python);
        let numpy = format!("import numpy\n\n\ndef h(a, b):\n    return numpy.zeros(len(a)) + {}\n", function.numpy);
        deploy(&planner, "f", Source::Wasm { module: wat::parse_str(&wat).unwrap(), export: None }).unwrap();
        deploy(&planner, "g", Source::Python { source: python.clone(), function: None, mode: PythonMode::Row }).unwrap();

        let tree = values(&planner, &index, &json!(format!("1.0 * {}", function.painless)));
        let interpreted = values(&planner, &index, &json!("f"));
        planner.udfs.settle(Duration::from_secs(10));
        let native = values(&planner, &index, &json!("f"));
        prop_assert_eq!(&tree, &interpreted, "{}\n{}", function.painless, wat);
        prop_assert_eq!(&tree, &native, "{}\n{}", function.painless, wat);
        prop_assert_eq!(&tree, &values(&planner, &index, &json!("g")), "{}\n{}", function.painless, python);
        match deploy(&planner, "h", Source::Python { source: numpy.clone(), function: None, mode: PythonMode::Vectorised }) {
            // The sum with zero has no negative zero.
            Ok(()) => {
                let tree = values(&planner, &index, &json!(format!("0.0 + {}", function.painless)));
                prop_assert_eq!(&tree, &values(&planner, &index, &json!("h")), "{}\n{}", function.painless, numpy);
            }
            Err(e) => println!("the vectorised form is passed over: {e}"),
        }
    }
}
