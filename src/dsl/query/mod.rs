//! The query types: one file each, listed here once.

mod analysed;
mod bool_query;
mod boosting;
mod common;
mod constant_score;
mod dis_max;
mod exists;
mod function_score;
mod ids;
mod match_all;
mod match_none;
mod match_phrase;
mod match_query;
mod minimum_should_match;
pub(crate) mod named;
mod nested;
mod pattern;
mod prefix;
mod range;
mod script;
mod script_score;
mod template;
mod term;
mod terms;
mod unsupported;
mod wildcard;

use std::fmt::Debug;

use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::query::Query;

/// Every query type that runs, by name.
pub const QUERY_TYPES: &[QueryType] = &[
    QueryType { name: "bool", read: bool_query::read },
    QueryType { name: "boosting", read: boosting::read },
    QueryType { name: "constant_score", read: constant_score::read },
    QueryType { name: "dis_max", read: dis_max::read },
    QueryType { name: "exists", read: exists::read },
    QueryType { name: "function_score", read: function_score::read },
    QueryType { name: "ids", read: ids::read },
    QueryType { name: "match", read: match_query::read },
    QueryType { name: "match_all", read: match_all::read },
    QueryType { name: "match_none", read: match_none::read },
    QueryType { name: "match_phrase", read: match_phrase::read },
    QueryType { name: "nested", read: nested::read },
    QueryType { name: "prefix", read: prefix::read },
    QueryType { name: "range", read: range::read },
    QueryType { name: "script", read: script::read },
    QueryType { name: "script_score", read: script_score::read },
    QueryType { name: "template", read: template::read },
    QueryType { name: "term", read: term::read },
    QueryType { name: "terms", read: terms::read },
    QueryType { name: "wildcard", read: wildcard::read },
];

/// A query type: the key in the body, and how its value is read.
#[derive(Debug)]
pub struct QueryType {
    /// The key, such as `term`.
    pub name: &'static str,
    /// Reads the value of the key.
    pub read: fn(Cursor<'_>) -> Result<Box<dyn QueryShape>>,
}

/// A query as the body gives it: what it says, not yet what it means under a mapping.
pub trait QueryShape: Debug {
    /// What the query means: fields resolved, values typed, text analysed, scripts compiled.
    ///
    /// # Errors
    /// A value does not fit its field, a script does not compile, a limit is exceeded.
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query>;
}

/// Reads a query: an object of one key, the query type.
///
/// # Errors
/// The object is empty or has several keys, the type is unknown or does not run yet, or its value is wrong.
pub fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    if at.object()?.is_empty() {
        return Err(at
            .error(Code::MissingKey, "empty query found")
            .expected("a query type, such as {\"term\": ..}")
            .hint("{\"match_all\": {}} matches every document"));
    }
    at.one_key("one query type (combine several with `bool`)", |name, value| {
        match QUERY_TYPES.iter().find(|t| t.name == name) {
            Some(known) => Ok(named::wrap(name, value.value, (known.read)(value)?)),
            None => Err(unsupported::refuse(name, value)),
        }
    })
}

#[cfg(test)]
mod tests;
