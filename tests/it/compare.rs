//! Compares an answer with a recorded one, as strictly as the two systems can agree.

use serde_json::{Map, Value as Json};

/// What an answer may hold that no two systems share.
const PRIVATE: &[&str] = &["took", "_index", "_shards", "terminated_early"];

/// The first difference between a recorded answer and ours, with its path; `None` where they agree.
///
/// Integers and strings must be equal; where one side is a float, numbers agree to a relative `2e-6`.
pub(crate) fn difference(want: &Json, got: &Json) -> Option<String> {
    differs_at(want, got, &mut String::from("$"))
}

fn differs_at(want: &Json, got: &Json, path: &mut String) -> Option<String> {
    match (want, got) {
        (Json::Number(w), Json::Number(g)) => {
            let exact = w == g;
            let close = (w.is_f64() || g.is_f64()) && is_close(w.as_f64()?, g.as_f64()?);
            (!exact && !close).then(|| format!("{path}: {w} expected, {g} found"))
        }
        (Json::Array(w), Json::Array(g)) => {
            if w.len() != g.len() {
                return Some(format!("{path}: {} elements expected, {} found", w.len(), g.len()));
            }
            w.iter()
                .zip(g)
                .enumerate()
                .find_map(|(i, (w, g))| within(path, &format!("[{i}]"), |path| differs_at(w, g, path)))
        }
        (Json::Object(w), Json::Object(g)) => objects_differ(w, g, path),
        _ => (want != got).then(|| format!("{path}: {} expected, {} found", short(want), short(got))),
    }
}

fn objects_differ(want: &Map<String, Json>, got: &Map<String, Json>, path: &mut String) -> Option<String> {
    let public = |key: &&String| !PRIVATE.contains(&key.as_str());
    if let Some(extra) = got.keys().filter(public).find(|key| !want.contains_key(*key)) {
        return Some(format!("{path}.{extra}: not expected"));
    }
    want.iter().filter(|(key, _)| public(key)).find_map(|(key, w)| match got.get(key) {
        None => Some(format!("{path}.{key}: missing")),
        Some(g) => within(path, &format!(".{key}"), |path| differs_at(w, g, path)),
    })
}

fn within(path: &mut String, step: &str, f: impl FnOnce(&mut String) -> Option<String>) -> Option<String> {
    let length = path.len();
    path.push_str(step);
    let found = f(path);
    path.truncate(length);
    found
}

/// Whether two floats are equal to a relative `2e-6`, the precision that scores are promised to.
pub(crate) fn is_close(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= 2e-6 * a.abs().max(b.abs()) || (a - b).abs() <= 1e-13
}

fn short(json: &Json) -> String {
    json.to_string().chars().take(80).collect()
}
