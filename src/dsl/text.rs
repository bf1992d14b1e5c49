//! A body as a tree of text: its keys as they stand, a line each.

use serde_json::Value as Json;

use crate::plan::text::Tree;

/// The keys of an object or the elements of an array as trees.
pub fn body_tree(body: &Json) -> Vec<Tree> {
    match body {
        Json::Object(keys) => keys.iter().map(|(key, value)| entry(key, value)).collect(),
        Json::Array(items) => items.iter().enumerate().map(|(i, value)| entry(&format!("[{i}]"), value)).collect(),
        scalar => vec![Tree::new(scalar.to_string())],
    }
}

fn entry(key: &str, value: &Json) -> Tree {
    match value {
        Json::Object(keys) if !keys.is_empty() => Tree::new(key).children(body_tree(value)),
        Json::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => {
            Tree::new(key).children(body_tree(value))
        }
        other => Tree::new(format!("{key}:")).detail(other.to_string()),
    }
}
