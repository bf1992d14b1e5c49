//! The query types that OpenSearch knows and that do not run here, refused by name; and those that nobody knows.

use super::QUERY_TYPES;
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, did_you_mean};

/// Every other query type of OpenSearch 3.3 with the modules that it comes with.
const UNSUPPORTED: &[&str] = &[
    "combined_fields",
    "common",
    "distance_feature",
    "field_masking_span",
    "fuzzy",
    "geo_bounding_box",
    "geo_distance",
    "geo_polygon",
    "geo_shape",
    "has_child",
    "has_parent",
    "intervals",
    "match_bool_prefix",
    "match_phrase_prefix",
    "more_like_this",
    "multi_match",
    "parent_id",
    "percolate",
    "query_string",
    "rank_feature",
    "regexp",
    "simple_query_string",
    "span_containing",
    "span_first",
    "span_multi",
    "span_near",
    "span_not",
    "span_or",
    "span_term",
    "span_within",
    "terms_set",
    "wrapper",
    "xy_shape",
];

/// The error for a query type that does not run.
pub(super) fn refuse(name: &str, at: Cursor<'_>) -> Error {
    if UNSUPPORTED.contains(&name) {
        return at
            .error(Code::Unsupported, format!("query type `{name}` does not run yet"))
            .expected(format!("one of: {}", QUERY_TYPES.iter().map(|t| t.name).collect::<Vec<_>>().join(", ")));
    }
    let e = at.error(Code::UnknownQuery, format!("unknown query type `{name}`"));
    match did_you_mean(name, QUERY_TYPES.iter().map(|t| t.name).chain(UNSUPPORTED.iter().copied())) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => e,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tells_unsupported_from_unknown() {
        let body = json!({});
        let e = refuse("geo_distance", Cursor::root(&body));
        assert_eq!(e.code(), Code::Unsupported);
        for (name, near) in [("mach", "`match`"), ("Match", "`match`"), ("filtr", ""), ("regex", "`regexp`")] {
            let e = refuse(name, Cursor::root(&body));
            assert_eq!(e.code(), Code::UnknownQuery);
            assert!(e.to_string().contains(near), "{e}");
        }
        for name in UNSUPPORTED {
            assert!(QUERY_TYPES.iter().all(|t| t.name != *name), "{name} runs");
        }
    }
}
