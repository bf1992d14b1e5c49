//! What scripts become: `fixtures/scripts/trees.txt`, and `udfs.txt` where they call UDFs (`UPDATE=1` rewrites them).
//!
//! A block is a line `LANG CONTEXT [PARAMS]`, the source, `----`, and the tree with its type, or the error.

use std::fmt::Write;

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::plan::script::scope::ScriptScope;
use shardscript::plan::script::{ScriptContext, ScriptSource, compile};
use shardscript::plan::udf::Catalog;
use shardscript::plan::value::Value;

use crate::udf_plans::catalog;

#[test]
fn scripts_become_these_trees() {
    check("fixtures/scripts/trees.txt", &Catalog::default());
}

#[test]
fn calls_of_udfs_become_these_trees() {
    check("fixtures/scripts/udfs.txt", &catalog());
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
