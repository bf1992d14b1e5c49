//! Keys that OpenSearch knows and shardscript does not run yet: refused by name, never ignored.
//!
//! A value that asks for nothing (an empty object or list, `false`, 0) is accepted where OpenSearch takes it for nothing
//! too: clients that fill in every key send those.

use serde_json::Value as Json;

use crate::dsl::read::Cursor;
use crate::error::{Code, Result};

/// What value of a key asks for nothing.
#[derive(Clone, Copy, Debug)]
enum Nothing {
    /// No value does.
    Never,
    /// `{}`.
    Object,
    /// `[]`.
    List,
    /// `false`.
    False,
    /// 0.
    Zero,
}

const REFUSED: &[(&str, Nothing)] = &[
    ("aggs", Nothing::Object),
    ("aggregations", Nothing::Object),
    ("collapse", Nothing::Never),
    ("derived", Nothing::Object),
    ("docvalue_fields", Nothing::List),
    ("explain", Nothing::False),
    ("ext", Nothing::Object),
    ("fields", Nothing::List),
    ("highlight", Nothing::Object),
    ("include_named_queries_score", Nothing::False),
    ("indices_boost", Nothing::Object),
    ("pit", Nothing::Never),
    ("profile", Nothing::False),
    ("rescore", Nothing::List),
    ("runtime_mappings", Nothing::Object),
    ("search_pipeline", Nothing::Never),
    ("seq_no_primary_term", Nothing::False),
    ("slice", Nothing::Never),
    ("stats", Nothing::List),
    ("stored_fields", Nothing::Never),
    ("suggest", Nothing::Never),
    ("terminate_after", Nothing::Zero),
    ("verbose_pipeline", Nothing::False),
    ("version", Nothing::False),
];

/// The keys, by name.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    REFUSED.iter().map(|(name, _)| *name)
}

/// Whether this is a key of OpenSearch's that does not work here.
pub(super) fn is_known(key: &str) -> bool {
    names().any(|name| name == key)
}

/// Lets a value pass that asks for nothing; refuses every other.
pub(super) fn check(key: &str, value: Cursor<'_>) -> Result<()> {
    let nothing = REFUSED.iter().find(|(name, _)| *name == key).map_or(Nothing::Never, |(_, nothing)| *nothing);
    let asks_for_nothing = match (nothing, value.value) {
        (Nothing::Object, Json::Object(object)) => object.is_empty(),
        (Nothing::List, Json::Array(list)) => list.is_empty(),
        (Nothing::False, _) => value.boolean().is_ok_and(|flag| !flag),
        (Nothing::Zero, _) => value.integer().is_ok_and(|n| n == 0),
        (Nothing::Never | Nothing::Object | Nothing::List, _) => false,
    };
    if asks_for_nothing {
        return Ok(());
    }
    Err(value
        .error(Code::Unsupported, format!("`{key}` does not run yet"))
        .hint(format!("leave `{key}` out; the rest of the body does not depend on it")))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::dsl::request::SearchRequest;
    use crate::error::Code;

    #[test]
    fn nothing_is_accepted_and_everything_else_refused() {
        for body in [
            json!({"aggs": {}, "aggregations": {}, "runtime_mappings": {}, "script_fields": {}, "ext": {}}),
            json!({"explain": false, "profile": "false", "version": false, "terminate_after": 0, "rescore": []}),
        ] {
            assert!(SearchRequest::read(&body, "").is_ok(), "{body}");
        }
        for body in [json!({"aggs": {"a": {}}}), json!({"explain": true}), json!({"collapse": {}}), json!({"aggs": []})]
        {
            let code = SearchRequest::read(&body, "").err().map(|e| e.code());
            assert_eq!(code, Some(Code::Unsupported), "{body}");
        }
    }
}
