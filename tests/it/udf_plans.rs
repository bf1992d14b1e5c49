//! Plans of bodies that call UDFs: `fixtures/scripts/udf_plans.txt` (`UPDATE=1` rewrites it).
//!
//! A block is a body, `----`, and the physical plan with its scripts, or the error.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::json;
use shardscript::dsl::mapping::read_mapping;
use shardscript::dsl::request::plan_request;
use shardscript::plan::script::scope::ScriptScope;
use shardscript::plan::text::{Form, Tree};
use shardscript::plan::udf::{Catalog, NullPolicy, PythonMode, UdfArg, UdfProfile, UdfRuntime, UdfType};
use shardscript::plan::value::Value;
use shardscript::pushdown::fragment::Fragment;
use shardscript::pushdown::plan_physical;
use shardscript::pushdown::rule::Switches;
use shardscript::pushdown::text::{physical_tree, scripts_tree};

#[test]
fn bodies_that_call_udfs_have_these_plans() {
    let path = "fixtures/scripts/udf_plans.txt";
    let file = std::fs::read_to_string(path).unwrap();
    let catalog = catalog();
    let mut rewritten = String::new();
    for block in file.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let (body, _) = block.trim().split_once("\n----").unwrap_or((block.trim(), ""));
        writeln!(rewritten, "{body}\n----\n{}\n", explained(body, &catalog)).unwrap();
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &rewritten).unwrap();
    } else {
        assert!(rewritten.trim() == file.trim(), "plans differ (UPDATE=1 rewrites):\n{rewritten}");
    }
}

fn explained(body: &str, catalog: &Catalog) -> String {
    let mapping = read_mapping(&json!({"properties": {
        "title": {"type": "text"}, "price": {"type": "double"}, "views": {"type": "long"}, "tag": {"type": "keyword"},
    }}))
    .unwrap();
    let scope = ScriptScope { mapping: &mapping, catalog };
    let plan = plan_request(body.as_bytes(), "", scope, 0)
        .and_then(|plan| plan_physical(plan, scope.mapping, &Switches::default()));
    match plan {
        Ok(plan) => {
            let bytes = plan.fragment.to_bytes().unwrap();
            assert_eq!(Fragment::from_bytes(&bytes).unwrap(), plan.fragment, "{body}");
            let tree = Tree::new("plan").child(Tree::new("physical").child(physical_tree(&plan)));
            let text = tree.child(Tree::new("scripts").children(scripts_tree(&plan))).render(Form::Text);
            text.split('\n').filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
        }
        Err(e) => e.to_string(),
    }
}

/// UDFs of all kinds. There is no code behind them: they are planned, not run.
pub(crate) fn catalog() -> Catalog {
    let (skip, default, flag) = (NullPolicy::Skip, NullPolicy::Default, NullPolicy::Flag);
    let wasm = |export: &str| UdfRuntime::Wasm { export: export.to_owned() };
    let python = UdfRuntime::Python { function: "score".to_owned(), mode: PythonMode::Row, formula: None };
    let (i32, i64, f32, f64, bool, str) =
        (UdfType::I32, UdfType::I64, UdfType::F32, UdfType::F64, UdfType::Bool, UdfType::Str);
    let mut catalog = Catalog::default();
    let random = UdfProfile {
        name: "random".into(),
        version: 1,
        hash: "0".repeat(64),
        runtime: wasm("random"),
        args: Vec::new(),
        result: f64,
        nulls: skip,
        deterministic: false,
        bounds: None,
    };
    catalog.insert("random", 1, vec![Arc::new(random)]);
    let mut add = |name: &str, args: &[(&str, UdfType)], result, nulls, runtime: UdfRuntime| {
        let args = args.iter().map(|(name, ty)| UdfArg {
            name: Some((*name).to_owned()).filter(|name| !name.is_empty()),
            ty: *ty,
            default: Some(Value::F64(9.5)).filter(|_| nulls == default),
        });
        let profile = |version| {
            Arc::new(UdfProfile {
                name: name.to_owned(),
                version,
                hash: format!("{version:064}"),
                runtime: runtime.clone(),
                args: args.clone().collect(),
                result,
                nulls,
                deterministic: true,
                bounds: None,
            })
        };
        catalog.insert(name, 2, vec![profile(1), profile(2)]);
    };
    add("custom_score", &[("score", f64), ("boost", f64)], f64, skip, wasm("custom_score"));
    add("nothing", &[], f64, skip, wasm("f"));
    add("one", &[("", f64)], f64, skip, wasm("f"));
    add("two", &[("", f64), ("", i32)], f64, skip, wasm("f"));
    add("three", &[("", f64), ("", f64), ("", f64)], f64, skip, wasm("f"));
    add("is_good", &[("views", i32)], i32, skip, wasm("f"));
    add("is_cheap", &[("price", f64), ("ok", bool)], bool, skip, wasm("f"));
    add("label", &[("tag", str), ("views", i64)], str, skip, wasm("f"));
    add("half", &[("price", f32), ("stock", f32)], f32, skip, wasm("f"));
    add("rated", &[("price", f64), ("views", f64)], f64, default, python);
    add("seen", &[("price", f64), ("boost", f64)], i64, flag, wasm("f"));
    add("of_point", &[("where", f64)], f64, skip, wasm("f"));
    add("of_text", &[("body", str)], f64, skip, wasm("f"));
    catalog
}
