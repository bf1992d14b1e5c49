//! A snapshot of every stage for every body of `fixtures/queries`, and that planning a planned body changes nothing.

use std::path::{Path, PathBuf};
use std::{env, fs};

use shardscript::dsl::mapping::read_mapping;
use shardscript::dsl::query::QUERY_TYPES;
use shardscript::plan::mapping::Mapping;
use shardscript::plan::text::Form;
use shardscript::pushdown::fragment::Fragment;
use shardscript::pushdown::pipeline::rewrite;
use shardscript::pushdown::rule::Switches;
use shardscript::{ExplainStage, Planner, Request};

/// 2024-06-15T12:00:00Z: the clock of all snapshots.
const NOW_MS: i64 = 1_718_452_800_000;

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures")
}

fn products() -> Mapping {
    let text = fs::read_to_string(fixtures().join("data/products.mapping.json")).unwrap();
    read_mapping(&serde_json::from_str(&text).unwrap()).unwrap()
}

/// All bodies: folder and name, text; sorted.
fn bodies() -> Vec<(String, String)> {
    let mut bodies = Vec::new();
    for folder in fs::read_dir(fixtures().join("queries")).unwrap() {
        let folder = folder.unwrap().path();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            let name = format!("{}/{}", folder.file_name().unwrap().display(), file.file_stem().unwrap().display());
            bodies.push((name, fs::read_to_string(file).unwrap()));
        }
    }
    bodies.sort();
    bodies
}

#[test]
fn every_stage_of_every_body() {
    let mapping = products();
    let bodies = bodies();
    assert!(bodies.len() >= 40, "{} bodies", bodies.len());
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(fixtures().join("../tests/it/snapshots/explain"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    let mut refused = Vec::new();
    for (name, body) in bodies {
        let request = Request::new(body.as_bytes(), NOW_MS);
        match Planner::default().explain(request, &mapping, ExplainStage::ALL) {
            Ok(tree) => {
                let body: serde_json::Value = serde_json::from_str(&body).unwrap();
                settings.set_description(body.to_string());
                settings.bind(|| insta::assert_snapshot!(name.replace('/', "."), tree.render(Form::Text)));
            }
            Err(e) => refused.push(format!("{name}: {e}")),
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[test]
fn every_form_of_one_body() {
    let body = fs::read_to_string(fixtures().join("queries/bool/scripts.json")).unwrap();
    let tree = Planner::default()
        .explain(Request::new(body.as_bytes(), NOW_MS), &products(), &[ExplainStage::Physical])
        .unwrap();
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(fixtures().join("../tests/it/snapshots/explain"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, form) in [("json", Form::Json), ("dot", Form::Dot), ("mermaid", Form::Mermaid), ("html", Form::Html)] {
        settings.bind(|| insta::assert_snapshot!(format!("form.{name}"), tree.render(form)));
    }
}

#[test]
fn rewriting_twice_is_rewriting_once() {
    let mapping = products();
    for (name, body) in bodies() {
        let mut plan = Planner::default().logical(Request::new(body.as_bytes(), NOW_MS), &mapping).unwrap();
        plan.link_scripts();
        rewrite(&mut plan, &mapping, &Switches::default());
        let again = rewrite(&mut plan, &mapping, &Switches::default());
        assert!(again.firings.is_empty(), "{name}: {:?}", again.firings);
    }
}

#[test]
fn fragments_cross_as_they_are() {
    let mapping = products();
    for (name, body) in bodies() {
        let plan = Planner::default().plan(Request::new(body.as_bytes(), NOW_MS), &mapping).unwrap();
        let bytes = plan.fragment.to_bytes().unwrap();
        assert_eq!(Fragment::from_bytes(&bytes).unwrap(), plan.fragment, "{name}");
    }
}

#[test]
fn every_query_type_has_a_fixture() {
    for query_type in QUERY_TYPES {
        let folder = fixtures().join("queries").join(query_type.name);
        let count = fs::read_dir(&folder).map_or(0, Iterator::count);
        assert!(count > 0, "no body in {}", folder.display());
    }
}
