//! What lowering needs to know: the mapping, the time, the scripts found so far, the nested scope, the boost.
//!
//! A boost flows down the tree as in Lucene (`Weight.createWeight(searcher, mode, boost)`): a `bool` hands it to its
//! clauses, a `function_score` to its inner query, and only what scores by itself multiplies it in. So a boost around a
//! `function_score` with `boost_mode: replace` has no effect, and sums are taken over numbers that are boosted already.

use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::field::{FieldType, ValueContext};
use crate::plan::mapping::{Field, Mapping};
use crate::plan::node::NamedQuery;
use crate::plan::query::Query;
use crate::plan::script::ScriptTable;
use crate::plan::script::scope::ScriptScope;
use crate::plan::udf::Catalog;

/// How many clauses a `bool` may have (`indices.query.bool.max_clause_count`).
pub const MAX_CLAUSES: usize = 1_024;

/// The state of lowering one body.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The mapping of the index.
    pub mapping: &'a Mapping,
    /// The deployed UDFs.
    pub catalog: &'a Catalog,
    /// `now` of date math, in milliseconds since the epoch.
    pub now_ms: i64,
    /// The scripts of the plan.
    pub scripts: &'a mut ScriptTable,
    /// The path of the nested query that is being lowered, innermost last.
    pub nested: Vec<String>,
    /// How many clauses the body has used, all levels together.
    pub clauses: usize,
    /// The queries with a name that are lowered so far.
    pub named: Vec<NamedQuery>,
    /// The product of the boosts around the query that is being lowered.
    pub boost: f32,
}

/// What the name of a field stands for in a query.
#[derive(Clone, Copy, Debug)]
pub(crate) enum FieldRef<'a> {
    /// A field of the mapping.
    Mapped(&'a Field),
    /// The documents' ids.
    Id,
    /// Nothing: no document has it.
    Unmapped,
}

/// Fields that OpenSearch keeps for itself and that cannot be queried here.
const META_FIELDS: &[&str] = &[
    "_data_stream_timestamp",
    "_doc_count",
    "_feature",
    "_field_names",
    "_ignored",
    "_index",
    "_nested_path",
    "_primary_term",
    "_routing",
    "_seq_no",
    "_size",
    "_source",
    "_type",
    "_version",
];

impl<'a> Lowering<'a> {
    /// The state at the root of a body.
    pub fn new(scope: ScriptScope<'a>, now_ms: i64, scripts: &'a mut ScriptTable) -> Self {
        let ScriptScope { mapping, catalog } = scope;
        Self { mapping, catalog, now_ms, scripts, nested: Vec::new(), clauses: 0, named: Vec::new(), boost: 1.0 }
    }

    /// What scripts are compiled against.
    pub(crate) fn scope(&self) -> ScriptScope<'a> {
        ScriptScope { mapping: self.mapping, catalog: self.catalog }
    }

    /// What values depend on beside their field.
    pub(crate) fn values(&self) -> ValueContext {
        ValueContext { now_ms: self.now_ms }
    }

    /// What the name of a field stands for.
    pub(crate) fn resolve(&self, name: &str) -> Result<FieldRef<'a>> {
        match self.mapping.field(name) {
            Some(field) => Ok(FieldRef::Mapped(field)),
            None if name == "_id" => Ok(FieldRef::Id),
            None if META_FIELDS.contains(&name) => {
                Err(Error::new(Code::Unsupported, format!("queries on the metadata field `{name}` are not supported"))
                    .hint("use the query `ids` for ids, `exists` for presence"))
            }
            None => Ok(FieldRef::Unmapped),
        }
    }

    /// The error for a path that names no nested object.
    pub(crate) fn not_nested(&self, path: &str) -> Error {
        if self.mapping.object(path).is_some() {
            return Error::new(Code::NotNested, format!("`{path}` is an object, but not nested"))
                .expected("an object of type `nested` in the mapping");
        }
        let nested = self.mapping.objects().iter().filter(|o| o.is_nested).map(|o| o.path.as_str());
        let e = Error::new(Code::NotNested, format!("no nested object `{path}` in the mapping"));
        match did_you_mean(path, nested) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None => e.hint("a `nested` query with `ignore_unmapped: true` matches nothing instead"),
        }
    }

    /// Lowers with a boost around.
    pub(crate) fn boosted<T>(&mut self, boost: f32, lower: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = self.boost;
        self.boost = outer * boost;
        let lowered = lower(self);
        self.boost = outer;
        lowered
    }

    /// Lowers what boosts around it do not reach: filters, and queries whose score is multiplied afterwards.
    pub(crate) fn unboosted<T>(&mut self, lower: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = std::mem::replace(&mut self.boost, 1.0);
        let lowered = lower(self);
        self.boost = outer;
        lowered
    }

    /// Lowers a query that is no part of the tree around it: boosts do not reach it, its clauses count by themselves.
    pub(crate) fn apart<T>(&mut self, lower: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let outer = std::mem::take(&mut self.clauses);
        let lowered = self.unboosted(lower);
        self.clauses = outer;
        lowered
    }

    /// A query that scores by itself: it counts as a clause, and the boosts around it and its own are multiplied in.
    pub(crate) fn leaf(&mut self, query: Query, boost: f32) -> Result<Query> {
        self.count_clauses(&query)?;
        Ok(with_boost(query, self.boost * boost))
    }

    /// Counts a leaf of the query tree, as Lucene's `IndexSearcher.getNumClausesCheckVisitor` does. What can be
    /// answered by an index and by doc values too is two leaves to it.
    fn count_clauses(&mut self, query: &Query) -> Result<()> {
        let leaves = match query {
            Query::Term { field, .. } | Query::Terms { field, .. } if self.is_number(field) => 2,
            Query::Range { field, .. } if self.is_number(field) || self.is_ip(field) => 2,
            _ => 1,
        };
        self.clauses += leaves;
        if self.clauses > MAX_CLAUSES + 1 {
            return Err(too_many_clauses("those of all queries of the body together"));
        }
        Ok(())
    }

    fn is_number(&self, field: &str) -> bool {
        let ty = self.mapping.field(field).map(|f| &f.ty);
        matches!(ty, Some(FieldType::Integer(_) | FieldType::UnsignedLong(_) | FieldType::Float(_)))
    }

    fn is_ip(&self, field: &str) -> bool {
        matches!(self.mapping.field(field).map(|f| &f.ty), Some(FieldType::Ip(_)))
    }
}

/// A query whose score is multiplied.
pub(crate) fn with_boost(query: Query, boost: f32) -> Query {
    match query {
        query if boost == 1.0 => query,
        Query::MatchNone { .. } => query,
        Query::ConstantScore { query, score } => Query::ConstantScore { query, score: score * boost },
        query => Query::Boost { query: Box::new(query), boost },
    }
}

/// The error for more clauses than are allowed.
pub(crate) fn too_many_clauses(what: &str) -> Error {
    Error::new(Code::TooLarge, format!("too many clauses: {what}"))
        .expected(format!("at most {MAX_CLAUSES}"))
        .hint("use one `terms` query for many values of a field")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boosts_multiply_down_to_leaves_and_stop_at_unboosted() {
        let (mapping, mut scripts) = (Mapping::default(), ScriptTable::default());
        let mut cx = Lowering::new(ScriptScope::without_udfs(&mapping), 0, &mut scripts);
        let query = cx.boosted(2.0, |cx| cx.leaf(Query::MatchAll, 3.0)).unwrap();
        assert_eq!(query, Query::Boost { query: Box::new(Query::MatchAll), boost: 6.0 });
        let query = cx.boosted(2.0, |cx| cx.unboosted(|cx| cx.leaf(Query::MatchAll, 1.0))).unwrap();
        assert_eq!(query, Query::MatchAll);
        assert_eq!((cx.boost, cx.clauses), (1.0, 2));
    }

    #[test]
    fn clauses_are_limited() {
        let (mapping, mut scripts) = (Mapping::default(), ScriptTable::default());
        let mut cx = Lowering::new(ScriptScope::without_udfs(&mapping), 0, &mut scripts);
        for _ in 0..=MAX_CLAUSES {
            cx.leaf(Query::MatchAll, 1.0).unwrap();
        }
        assert_eq!(cx.leaf(Query::MatchAll, 1.0).unwrap_err().code(), Code::TooLarge);
    }
}
