//! What scripts become: `fixtures/scripts/trees.txt`, and `udfs.txt` where they call UDFs (`UPDATE=1` rewrites them).
//!
//! A block is a line `LANG CONTEXT [PARAMS]`, the source, `----`, and the tree with its type, or the error.

use std::fmt::Write;
use std::sync::Arc;

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::plan::script::scope::ScriptScope;
use shardscript::plan::script::{ScriptContext, ScriptSource, compile};
use shardscript::plan::udf::{Catalog, NullPolicy, PythonMode, UdfArg, UdfProfile, UdfRuntime, UdfType};
use shardscript::plan::value::Value;

#[test]
fn scripts_become_these_trees() {
    check("fixtures/scripts/trees.txt", &Catalog::default());
}

#[test]
fn calls_of_udfs_become_these_trees() {
    check("fixtures/scripts/udfs.txt", &catalog());
}

/// The UDFs that `udfs.txt` calls, each as a usage, what runs it and its null policy.
fn catalog() -> Catalog {
    let (skip, default, flag) = (NullPolicy::Skip, NullPolicy::Default, NullPolicy::Flag);
    let wasm = |export: &str| UdfRuntime::Wasm { export: export.to_owned() };
    let python = UdfRuntime::Python { function: "score".to_owned(), mode: PythonMode::Row };
    let (i32, i64, f32, f64, bool, str) =
        (UdfType::I32, UdfType::I64, UdfType::F32, UdfType::F64, UdfType::Bool, UdfType::Str);
    let mut catalog = Catalog::default();
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

fn check(path: &str, catalog: &Catalog) {
    let file = std::fs::read_to_string(path).unwrap();
    let mut rewritten = String::new();
    for block in file.split("\n\n").filter(|block| !block.trim().is_empty()) {
        let (input, _) = block.trim().split_once("\n----").unwrap_or((block.trim(), ""));
        let (head, source) = input.split_once('\n').unwrap();
        writeln!(rewritten, "{head}\n{source}\n----\n{}\n", outcome(head, source, catalog)).unwrap();
    }
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &rewritten).unwrap();
    } else {
        assert!(rewritten.trim() == file.trim(), "trees differ (UPDATE=1 rewrites):\n{rewritten}");
    }
}

fn outcome(head: &str, source: &str, catalog: &Catalog) -> String {
    let mapping = read_mapping(&json!({"properties": {
        "price": {"type": "double"}, "views": {"type": "long"}, "stock": {"type": "integer"},
        "tag": {"type": "keyword"}, "ok": {"type": "boolean"}, "created": {"type": "date"},
        "where": {"type": "geo_point"}, "ip": {"type": "ip"}, "body": {"type": "text"},
    }}));
    let mut words = head.splitn(3, ' ');
    let (lang, context) = (words.next().unwrap(), words.next().unwrap());
    let params: Json = words.next().map_or(json!({}), |text| serde_json::from_str(text).unwrap());
    let params = params.as_object().unwrap().iter().map(|(key, value)| {
        let value = match value {
            Json::Number(n) => n.as_i64().map_or_else(|| Value::F64(n.as_f64().unwrap()), Value::I64),
            Json::String(s) => Value::Str(s.clone()),
            Json::Bool(b) => Value::Bool(*b),
            _ => Value::Null,
        };
        (key.clone(), value)
    });
    let source = ScriptSource { lang: lang.into(), source: source.into(), params: params.collect() };
    let context = match context {
        "filter" => ScriptContext::Filter,
        "score" => ScriptContext::Score,
        "number-sort" => ScriptContext::NumberSort,
        "string-sort" => ScriptContext::StringSort,
        "field" => ScriptContext::Field,
        other => panic!("context {other}"),
    };
    match compile(&source, context, ScriptScope { mapping: &mapping.unwrap(), catalog }) {
        Ok(script) => format!("{}: {}", script.ty, script.expr),
        Err(e) => e.to_string(),
    }
}
