//! The keys of a search body: one family a file, listed here once.

mod page;
mod query;
mod refused;
mod scoring;
mod script_fields;
pub(crate) mod search_after;
pub(crate) mod sort;
pub(crate) mod source;
pub(crate) mod timeout;
mod track_total_hits;

use crate::dsl::query::QUERY_TYPES;
use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::error::{Code, Error, Result, did_you_mean};

pub(crate) use page::integer;
pub(crate) use script_fields::ScriptFieldShape;

/// Every key that works.
pub const KEYS: &[BodyKey] = &[
    BodyKey { name: "query", read: query::read_query },
    BodyKey { name: "post_filter", read: query::read_post_filter },
    BodyKey { name: "from", read: page::read_from },
    BodyKey { name: "size", read: page::read_size },
    BodyKey { name: "sort", read: sort::read },
    BodyKey { name: "search_after", read: search_after::read },
    BodyKey { name: "_source", read: source::read },
    BodyKey { name: "script_fields", read: script_fields::read },
    BodyKey { name: "track_total_hits", read: track_total_hits::read },
    BodyKey { name: "track_scores", read: scoring::read_track_scores },
    BodyKey { name: "min_score", read: scoring::read_min_score },
    BodyKey { name: "timeout", read: timeout::read },
];

/// A key of the body.
#[derive(Debug)]
pub struct BodyKey {
    /// The key, such as `sort`.
    pub name: &'static str,
    /// Reads the value of the key into the request.
    pub read: fn(Cursor<'_>, &mut SearchRequest) -> Result<()>,
}

/// Reads every key of a body.
pub(crate) fn read(body: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    body.each_key(|key, value| {
        let known = KEYS.iter().find(|k| k.name == key);
        if known.is_none() && !refused::is_known(key) {
            return Err(unknown_key(value, key));
        }
        if value.value.is_null() {
            return Err(value
                .error(Code::WrongJsonType, format!("null found as the value of `{key}`"))
                .expected("a value")
                .hint(format!("leave `{key}` out to get its default")));
        }
        match known {
            Some(known) => (known.read)(value, request),
            None => refused::check(key, value),
        }
    })
}

/// The error for a key that no body has. A query type that stands at the top is the usual slip.
fn unknown_key(value: Cursor<'_>, key: &str) -> Error {
    let expected: Vec<&str> = KEYS.iter().map(|k| k.name).collect();
    let e = value
        .error(Code::UnknownKey, format!("unknown key `{key}` in a search body"))
        .expected(format!("one of: {}", expected.join(", ")));
    if QUERY_TYPES.iter().any(|q| q.name == key) {
        return e.hint(format!("`{key}` is a query: write {{\"query\": {{\"{key}\": ..}}}}"));
    }
    match did_you_mean(key, expected.iter().copied().chain(refused::names())) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => e,
    }
}
