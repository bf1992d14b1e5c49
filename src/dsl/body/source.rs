//! `_source`: which part of a document a hit shows.

use serde_json::Value as Json;

use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::error::Result;
use crate::plan::node::SourceFilter;

/// What the body says about the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SourceShape {
    /// Nothing: shown, unless script fields take its place.
    #[default]
    Default,
    /// Not shown.
    Hidden,
    /// This part of it is shown.
    Shown(SourceFilter),
}

/// Reads a boolean, a pattern, a list of patterns, or `includes` and `excludes`.
pub(crate) fn read(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.source = match value.value {
        Json::Bool(true) => SourceShape::Shown(SourceFilter::default()),
        Json::Bool(false) => SourceShape::Hidden,
        Json::String(_) | Json::Array(_) => {
            SourceShape::Shown(SourceFilter { includes: patterns(value)?, excludes: Vec::new() })
        }
        Json::Object(_) => {
            let mut filter = SourceFilter::default();
            value.each_key(|key, list| {
                match key {
                    "includes" | "include" => filter.includes = patterns(list)?,
                    "excludes" | "exclude" => filter.excludes = patterns(list)?,
                    _ => return Err(list.unknown_key(key, "_source", &["includes", "excludes"])),
                }
                Ok(())
            })?;
            SourceShape::Shown(filter)
        }
        Json::Null | Json::Number(_) => {
            return Err(value
                .wrong_type("a boolean, a field pattern, a list of them, or an object of `includes` and `excludes`"));
        }
    };
    Ok(())
}

/// One pattern or a list of them. A comma is part of a name here; only the URL parameter splits at it.
fn patterns(value: Cursor<'_>) -> Result<Vec<String>> {
    let mut out = Vec::new();
    value.one_or_many(|pattern| {
        out.push(pattern.string().map_err(|e| e.hint("field patterns stand in quotes, as in \"attrs.*\""))?.to_owned());
        Ok(())
    })?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_every_form() {
        let list = |patterns: &[&str]| patterns.iter().map(|p| (*p).to_owned()).collect();
        for (source, includes, excludes) in [
            (json!(true), &[][..], &[][..]),
            (json!("a.*"), &["a.*"], &[]),
            (json!("a,b"), &["a,b"], &[]),
            (json!("false"), &["false"], &[]),
            (json!([]), &[], &[]),
            (json!(["a", "b"]), &["a", "b"], &[]),
            (json!({"includes": "a", "exclude": ["b", "c"]}), &["a"], &["b", "c"]),
        ] {
            let expected = SourceShape::Shown(SourceFilter { includes: list(includes), excludes: list(excludes) });
            assert_eq!(SearchRequest::read(&json!({"_source": source}), "").unwrap().source, expected, "{source}");
        }
        assert_eq!(SearchRequest::read(&json!({"_source": false}), "").unwrap().source, SourceShape::Hidden);
        for source in [json!(5), json!(null), json!([1]), json!({"includes": {}}), json!({"include_": "a"})] {
            assert!(SearchRequest::read(&json!({"_source": source}), "").is_err(), "{source}");
        }
    }
}
