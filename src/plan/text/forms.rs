//! The forms of a tree beside plain text.

use serde_json::{Map, Value as Json, json};

use super::Tree;

/// Nested objects: `name`, `detail`, the properties, `note`, `children`.
pub(super) fn json(tree: &Tree) -> String {
    let stages: Map<_, _> = tree
        .children
        .iter()
        .map(|stage| (stage.name.clone(), Json::Array(stage.children.iter().map(object).collect())))
        .collect();
    let mut text = format!("{:#}", Json::Object(stages));
    text.push('\n');
    text
}

fn object(tree: &Tree) -> Json {
    let Tree { name, detail, props, note, children } = tree;
    let mut out = Map::new();
    out.insert("name".into(), json!(name));
    if !detail.is_empty() {
        out.insert("detail".into(), json!(detail));
    }
    for (key, value) in props {
        out.insert((*key).into(), json!(value));
    }
    if let Some(note) = note {
        out.insert("note".into(), json!(note));
    }
    if !children.is_empty() {
        out.insert("children".into(), children.iter().map(object).collect());
    }
    Json::Object(out)
}

/// A digraph; edges run from producer to consumer, which is from child to parent.
pub(super) fn dot(tree: &Tree) -> String {
    let mut out = String::from("digraph plan {\n  rankdir=BT;\n  node [shape=box, fontname=monospace];\n");
    let mut next = 0;
    for (i, stage) in tree.children.iter().enumerate() {
        out.push_str(&format!("  subgraph cluster_{i} {{\n    label={};\n", dot_text(&stage.line())));
        for child in &stage.children {
            edges(child, &mut next, &mut |id, label, parent| {
                out.push_str(&format!("    n{id} [label={}];\n", dot_text(label)));
                if let Some(parent) = parent {
                    out.push_str(&format!("    n{id} -> n{parent};\n"));
                }
            });
        }
        out.push_str("  }\n");
    }
    out.push_str("}\n");
    out
}

fn dot_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// A flowchart with a subgraph a stage.
pub(super) fn mermaid(tree: &Tree) -> String {
    let mut out = String::from("flowchart BT\n");
    let mut next = 0;
    for (i, stage) in tree.children.iter().enumerate() {
        out.push_str(&format!("  subgraph s{i}[\"{}\"]\n", mermaid_text(&stage.line())));
        for child in &stage.children {
            edges(child, &mut next, &mut |id, label, parent| {
                out.push_str(&format!("    n{id}[\"{}\"]\n", mermaid_text(label)));
                if let Some(parent) = parent {
                    out.push_str(&format!("    n{id} --> n{parent}\n"));
                }
            });
        }
        out.push_str("  end\n");
    }
    out
}

fn mermaid_text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '#' | '"' | '<' | '>' | '`' | '[' | ']' | '{' | '}' | '|' | '\\' | '&' => {
                out.push_str(&format!("#{};", c as u32));
            }
            c => out.push(c),
        }
    }
    out
}

/// Visits a tree top-down: number, line with its note, the parent's number.
fn edges(tree: &Tree, next: &mut usize, f: &mut dyn FnMut(usize, &str, Option<usize>)) {
    let mut open = vec![(tree, None)];
    while let Some((tree, parent)) = open.pop() {
        let id = *next;
        *next += 1;
        match &tree.note {
            Some(note) => f(id, &format!("{} ({note})", tree.line()), parent),
            None => f(id, &tree.line(), parent),
        }
        open.extend(tree.children.iter().rev().map(|child| (child, Some(id))));
    }
}

/// A page that needs nothing else.
pub(super) fn html(tree: &Tree) -> String {
    let mut out = String::from(
        "<!doctype html>\n<meta charset=\"utf-8\">\n<title>plan</title>\n<style>\n\
         body { font: 14px/1.5 monospace; margin: 2em } ul { list-style: none; border-left: 1px solid #ccc; padding-left: 1.5em }\n\
         b { color: #205 } i { color: #777; margin-left: 2em } summary { cursor: pointer }\n</style>\n",
    );
    for stage in &tree.children {
        out.push_str(&format!("<details open><summary><b>{}</b></summary>\n<ul>\n", html_text(&stage.line())));
        stage.children.iter().for_each(|child| html_item(child, &mut out));
        out.push_str("</ul>\n</details>\n");
    }
    out
}

fn html_item(tree: &Tree, out: &mut String) {
    out.push_str(&format!("<li>{}", html_text(&tree.line())));
    if let Some(note) = &tree.note {
        out.push_str(&format!("<i>{}</i>", html_text(note)));
    }
    if !tree.children.is_empty() {
        out.push_str("\n<ul>\n");
        tree.children.iter().for_each(|child| html_item(child, out));
        out.push_str("</ul>\n");
    }
    out.push_str("</li>\n");
}

fn html_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
