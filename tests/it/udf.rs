//! Deployed UDFs through the command lines: deploy, query, status, restart, new version, rollback, delete.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

/// The design's own example, as it stands.
const EXAMPLE: &str = r#"{"query":{"function_score":{"query":{"match":{"title":"laptop"}},"script_score":{"script":{"source":"custom_score","params":{"boost":1.5}}}}}}"#;

/// The same query without the script.
const PLAIN: &str = r#"{"query":{"match":{"title":"laptop"}}}"#;

/// A registry and an index, in a directory of their own.
pub(crate) struct Demo {
    pub(crate) dir: TempDir,
}

/// What a run printed and how it ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    pub(crate) fn json(&self) -> Json {
        serde_json::from_str(&self.out).unwrap_or_else(|e| panic!("{e}: {self:?}"))
    }

    /// The scores of the hits, by id.
    pub(crate) fn scores(&self) -> Vec<(String, f64)> {
        let answer = self.json();
        let hits = answer["hits"]["hits"].as_array().unwrap_or_else(|| panic!("no hits: {self:?}"));
        hits.iter().map(|hit| (hit["_id"].as_str().unwrap().to_owned(), hit["_score"].as_f64().unwrap())).collect()
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/udfs").join(name)
}

impl Demo {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mapping = json!({"properties": {
            "title": {"type": "text"}, "name": {"type": "keyword"}, "price": {"type": "double"},
            "views": {"type": "long"}, "rating": {"type": "double"},
        }});
        std::fs::write(dir.path().join("mapping.json"), mapping.to_string()).unwrap();
        let mut docs = String::new();
        for i in 0..3_000 {
            let (words, name) = ("fast ".repeat(i % 7), if i % 3 == 0 { "New Red Lamp, 40 W" } else { "plain lamp" });
            let mut doc =
                json!({"_id": i.to_string(), "title": format!("{words}laptop {i}"), "name": name, "views": i});
            if i % 5 > 0 {
                doc["price"] = json!(i as f64 / 10.0);
                doc["rating"] = json!((i % 50) as f64 / 10.0);
            }
            docs.push_str(&format!("{doc}\n"));
        }
        std::fs::write(dir.path().join("docs.ndjson"), docs).unwrap();
        let demo = Self { dir };
        let index = ["index", "--mapping", "mapping.json", "--docs", "docs.ndjson", "--out", "index"];
        assert_eq!(demo.run(env!("CARGO_BIN_EXE_plan-explain"), &index, "").code, 0);
        demo
    }

    pub(crate) fn run(&self, bin: &str, args: &[&str], input: &str) -> Ran {
        let mut child = Command::new(bin)
            .args(args)
            .current_dir(self.dir.path())
            .env("SHARDSCRIPT_UDFS", self.dir.path().join("udfs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A command that does not read its input may have ended already.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) }
    }

    pub(crate) fn udf(&self, args: &[&str]) -> Ran {
        self.run(env!("CARGO_BIN_EXE_udf"), args, "")
    }

    /// Deploys a file of `fixtures/udfs`.
    pub(crate) fn deploy(&self, name: &str, file: &str, more: &[&str]) -> Ran {
        let path = fixture(file).display().to_string();
        let kind = if file.ends_with(".wasm") { "--wasm" } else { "--python" };
        let ran = self.udf(&[&["deploy", "--name", name, kind, &path], more].concat());
        assert_eq!(ran.code, 0, "{ran:?}");
        ran
    }

    pub(crate) fn search(&self, body: &str) -> Ran {
        self.run(env!("CARGO_BIN_EXE_plan-explain"), &["run", "--index", "index", "--analyze", "-"], body)
    }

    /// By what the design's example multiplies the square of its query's scores: `function_score` multiplies the score
    /// with the function's value, which is the score times the boost.
    fn boost(&self) -> (f64, String) {
        let (plain, boosted) = (self.search(PLAIN), self.search(EXAMPLE));
        let (a, b) = (plain.scores(), boosted.scores());
        let factors: Vec<_> = a.iter().zip(&b).map(|(plain, boosted)| boosted.1 / (plain.1 * plain.1)).collect();
        let ids = |hits: &[(String, f64)]| hits.iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
        assert_eq!((ids(&a), factors.len()), (ids(&b), 10), "{boosted:?}");
        assert!(factors.iter().all(|factor| (factor - factors[0]).abs() < 1e-6), "{factors:?}");
        ((factors[0] * 1e5).round() / 1e5, boosted.err)
    }
}

/// The tiers that `--analyze` names for a UDF, in the order of their first calls.
fn tiers(analyzed: &str, udf: &str) -> Vec<String> {
    let lines = analyzed.lines().filter(|line| line.split_whitespace().next() == Some(udf));
    lines.map(|line| line.split_whitespace().nth(1).unwrap().to_owned()).collect()
}

#[test]
fn the_demo() {
    let demo = Demo::new();

    // Deployed, it runs at once: the design's own body, as it stands.
    let said = demo.deploy("custom_score", "custom_score.wasm", &[]).out;
    assert!(said.starts_with("custom_score@1 is deployed and active"), "{said}");
    assert!(demo.udf(&["status"]).out.contains("custom_score@1  interpreter"), "{:?}", demo.udf(&["status"]));
    let (boost, analyzed) = demo.boost();
    assert_eq!(boost, 1.5);
    // On a busy machine native code is there before the first batch is.
    let ran = tiers(&analyzed, "custom_score@1").join(", ");
    assert!(["interpreter", "interpreter, native", "native"].contains(&&*ran), "{analyzed}");

    // Native code was compiled meanwhile and kept: a new process starts with it.
    let status = demo.udf(&["status", "--format", "json"]).json();
    assert_eq!(status["udfs"][0]["tier"], "native, from the cache", "{status}");
    let (again, analyzed) = demo.boost();
    assert_eq!((again, tiers(&analyzed, "custom_score@1")), (boost, vec!["native".to_owned()]), "{analyzed}");

    // The same again is the same version.
    let said = demo.deploy("custom_score", "custom_score.wasm", &[]).out;
    assert!(said.contains("custom_score@1 is deployed already"), "{said}");

    // A new version is active at once; rolled back, the old one is, as native as it was.
    let said = demo.deploy("custom_score", "custom_score_2.wasm", &["--format", "json"]).json();
    assert_eq!((&said["outcome"], &said["manifest"]["version"]), (&json!("new"), &json!(2)));
    let (second, analyzed) = demo.boost();
    assert_eq!((second, tiers(&analyzed, "custom_score@2").is_empty()), (1.75, false), "{analyzed}");
    assert_eq!(demo.udf(&["rollback", "custom_score"]).out, "custom_score@1 is active\n");
    let (back, analyzed) = demo.boost();
    assert_eq!((back, tiers(&analyzed, "custom_score@1")), (boost, vec!["native".to_owned()]));
    // A version that is not active is called by its number.
    let by_number = demo.search(&EXAMPLE.replace("custom_score\"", "custom_score@2\""));
    assert!(!tiers(&by_number.err, "custom_score@2").is_empty(), "{by_number:?}");
    let shown = demo.udf(&["show", "custom_score"]).out;
    for line in ["custom_score@1, active", "* 1  ", "  2  ", "deploy custom_score@2", "rollback to custom_score@1"] {
        assert!(shown.contains(line), "{line}: {shown}");
    }

    let ran = demo.udf(&["delete", "custom_score@1"]);
    assert_eq!((ran.code, ran.err.contains("custom_score@1 is active")), (1, true), "{ran:?}");
    assert_eq!(demo.udf(&["delete", "custom_score"]).code, 0);
    assert!(demo.udf(&["list"]).out.contains("nothing is deployed"));
    let gone = demo.search(EXAMPLE);
    assert_eq!((gone.code, gone.json()["status"].as_u64()), (1, Some(400)), "{gone:?}");
}

#[test]
fn one_udf_in_every_place() {
    let demo = Demo::new();
    demo.deploy("popularity", "popularity.wasm", &["--args", "views,rating"]);
    let script = json!({"lang": "wasm", "source": "popularity"});
    let inside = json!({"source": "popularity(doc['views'].value, doc['rating'].value) > 200"});
    let body = json!({
        "query": {"function_score": {
            "query": {"bool": {
                "must": {"match": {"title": "laptop"}},
                "filter": [{"exists": {"field": "rating"}}, {"script": {"script": inside}}],
            }},
            "script_score": {"script": script},
            "boost_mode": "replace",
        }},
        "sort": [{"_script": {"type": "number", "script": script, "order": "desc"}}],
        "track_scores": true,
        "script_fields": {"popularity": {"script": script}},
        "_source": ["views", "rating"],
    });
    let ran = demo.search(&body.to_string());
    let answer = ran.json();
    let hits = answer["hits"]["hits"].as_array().unwrap_or_else(|| panic!("{ran:?}"));
    assert_eq!(hits.len(), 10);
    for hit in hits {
        let source = &hit["_source"];
        let (views, rating) = (source["views"].as_f64().unwrap(), source["rating"].as_f64().unwrap());
        let popularity = views.sqrt() * rating;
        assert!(popularity > 200.0);
        assert_eq!(hit["fields"]["popularity"], json!([popularity]), "{hit}");
        assert_eq!(hit["sort"], json!([popularity]), "{hit}");
        assert_eq!(hit["_score"].as_f64().unwrap() as f32, popularity as f32, "{hit}");
    }
}

#[test]
fn modules_of_four_languages_run() {
    let demo = Demo::new();
    let fields = |source: &str, params: &Json| {
        let ran = demo.run(
            env!("CARGO_BIN_EXE_plan-explain"),
            &[
                "eval",
                "--source",
                source,
                "--params",
                &params.to_string(),
                "--doc",
                r#"{"name": "New Red Lamp, 40 W"}"#,
            ],
            "",
        );
        assert_eq!(ran.code, 0, "{source}: {ran:?}");
        ran.json()
    };
    demo.deploy("title_boost", "title_boost.wasm", &["--args", "title:string"]);
    demo.deploy("slug", "slug.wasm", &["--args", "text:string", "--returns", "string"]);
    demo.deploy("name_tag", "name_tag.wasm", &["--args", "text:string,limit:i32", "--returns", "string"]);
    demo.deploy("words", "name_tag.wasm", &["--args", "text:string"]);
    demo.deploy("freshness", "freshness.wasm", &["--args", "age,half_life:f64=30"]);
    demo.deploy("is_fresh", "freshness.wasm", &["--args", "age,limit", "--returns", "bool"]);
    demo.deploy("popularity", "popularity.wasm", &[]);
    for (source, params, expected) in [
        ("title_boost(params.t)", json!({"t": "a New one"}), json!(2.1)),
        ("title_boost(params.t)", json!({"t": "größer"}), json!(1.0 + 1.0 / 7.0)),
        ("slug(params.t)", json!({"t": "New Red Lamp, 40 W"}), json!("new-red-lamp-40-w")),
        ("slug(params.t)", json!({"t": ""}), json!("")),
        ("name_tag(params.t, 3)", json!({"t": "red lamp"}), json!("RED LAMP")),
        ("name_tag(params.t, 3)", json!({"t": "a b c d"}), json!("a b c d")),
        ("name_tag(params.t, 3)", json!({"t": "lämp 😀"}), json!("LÄMP 😀")),
        ("words(params.t)", json!({"t": " one  two "}), json!(2)),
        ("freshness(params.a, 10)", json!({"a": 15}), json!(0.375)),
        ("freshness", json!({"age": 15}), json!(0.75)),
        ("is_fresh(3, 5) && !is_fresh(6, 5)", json!({}), json!(true)),
        ("popularity(16, 2.5) + Math.sqrt(4)", json!({}), json!(12.0)),
        ("popularity", json!({"views": 16, "rating": 2.5}), json!(10.0)),
    ] {
        assert_eq!(fields(source, &params), expected, "{source} {params}");
    }
}

#[test]
fn built_modules_are_those_that_were_listed() {
    let sums = std::fs::read_to_string(fixture("SHA256SUMS")).unwrap();
    let mut listed = Vec::new();
    for line in sums.lines() {
        let (hash, file) = line.split_once("  ").unwrap();
        let digest = Sha256::digest(std::fs::read(fixture(file)).unwrap());
        assert_eq!(digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>(), hash, "{file}");
        listed.push(file.to_owned());
    }
    let entries =
        std::fs::read_dir(fixture("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut there: Vec<_> = entries.filter(|name| name.contains(".wasm")).collect();
    there.sort();
    listed.sort();
    assert_eq!(there, listed);
}

#[test]
fn names_of_a_module_do_not_drive_a_terminal() {
    let demo = Demo::new();
    for (module, expected) in [
        (r#"(module (func (export "\1b[2Jx\0d\u{202e}") (param f64) (result f64) (local.get 0)))"#, 0),
        (r#"(module (import "host" "\1b[2Jx\0d\u{202e}" (func)))"#, 1),
    ] {
        std::fs::write(demo.dir.path().join("m.wasm"), wat::parse_str(module).unwrap()).unwrap();
        let ran = demo.udf(&["deploy", "--name", "m", "--wasm", "m.wasm"]);
        assert_eq!(ran.code, expected, "{ran:?}");
        let said = [ran.out, ran.err].concat();
        assert!(said.contains(r"\u{1b}[2Jx\u{d}\u{202e}"), "{said}");
        assert!(!said.contains(['\x1b', '\r', '\u{202e}']), "{said:?}");
    }
}

#[test]
fn what_is_wrong_is_said_and_exits() {
    let demo = Demo::new();
    let slug = fixture("slug.wasm").display().to_string();
    let freshness = fixture("freshness.wasm").display().to_string();
    for (args, code, said) in [
        (&["deploy", "--name", "slug"][..], 2, "--wasm <FILE>"),
        (&["deploy", "--name", "slug", "--wasm", "none.wasm"], 2, "cannot read none.wasm"),
        (
            &["deploy", "--name", "slug", "--wasm", &slug, "--args", "text:text"],
            2,
            "one of: i32, i64, f32, f64, bool, string",
        ),
        (&["deploy", "--name", "slug", "--wasm", &slug, "--bounds", "1"], 2, "expected LO..HI"),
        (&["deploy", "--name", "a-b", "--wasm", &slug], 1, "`a-b` is no name of a UDF"),
        (&["deploy", "--name", "x", "--wasm", &freshness], 1, "one of: freshness, is_fresh"),
        (&["deploy", "--name", "freshness", "--wasm", &freshness, "--args", "age"], 1, "takes (f64, f64)"),
        (
            &["deploy", "--name", "freshness", "--wasm", &freshness, "--args", "a,b:f64=x"],
            1,
            "the default \"x\" of `b` is no f64",
        ),
        (&["deploy", "--name", "m", "--wasm", "mapping.json"], 1, "error[E406]"),
        (&["list", "--udfs", "none"], 2, "there is no directory none"),
        (&["show", "slug"], 1, "no UDF of the name `slug` is deployed"),
        (&["status", "slug"], 1, "no UDF of the name `slug` is deployed"),
        (&["rollback", "slug"], 1, "no UDF of the name `slug` is deployed"),
        (&["delete", "slug@x"], 2, "`x` is no number of a version"),
    ] {
        std::fs::create_dir_all(demo.dir.path().join("udfs")).unwrap();
        let ran = demo.udf(args);
        assert_eq!(ran.code, code, "{args:?}: {ran:?}");
        assert!(ran.err.contains(said), "{args:?}: {}", ran.err);
    }
    let ran = demo.udf(&["show", "slug", "--format", "json"]);
    assert_eq!((ran.code, &ran.json()["error"]["code"]), (1, &json!("E225")));
}

#[test]
fn the_reference_page_names_all_flags_and_keys() {
    let demo = Demo::new();
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference/udfs.md")).unwrap();
    let help = demo.udf(&["deploy", "--help"]).out;
    let flags = help.split_whitespace().filter(|word| word.starts_with("--") && *word != "--help");
    for flag in flags.map(|word| word.trim_matches(|c: char| !c.is_ascii_lowercase() && c != '-')) {
        assert!(page.contains(&format!("`{flag}")), "{flag} is not on the page");
    }
    let said = demo.deploy("f", "freshness.wasm", &["--export", "freshness", "--bounds", "0..1", "--format", "json"]);
    let example = page.split("```json").nth(1).unwrap().split("```").next().unwrap();
    let example: Json = serde_json::from_str(example).unwrap();
    let keys = |json: &Json| json.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&said.json()["manifest"]), keys(&example));
}
