//! `_name`: a query that a hit reports in `matched_queries`. Names inside of `nested` are not reported.

use serde_json::Value as Json;

use super::QueryShape;
use crate::dsl::lower::Lowering;
use crate::error::Result;
use crate::plan::node::NamedQuery;
use crate::plan::query::Query;

/// The query types whose options stand below the name of a field.
const BELOW_FIELD: &[&str] = &["match", "match_phrase", "prefix", "range", "term", "wildcard"];

#[derive(Debug)]
struct Named {
    name: String,
    query: Box<dyn QueryShape>,
}

/// Wraps a query of a type, if its value has a name.
pub(super) fn wrap(query_type: &str, value: &Json, query: Box<dyn QueryShape>) -> Box<dyn QueryShape> {
    let below = || {
        let fields = value.as_object().filter(|_| BELOW_FIELD.contains(&query_type));
        fields.and_then(|fields| fields.values().find_map(|options| options.get("_name")))
    };
    match value.get("_name").or_else(below).and_then(Json::as_str) {
        Some(name) => Box::new(Named { name: name.to_owned(), query }),
        None => query,
    }
}

impl QueryShape for Named {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = self.query.lower(cx)?;
        if cx.nested.is_empty() {
            cx.named.retain(|named| named.name != self.name);
            cx.named.push(NamedQuery { name: self.name.clone(), query: query.clone() });
        }
        Ok(query)
    }
}

/// Puts named queries in the order in which hits report them: that of a Java `HashMap`, which OpenSearch keeps them in.
pub(crate) fn in_order(mut named: Vec<NamedQuery>) -> Vec<NamedQuery> {
    let mut buckets = 16;
    while named.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    named.sort_by_key(|named| {
        let hash = named.name.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
        (hash ^ (hash >> 16)) as usize & (buckets - 1)
    });
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_in_the_order_of_a_java_hash_map() {
        let named = |name: &str| NamedQuery { name: name.to_owned(), query: Query::MatchAll };
        let order = |names: &[&str]| -> Vec<String> {
            in_order(names.iter().map(|name| named(name)).collect()).into_iter().map(|named| named.name).collect()
        };
        assert_eq!(order(&["n", "c", "cheap"]), ["c", "cheap", "n"]);
        assert_eq!(order(&["f", "q"]), ["q", "f"]);
        assert_eq!(order(&["red_variant", "dear"]), ["dear", "red_variant"]);
    }
}
