//! UDFs called from every place that runs a script: what they get, what comes of it, and for which documents they run.

use serde_json::{Value as Json, json};
use shardscript::dsl::mapping::read_mapping;
use shardscript::exec::index::Index;
use shardscript::exec::index::build::BuildOptions;
use shardscript::exec::udf::{DeclaredArg, Deployment, Source, Udfs};
use shardscript::plan::udf::NullPolicy;
use shardscript::pushdown::rule::Switches;
use shardscript::{Error, Planner, Request};
use tempfile::TempDir;

/// A function a line of the table below.
const MODULE: &str = r#"(module
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    (func (export "alloc") (param i32) (result i32)
        (global.get $free) (global.set $free (i32.and (i32.add (global.get $free) (local.get 0)) (i32.const 0x7fff))))
    (func (export "custom_score") (param f64 f64) (result f64) (f64.mul (local.get 0) (local.get 1)))
    (func (export "is_even") (param i32) (result i32) (i32.eqz (i32.and (local.get 0) (i32.const 1))))
    (func (export "half") (param f32) (result f32) (f32.mul (local.get 0) (f32.const 0.5)))
    (func (export "next") (param i64) (result i64) (i64.add (local.get 0) (i64.const 1)))
    (func (export "root") (param f64) (result f64)
        (if (f64.lt (local.get 0) (f64.const 0)) (then (unreachable)))
        (f64.sqrt (local.get 0)))
    (func (export "seen") (param f64 i32) (result f64)
        (select (local.get 0) (f64.const -1) (local.get 1)))
    (func (export "same") (param i32 i32) (result i64)
        (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1))))
    (func (export "spin") (param f64) (result f64) (loop (br 0)) (unreachable))
    (func (export "nan") (result f64) (f64.const nan))
)"#;

/// `price` is missing in c, `views` in b; the first value of `views` counts.
const DOCS: &str = r#"
{"_id": "a", "title": "red lamp", "price": 4.0, "views": [6, 3], "tag": "x", "ok": true, "debt": -1.0}
{"_id": "b", "title": "lamp", "price": 9.0, "tag": "yé", "ok": false, "debt": 4.0}
{"_id": "c", "title": "blue lamp", "views": 8, "tag": "z", "ok": true, "debt": -4.0}
"#;

struct World {
    index: Index,
    /// The same documents in two shards, each in a segment of its own.
    spread: Index,
    planner: Planner,
    _dir: TempDir,
}

impl World {
    fn new() -> Self {
        let mapping = read_mapping(&json!({"properties": {
            "title": {"type": "text"}, "price": {"type": "double"}, "views": {"type": "long"},
            "tag": {"type": "keyword"}, "ok": {"type": "boolean"}, "debt": {"type": "double"},
        }}))
        .unwrap();
        let build =
            |options: &BuildOptions| Index::build(mapping.clone(), DOCS.as_bytes(), options, &mut |_, _| {}).unwrap().0;
        let index = build(&BuildOptions::default());
        let spread = build(&BuildOptions { shards: 2, flush_every: Some(1), ..BuildOptions::default() });
        let dir = tempfile::tempdir().unwrap();
        let planner = Planner { udfs: Udfs::create(dir.path()).unwrap(), ..Planner::default() };
        let world = Self { index, spread, planner, _dir: dir };
        for (name, args, nulls) in [
            ("custom_score", "score:f64,boost:f64", None),
            ("is_even", "views:i32", None),
            ("half", "price:f32", None),
            ("next", "views:i64=40", None),
            ("root", "price:f64", None),
            ("seen", "price:f64", Some(NullPolicy::Flag)),
            ("same", "tag:string", None),
            ("spin", "price:f64", None),
        ] {
            world.deploy(name, Some(args), nulls);
        }
        world.deploy("nan", None, None);
        world
    }

    fn deploy(&self, name: &str, args: Option<&str>, nulls: Option<NullPolicy>) {
        let module = wat::parse_str(MODULE).unwrap();
        let deployment = Deployment {
            name: name.to_owned(),
            source: Source::Wasm { module, export: None },
            args: args.map(|args| DeclaredArg::list(args).unwrap()),
            returns: (name == "same").then_some(shardscript::plan::udf::UdfType::Str),
            nulls,
            bounds: (name == "custom_score").then_some((0.0, 1e6)),
            deterministic: true,
        };
        self.planner.udfs.deploy(&deployment).unwrap_or_else(|e| panic!("{name}: {e}"));
    }

    /// The hits of a body, each as its id, score, sort values and fields; and how often UDFs were called.
    fn search(&self, body: &Json) -> Result<(Vec<Json>, u64), Error> {
        run(&self.planner, &self.index, body)
    }
}

fn run(planner: &Planner, index: &Index, body: &Json) -> Result<(Vec<Json>, u64), Error> {
    let response = planner.search(Request::new(body.to_string().as_bytes(), 0), index)?;
    let answer: Json = serde_json::from_slice(&response.body).unwrap();
    let hits = answer["hits"]["hits"].as_array().unwrap().iter().map(|hit| {
        let rest = [&hit["_score"], &hit["sort"], &hit["fields"]].into_iter().filter(|part| !part.is_null());
        Json::Array(std::iter::once(&hit["_id"]).chain(rest).cloned().collect())
    });
    Ok((hits.collect(), response.metrics.udfs.iter().map(|udf| udf.rows).sum()))
}

fn field(script: &Json) -> Json {
    json!({"script_fields": {"v": {"script": script}}, "sort": "_doc"})
}

fn sorted(ty: &str, script: &Json) -> Json {
    json!({"sort": {"_script": {"type": ty, "order": "desc", "script": script}}, "_source": false})
}

fn filtered(script: &Json) -> Json {
    json!({"query": {"bool": {"filter": {"script": {"script": script}}}}, "sort": "_doc", "_source": false})
}

#[test]
fn udfs_run_in_every_place() {
    let world = World::new();
    let boost = json!({"boost": 2});
    let scored = |script: &Json| json!({"query": {"script_score": {"query": {"match_all": {}}, "script": script}}});
    let cases = [
        (scored(&json!({"source": "custom_score", "params": boost})), json!([["a", 2.0], ["b", 2.0], ["c", 2.0]])),
        (scored(&json!({"source": "custom_score@1", "params": boost})), json!([["a", 2.0], ["b", 2.0], ["c", 2.0]])),
        (
            scored(&json!({"lang": "wasm", "id": "custom_score", "params": boost})),
            json!([["a", 2.0], ["b", 2.0], ["c", 2.0]]),
        ),
        // Skipped where a value is missing: 0.
        (scored(&json!({"source": "next"})), json!([["b", 41.0], ["c", 9.0], ["a", 4.0]])),
        (
            scored(
                &json!({"source": "custom_score(_score, params.boost) + doc['debt'].value * doc['debt'].value", "params": boost}),
            ),
            json!([["b", 18.0], ["c", 18.0], ["a", 3.0]]),
        ),
        (
            scored(&json!({"lang": "expression", "source": "custom_score(doc['price'], boost) + 1", "params": boost})),
            json!([["b", 19.0], ["a", 9.0], ["c", 1.0]]),
        ),
        (
            json!({"query": {"function_score": {"query": {"match_all": {}}, "boost_mode": "replace", "functions": [
                {"filter": {"term": {"tag": "x"}}, "script_score": {"script": {"source": "custom_score", "params": boost}}},
                {"filter": {"term": {"ok": true}}, "weight": 5},
            ]}}}),
            json!([["a", 10.0], ["c", 5.0], ["b", 1.0]]),
        ),
        (filtered(&json!("is_even")), json!([["c", [2]]])),
        (filtered(&json!("!is_even((int) doc['views'].size())")), json!([["c", [2]]])),
        (
            json!({"query": {"bool": {"should": [{"script": {"script": "is_even"}}, {"term": {"tag": "x"}}],
                "must_not": [{"script": {"script": "half(doc['debt'].value) > 1"}}]}}, "sort": "_doc", "_source": false}),
            json!([["a", [0]], ["c", [2]]]),
        ),
        (sorted("number", &json!("half")), json!([["b", [4.5]], ["a", [2.0]], ["c", [0.0]]])),
        (sorted("string", &json!("same")), json!([["c", ["z"]], ["b", ["yé"]], ["a", ["x"]]])),
        (field(&json!("half")), json!([["a", [0], {"v": [2.0]}], ["b", [1], {"v": [4.5]}], ["c", [2], {"v": [0.0]}]])),
        (field(&json!("seen")), json!([["a", [0], {"v": [4.0]}], ["b", [1], {"v": [9.0]}], ["c", [2], {"v": [-1.0]}]])),
        (field(&json!("next")), json!([["a", [0], {"v": [4]}], ["b", [1], {"v": [41]}], ["c", [2], {"v": [9]}]])),
        (
            field(&json!("same('<' + doc['tag'].value) + '>'")),
            json!([["a", [0], {"v": ["<x>"]}], ["b", [1], {"v": ["<yé>"]}], ["c", [2], {"v": ["<z>"]}]]),
        ),
        (
            field(&json!({"source": "custom_score", "params": {"score": 0.5, "boost": 3}})),
            json!([["a", [0], {"v": [1.5]}], ["b", [1], {"v": [1.5]}], ["c", [2], {"v": [1.5]}]]),
        ),
    ];
    for (body, expected) in cases {
        for index in [&world.index, &world.spread] {
            for switches in [Switches::default(), Switches::none()] {
                let planner = Planner { switches, ..world.planner.clone() };
                let (hits, _) = run(&planner, index, &body).unwrap_or_else(|e| panic!("{body}\n{e}"));
                assert_eq!(Json::Array(hits), expected, "{body}");
            }
        }
    }
}

#[test]
fn calls_run_for_the_documents_that_are_left() {
    let world = World::new();
    let script = |source: &str| json!({"script": {"script": source}});
    let positive = json!({"script": {"script": {"lang": "expression", "source": "doc['debt'].value > 0"}}});
    // A missing value is 0 to it, so nothing but the call can fail.
    let dear = json!({"script": {"script": {"lang": "expression", "source": "root(doc['debt'].value) > 1"}}});
    let bool_of = |clauses: Json| json!({"query": {"bool": clauses}, "sort": "_doc", "_source": false});
    let cases = [
        // Of a and c the root traps: the cheap filter has dropped them.
        (bool_of(json!({"filter": [dear, positive]})), json!([["b", [1]]]), 1),
        (bool_of(json!({"filter": [dear, {"range": {"debt": {"gt": 0}}}]})), json!([["b", [1]]]), 1),
        (bool_of(json!({"filter": [positive], "must": [dear]})), json!([["b", [1]]]), 1),
        (
            bool_of(json!({"filter": [script("doc['debt'].value > 0 && root(doc['debt'].value) > 1")]})),
            json!([["b", [1]]]),
            1,
        ),
        // A branch that is not taken calls nothing.
        (
            field(&json!("doc['debt'].value > 0 ? root(doc['debt'].value) : 0")),
            json!([["a", [0], {"v": [0.0]}], ["b", [1], {"v": [2.0]}], ["c", [2], {"v": [0.0]}]]),
            1,
        ),
        // Twice the same call of a source is one.
        (
            field(&json!("def r = root(doc['debt'].value * doc['debt'].value); return r + r")),
            json!([["a", [0], {"v": [2.0]}], ["b", [1], {"v": [8.0]}], ["c", [2], {"v": [8.0]}]]),
            3,
        ),
    ];
    for (body, expected, calls) in cases {
        let (hits, called) = world.search(&body).unwrap_or_else(|e| panic!("{body}\n{e}"));
        assert_eq!((Json::Array(hits), called), (expected, calls), "{body}");
    }
}

#[test]
fn a_call_that_fails_says_where_and_why() {
    let world = World::new();
    let scored = |script: &Json| json!({"query": {"script_score": {"query": {"match_all": {}}, "script": script}}});
    let cases = [
        (
            field(&json!("1 + root(doc['debt'].value)")),
            "E407",
            "script_fields.v.script",
            "in the document of `_id` `a`\n",
        ),
        (
            scored(&json!({"source": "custom_score", "params": {"boost": -1}})),
            "E407",
            "query.script_score.script",
            "which is not between",
        ),
        (scored(&json!({"source": "nan"})), "E401", "query.script_score.script", "NaN"),
        (
            field(&json!("is_even(doc['debt'].size() + 2147483647L)")),
            "E401",
            "script_fields.v.script",
            "integer overflow",
        ),
        (filtered(&json!("root")), "E223", "query.bool.filter.script.script", "gives f64"),
    ];
    for (body, code, path, reason) in cases {
        let e = world.search(&body).map_or_else(|e| e, |(hits, _)| panic!("{body}\n{hits:?}"));
        let json = e.to_json();
        assert_eq!((json["code"].as_str(), json["path"].as_str()), (Some(code), Some(path)), "{body}\n{e}");
        assert!(e.to_string().contains(reason) && !e.to_string().contains("of the batch"), "{body}\n{e}");
        // The next search is answered.
        assert!(world.search(&field(&json!("root"))).is_ok());
    }
}

#[test]
fn a_deadline_of_the_search_stops_a_call() {
    let world = World::new();
    let body = json!({"query": {"script_score": {"query": {"match_all": {}}, "script": {"source": "spin"}}}, "timeout": "30ms"});
    let response = world.planner.search(Request::new(body.to_string().as_bytes(), 0), &world.index).unwrap();
    let answer: Json = serde_json::from_slice(&response.body).unwrap();
    assert_eq!((&answer["timed_out"], &answer["hits"]["hits"]), (&json!(true), &json!([])));
}
