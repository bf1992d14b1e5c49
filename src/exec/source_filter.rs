//! `_source` filtering: which keys of a document's source a hit shows, as Elasticsearch cuts them out.

use serde_json::{Map, Value as Json};

use crate::plan::node::SourceFilter;

/// What is left of a source.
pub(crate) fn filter(source: &Map<String, Json>, filter: &SourceFilter) -> Map<String, Json> {
    let cut = Cut { includes: &filter.includes, excludes: &filter.excludes };
    cut.object(source, &mut String::new(), filter.includes.is_empty())
}

/// How far a path goes along a pattern, or along a pattern and what is below it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reach {
    /// The pattern cannot match anything that begins so.
    Dead,
    /// It can match something longer.
    Open,
    /// It matches the path, or an object that the path is in.
    Match,
}

struct Cut<'a> {
    includes: &'a [String],
    excludes: &'a [String],
}

impl Cut<'_> {
    /// What is left of an object at a path; `all`: everything that is not excluded.
    fn object(&self, object: &Map<String, Json>, path: &mut String, all: bool) -> Map<String, Json> {
        let mut left = Map::new();
        let length = path.len();
        for (key, value) in object {
            path.truncate(length);
            path.push_str(key);
            let included = if all { Reach::Match } else { reach(self.includes, path) };
            if included == Reach::Dead || reach(self.excludes, path) == Reach::Match {
                continue;
            }
            let included = included == Reach::Match;
            match value {
                Json::Object(child) => {
                    path.push('.');
                    if included || reach(self.includes, path) != Reach::Dead {
                        let child = self.object(child, path, included);
                        if included || !child.is_empty() {
                            left.insert(key.clone(), Json::Object(child));
                        }
                    }
                }
                Json::Array(items) => {
                    if included && !self.excludes_below(path) {
                        left.insert(key.clone(), value.clone());
                        continue;
                    }
                    let items = self.array(items, path, included);
                    if included || !items.is_empty() {
                        left.insert(key.clone(), Json::Array(items));
                    }
                }
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) if included => {
                    left.insert(key.clone(), value.clone());
                }
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
            }
        }
        path.truncate(length);
        left
    }

    fn array(&self, items: &[Json], path: &mut String, all: bool) -> Vec<Json> {
        let length = path.len();
        let mut left = Vec::new();
        for item in items {
            path.truncate(length);
            match item {
                Json::Object(child) => {
                    path.push('.');
                    let child = self.object(child, path, all);
                    if !child.is_empty() {
                        left.push(Json::Object(child));
                    }
                }
                Json::Array(inner) => {
                    let inner = self.array(inner, path, all);
                    if !inner.is_empty() {
                        left.push(Json::Array(inner));
                    }
                }
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) if all => left.push(item.clone()),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
            }
        }
        path.truncate(length);
        left
    }

    fn excludes_below(&self, path: &mut String) -> bool {
        path.push('.');
        let below = reach(self.excludes, path) != Reach::Dead;
        path.pop();
        below
    }
}

/// How far a path goes along any of the patterns.
fn reach(patterns: &[String], path: &str) -> Reach {
    let mut best = Reach::Dead;
    for pattern in patterns {
        match reach_of(pattern.as_bytes(), path.as_bytes()) {
            Reach::Match => return Reach::Match,
            Reach::Open => best = Reach::Open,
            Reach::Dead => {}
        }
    }
    best
}

/// Walks all ways through a pattern at once: `at[i]` says whether the first `i` bytes of it can match what was read.
fn reach_of(pattern: &[u8], path: &[u8]) -> Reach {
    let mut at = vec![false; pattern.len() + 1];
    at[0] = true;
    skip_stars(pattern, &mut at);
    for byte in path {
        // What is matched as a whole is matched with all that is below it.
        if *byte == b'.' && at[pattern.len()] {
            return Reach::Match;
        }
        let mut next = vec![false; pattern.len() + 1];
        for (i, of_pattern) in pattern.iter().enumerate().filter(|(i, _)| at[*i]) {
            if *of_pattern == b'*' {
                next[i] = true;
            } else if of_pattern == byte {
                next[i + 1] = true;
            }
        }
        skip_stars(pattern, &mut next);
        at = next;
    }
    match at {
        at if at[pattern.len()] => Reach::Match,
        at if at.contains(&true) => Reach::Open,
        _ => Reach::Dead,
    }
}

/// A `*` may match nothing.
fn skip_stars(pattern: &[u8], at: &mut [bool]) {
    for i in 0..pattern.len() {
        if at[i] && pattern[i] == b'*' {
            at[i + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cuts_as_elasticsearch_does() {
        let source = json!({
            "a": 1, "attrs": {"color": "red", "dims": {"h": 2}}, "list": [{"x": 1, "y": 2}, {"y": 3}], "n": [[1], 2],
        });
        let cases = [
            (&[][..], &[][..], source.clone()),
            (&["attrs"], &[], json!({"attrs": {"color": "red", "dims": {"h": 2}}})),
            (&["attrs"], &["attrs.*"], json!({"attrs": {}})),
            (&["*.h"], &[], json!({"attrs": {"dims": {"h": 2}}})),
            (&["list.x"], &[], json!({"list": [{"x": 1}]})),
            (&["a", "n"], &["a"], json!({"n": [[1], 2]})),
            (&["*"], &["list", "attrs.dims"], json!({"a": 1, "attrs": {"color": "red"}, "n": [[1], 2]})),
            (&["nothing", ""], &[], json!({})),
            (&[], &["list.y", "attrs", "n"], json!({"a": 1, "list": [{"x": 1}]})),
        ];
        for (includes, excludes, expected) in cases {
            let own = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
            let filter_by = SourceFilter { includes: own(includes), excludes: own(excludes) };
            let left = filter(source.as_object().unwrap(), &filter_by);
            assert_eq!(Json::Object(left), expected, "{includes:?} {excludes:?}");
        }
    }
}
