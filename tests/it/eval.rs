//! Script evaluations as OpenSearch answered them: `fixtures/eval/*.ndjson`.
//!
//! Compiles each source against the mapping, puts the document's values in place of the columns and folds the tree. A
//! source may be refused as no tree yet; a value or an error other than the recorded one is a failure.

use std::collections::BTreeMap;

use datafusion_common::ScalarValue;
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_expr::{Expr, lit};
use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::plan::field::{FieldType, geo_point};
use shardscript::plan::fold::{Stop, fold};
use shardscript::plan::mapping::Mapping;
use shardscript::plan::script::scope::ScriptScope;
use shardscript::plan::script::{ScriptContext, ScriptSource, compile};
use shardscript::plan::value::Value;
use shardscript::{Code, Error};

#[test]
fn expression() {
    run("expression", 187);
}

#[test]
fn painless() {
    run("painless", 250);
}

/// Sources that are broken anywhere, or nest deeply, are refused and never panic.
#[test]
fn broken_sources() {
    let read = |name: &str| std::fs::read_to_string(format!("fixtures/eval/{name}")).unwrap();
    let mapping = read_mapping(&serde_json::from_str(&read("mapping.json")).unwrap()).unwrap();
    let mut sources = Vec::new();
    for lang in ["expression", "painless"] {
        for line in read(&format!("{lang}.ndjson")).lines() {
            let case: Json = serde_json::from_str(line).unwrap();
            sources.push((lang, case["source"].as_str().unwrap().to_owned()));
        }
        for [open, close] in
            [["(", ")"], ["-", ""], ["!", ""], ["1+", ""], ["1?1:", ""], ["[", "]"], ["f(", ")"], ["{", "}"]]
        {
            sources.push((lang, format!("{}1{}", open.repeat(5000), close.repeat(5000))));
        }
    }
    for unit in
        ["x = x + x;", "x++;", "if (x > 1) x = 2;", "if (x > 1) return 1;", "if (x > 1) { if (x > 2) x = 3; else "]
    {
        sources.push(("painless", format!("double x = doc['price'].value; {} return x", unit.repeat(3000))));
    }
    let cases = std::env::var("PROPTEST_CASES").map_or(1_000, |n| n.parse().unwrap());
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    for n in 0..sources.len() + cases {
        let (lang, source) = match sources.get(n) {
            Some((lang, source)) => (*lang, source.clone()),
            None => {
                let (lang, source) = &sources[random(sources.len())];
                let (_, other) = &sources[random(sources.len())];
                let mut chars: Vec<char> = source.chars().collect();
                let other: Vec<char> = other.chars().take(300).collect();
                for _ in 0..=random(3) {
                    let (from, length) = (random(chars.len() + 1), random(6));
                    let to = (from + length).min(chars.len());
                    let start = random(other.len() + 1);
                    let piece = &other[start..(start + random(9)).min(other.len())];
                    chars.splice(from..to, piece.iter().copied());
                }
                (*lang, chars.into_iter().collect())
            }
        };
        let source = ScriptSource { lang: lang.into(), source, params: vec![("x".into(), Value::I64(1))] };
        for context in [ScriptContext::Filter, ScriptContext::Score, ScriptContext::StringSort, ScriptContext::Field] {
            if let Ok(compiled) = compile(&source, context, ScriptScope::without_udfs(&mapping)) {
                drop(fold(&compiled.expr));
            }
        }
    }
}

/// Runs a file; at least so many cases must give the recorded answer.
fn run(lang: &str, least: usize) {
    let read = |name: &str| std::fs::read_to_string(format!("fixtures/eval/{name}")).unwrap();
    let mapping = read_mapping(&serde_json::from_str(&read("mapping.json")).unwrap()).unwrap();
    let full: Json = serde_json::from_str(&read("full.json")).unwrap();
    let mut table: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    let mut failures = Vec::new();
    for line in read(&format!("{lang}.ndjson")).lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let id = case["id"].as_str().unwrap();
        let row = table.entry(id.split('-').next().unwrap().to_owned()).or_default();
        let doc = if case["doc"] == "full" { &full } else { &json!({}) };
        let got = evaluate(lang, &case, &mapping, doc);
        match judge(&case, &got) {
            Verdict::Right => row[0] += 1,
            Verdict::Refused => {
                row[1] += 1;
                if let Err(e) = &got {
                    println!("refused {id}: {} -- {}", case["source"], e.reason());
                }
            }
            Verdict::Wrong => {
                row[2] += 1;
                failures.push(format!(
                    "{id}: {}\n   want {} {}\n   got {got:?}",
                    case["source"], case["value"], case["error"]
                ));
            }
        }
    }
    println!("{lang:<12} right refused wrong");
    for (group, [right, refused, wrong]) in &table {
        println!("{group:<12} {right:>5} {refused:>7} {wrong:>5}");
    }
    let right: usize = table.values().map(|row| row[0]).sum();
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
    assert!(right >= least, "only {right} right");
}

enum Verdict {
    Right,
    /// No tree yet, and says so.
    Refused,
    Wrong,
}

fn judge(case: &Json, got: &Result<Json, Error>) -> Verdict {
    let right = match (case.get("error"), got) {
        (Some(Json::String(ty)), Err(e)) => {
            innermost(e) == *ty || e.code() == Code::ScriptNotTree || ty.ends_with("alt_exception")
        }
        (Some(_), Err(_)) => true,
        (Some(_), Ok(_)) => false,
        (None, Ok(value)) => same(&case["value"], value),
        (None, Err(_)) => false,
    };
    match got {
        _ if right => Verdict::Right,
        Err(e) if matches!(e.code(), Code::ScriptNotTree | Code::Unsupported) => Verdict::Refused,
        _ => Verdict::Wrong,
    }
}

fn innermost(e: &Error) -> String {
    match e.cause() {
        Some(cause) => innermost(cause),
        None => e.to_json()["type"].as_str().unwrap().to_owned(),
    }
}

fn same(want: &Json, got: &Json) -> bool {
    match (want.as_f64(), got.as_f64()) {
        (Some(a), Some(b)) => a == b || (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
        _ => want == got,
    }
}

fn evaluate(lang: &str, case: &Json, mapping: &Mapping, doc: &Json) -> Result<Json, Error> {
    let empty = serde_json::Map::new();
    let params = case["params"].as_object().unwrap_or(&empty);
    let source = ScriptSource {
        lang: lang.into(),
        source: case["source"].as_str().unwrap().into(),
        params: params.iter().map(|(key, value)| (key.clone(), parameter(value))).collect(),
    };
    let compiled = compile(&source, ScriptContext::Field, ScriptScope::without_udfs(mapping))?;
    let expr = compiled.expr.transform_down(|e| substitute(e, &source, mapping, doc)).unwrap().data;
    match fold(&expr) {
        Ok(ScalarValue::Float64(Some(v))) if v.is_nan() => Ok(json!("NaN")),
        Ok(ScalarValue::Float64(Some(v))) if v.is_infinite() => {
            Ok(json!(if v > 0.0 { "Infinity" } else { "-Infinity" }))
        }
        Ok(ScalarValue::Float64(Some(v))) => Ok(json!(v)),
        Ok(ScalarValue::Int64(Some(v))) => Ok(json!(v)),
        Ok(ScalarValue::Boolean(Some(v))) => Ok(json!(v)),
        Ok(ScalarValue::Utf8(Some(v))) => Ok(json!(v)),
        Err(Stop::Fails(e)) if e.elastic_type == "exception" => {
            Err(Error::new(Code::ScriptRuntime, e.reason).with_type("illegal_state_exception"))
        }
        Err(Stop::Fails(e)) => Err(Error::new(Code::ScriptRuntime, e.reason).with_type(e.elastic_type)),
        other => Err(Error::new(Code::Unsupported, format!("{other:?} of {expr}"))),
    }
}

fn parameter(value: &Json) -> Value {
    match value {
        Json::Null => Value::Null,
        Json::Bool(v) => Value::Bool(*v),
        Json::Number(n) => n.as_i64().map_or_else(|| Value::F64(n.as_f64().unwrap()), Value::I64),
        Json::String(v) => Value::Str(v.clone()),
        Json::Array(items) => Value::List(items.iter().map(parameter).collect()),
        Json::Object(entries) => Value::Object(entries.iter().map(|(k, v)| (k.clone(), parameter(v))).collect()),
    }
}

/// Puts constants in place of parameters and columns.
fn substitute(
    expr: Expr,
    source: &ScriptSource,
    mapping: &Mapping,
    doc: &Json,
) -> Result<Transformed<Expr>, datafusion_common::DataFusionError> {
    let constant = |value: &Value| match value {
        Value::Bool(v) => lit(*v),
        Value::I64(v) => lit(*v),
        Value::U64(v) => lit(*v as f64),
        Value::F64(v) => lit(*v),
        Value::Str(v) => lit(v.clone()),
        other => lit(other.to_string()),
    };
    let values = |e: &Expr| match e {
        Expr::Column(c) => doc_values(&c.name, mapping, doc),
        other => panic!("a column expected, {other} found"),
    };
    Ok(match &expr {
        Expr::Placeholder(p) => {
            let (_, value) = source.params.iter().find(|(key, _)| p.id[1..] == *key).unwrap();
            Transformed::yes(constant(value))
        }
        Expr::IsNull(inner) => Transformed::yes(lit(values(inner).is_empty())),
        Expr::IsNotNull(inner) => Transformed::yes(lit(!values(inner).is_empty())),
        Expr::ScalarFunction(f) => match (f.name(), f.args.as_slice()) {
            ("value_count", [column]) => Transformed::yes(lit(values(column).len() as i64)),
            ("coalesce", [part, default]) => {
                Transformed::yes(read(part, &values).map_or(default.clone(), |v| constant(&v)))
            }
            ("require", [part, site]) => Transformed::yes(match read(part, &values) {
                Some(value) => constant(&value),
                None => return Ok(Transformed::yes(fails(site.clone()))),
            }),
            _ => Transformed::no(expr),
        },
        _ => Transformed::no(expr),
    })
}

/// A tree that fails: no document is at hand to fail on.
fn fails(site: Expr) -> Expr {
    shardscript::plan::function::call("missing_factor", vec![lit("require"), site])
}

fn read(part: &Expr, values: &dyn Fn(&Expr) -> Vec<Value>) -> Option<Value> {
    let Expr::ScalarFunction(f) = part else { return values(part).first().cloned() };
    let values = values(&f.args[0]);
    let first = values.first()?;
    let mut doubles: Vec<_> = values.iter().filter_map(Value::as_f64).collect();
    doubles.sort_by(f64::total_cmp);
    let (n, sum) = (doubles.len(), doubles.iter().sum::<f64>());
    Some(match (f.name(), first) {
        ("value_max", _) => values.last()?.clone(),
        ("value_sum", _) => Value::F64(sum),
        ("value_avg", _) => Value::F64(sum / n as f64),
        ("value_median", _) => Value::F64((doubles[n / 2] + doubles[(n - 1) / 2]) / 2.0),
        ("value_lat", Value::I64(point)) => Value::F64(geo_point::decode(*point).0),
        ("value_lon", Value::I64(point)) => Value::F64(geo_point::decode(*point).1),
        other => panic!("{other:?}"),
    })
}

fn doc_values(path: &str, mapping: &Mapping, doc: &Json) -> Vec<Value> {
    let field = mapping.field(path).unwrap();
    let mut at = doc;
    for key in path.split('.') {
        at = &at[key];
    }
    let mut values = Vec::new();
    for value in at.as_array().map_or(std::slice::from_ref(at), Vec::as_slice) {
        values.extend(field.parse_doc(value).unwrap().map(|value| match (&field.ty, value) {
            (FieldType::ScaledFloat(ty), Value::I64(v)) => Value::F64(v as f64 / ty.scaling_factor),
            (_, value) => value,
        }));
    }
    values.sort_by(|a, b| match (a, b) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Ip(a), Value::Ip(b)) => a.cmp(b),
        _ => a.as_f64().unwrap().total_cmp(&b.as_f64().unwrap()),
    });
    if matches!(values.first(), Some(Value::Str(_))) {
        values.dedup();
    }
    values
}

#[test]
fn script_fields_show_what_no_tree_gives() {
    let mapping = json!({"properties": {
        "sizes": {"type": "integer"}, "ip": {"type": "ip"}, "tags": {"type": "keyword"}, "created": {"type": "date"},
        "where": {"type": "geo_point"},
    }});
    let full = json!({
        "sizes": [42, 36, 42], "ip": "192.168.0.1", "tags": ["b", "a"], "created": "2024-01-26T07:40:47Z",
        "where": [{"lat": 0, "lon": 0}, {"lat": 45, "lon": 90}],
    });
    let point = json!({"lat": 0.0, "lon": 0.0});
    let corner = json!({"lat": 45.0, "lon": 90.0});
    let fails = |ty: &str| json!({"fails": ty});
    let missing = fails("illegal_state_exception");
    for (source, of_full, of_empty) in [
        ("doc['sizes']", json!([36, 42, 42]), json!(null)),
        ("doc['tags']", json!(["a", "b"]), json!(null)),
        ("doc['where']", json!([point, corner]), json!(null)),
        ("doc['created']", json!("2024-01-26T07:40:47.000Z"), json!(null)),
        ("doc['created'].value", json!("2024-01-26T07:40:47.000Z"), missing.clone()),
        ("'' + doc['created'].value", json!("2024-01-26T07:40:47Z"), missing.clone()),
        ("doc['where'].value", point.clone(), missing.clone()),
        ("doc['where'].size() == 0 ? 'none' : doc['where'].value", point, json!("none")),
        ("doc['ip'].value", json!("192.168.0.1"), json!(null)),
        ("doc['tags'].size() == 0 ? 1 : doc['tags'].value", json!("a"), json!(1)),
        ("if (doc['tags'].size() == 0) { return 1 } return 2.5", json!(2.5), json!(1)),
        (
            "if (doc['tags'].size() == 0) { return doc['sizes'].value } return params.list",
            json!([1, null]),
            missing.clone(),
        ),
        ("def x = doc['sizes'].value; return null", json!(null), missing.clone()),
        ("params.map", json!({"a": [1]}), json!({"a": [1]})),
        ("doc['_id'].value + doc['_id'].size()", json!("11"), json!("11")),
        ("doc['tags'].contains('b') && doc['tags'].contains(params.a)", json!(true), json!(false)),
        ("doc['tags'].contains('c') || doc['tags'].contains(1)", json!(false), json!(false)),
        ("doc['sizes'].contains(42L) && !doc['sizes'].contains(42)", json!(true), json!(false)),
        ("doc['ip'].contains('192.168.0.1') && doc['_id'].contains('1')", json!(true), json!(false)),
        ("doc['_index'].size() == 1 ? doc['_index'] : null", json!("index"), json!("index")),
        ("doc['ip'].value instanceof String && !(doc['_id'].value instanceof Long)", json!(true), json!(false)),
        ("doc['sizes'].value instanceof Long || params.a instanceof def", json!(true), missing),
        ("params.none", json!(null), json!(null)),
        ("doc['tags'].size() == 0 ? null : 1", fails("class_cast_exception"), fails("class_cast_exception")),
    ] {
        for (doc, want) in [(&full, &of_full), (&json!({}), &of_empty)] {
            let script = shardscript::Evaluation {
                source: source.into(),
                params: Some(json!({"a": "a", "list": [1, null], "map": {"a": [1]}})),
                mapping: Some(mapping.clone()),
                doc: Some(doc.clone()),
                ..shardscript::Evaluation::default()
            };
            let got = script.run(0).unwrap_or_else(|e| json!({"fails": innermost(&e)}));
            assert_eq!(got, *want, "{source} of {doc}");
        }
    }
}
