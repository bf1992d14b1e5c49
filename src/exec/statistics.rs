//! Term statistics over all shards, gathered before the query phase (Elasticsearch: dfs), so that N shards score as one.

use std::collections::HashMap;

use crate::error::Result;
use crate::exec::bm25::Bm25;
use crate::exec::index::segment::FieldStats;
use crate::exec::index::shard::Shard;
use crate::exec::index::{Index, storage_error};
use crate::plan::query::{Query, Scope, TermScoring};
use crate::plan::value::Value;
use crate::pushdown::fragment::Fragment;

/// How often the terms of a query stand in the documents, and what their fields hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Statistics {
    fields: HashMap<String, FieldTerms>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct FieldTerms {
    field: FieldStats,
    doc_freqs: HashMap<Vec<u8>, u64>,
}

impl Statistics {
    /// The terms that a fragment scores by, not counted yet.
    pub(crate) fn wanted(fragment: &Fragment) -> Self {
        let mut wanted = Self::default();
        let main = if fragment.scored { Scope::Scored } else { Scope::Filter };
        fragment.each_query(&mut |query| {
            wanted.want(query, if std::ptr::eq(query, &fragment.query) { main } else { Scope::Filter });
        });
        wanted
    }

    /// Counts the wanted terms in all shards.
    pub(crate) fn count(&mut self, index: &Index) -> Result<()> {
        for (path, wanted) in &mut self.fields {
            let Some(slot) = index.slot(path) else { continue };
            wanted.field = index.stats(path)?;
            for segment in index.shards().iter().flat_map(Shard::segments) {
                let inverted = segment.reader().inverted_index(slot.field).map_err(storage_error)?;
                for (term, count) in &mut wanted.doc_freqs {
                    *count +=
                        inverted.terms().get(term).map_err(storage_error)?.map_or(0, |info| u64::from(info.doc_freq));
                }
            }
        }
        Ok(())
    }

    /// The score of terms of a field that are looked for together.
    pub(crate) fn bm25<'t>(&self, path: &str, terms: impl IntoIterator<Item = &'t [u8]>) -> Bm25 {
        match self.fields.get(path) {
            Some(found) => {
                Bm25::new(found.field, terms.into_iter().map(|term| found.doc_freqs.get(term).copied().unwrap_or(0)))
            }
            None => Bm25::new(FieldStats::default(), []),
        }
    }

    /// Terms of a filter are not scored, but a computed score in it may decide, by `min_score`, what matches.
    fn want(&mut self, query: &Query, scope: Scope) {
        match query {
            Query::Term { field, value, scoring: TermScoring::Bm25 } => {
                if let (Scope::Scored, Some(term)) = (scope, term_bytes(value)) {
                    self.want_terms(field, [term]);
                }
            }
            Query::Phrase { field, terms, .. } => {
                if scope == Scope::Scored {
                    self.want_terms(field, terms.iter().map(|(_, term)| term.as_bytes().to_vec()));
                }
            }
            Query::Bool(query) => {
                query.must.iter().chain(&query.should).for_each(|query| self.want(query, scope));
                query.filter.iter().chain(&query.must_not).for_each(|query| self.want(query, Scope::Filter));
            }
            Query::Boosting { positive, negative, .. } => {
                self.want(positive, scope);
                self.want(negative, Scope::Filter);
            }
            Query::DisMax { queries, .. } => queries.iter().for_each(|query| self.want(query, scope)),
            Query::Scored(query) => {
                self.want(&query.query, Scope::Scored);
                query.filters.iter().for_each(|query| self.want(query, Scope::Filter));
            }
            Query::Nested { query, .. } | Query::Boost { query, .. } => self.want(query, scope),
            Query::ConstantScore { query, .. } => self.want(query, Scope::Filter),
            Query::MatchAll
            | Query::MatchNone { .. }
            | Query::Term { .. }
            | Query::Terms { .. }
            | Query::Range { .. }
            | Query::Exists { .. }
            | Query::Ids { .. }
            | Query::Prefix { .. }
            | Query::Wildcard { .. }
            | Query::Script { .. } => {}
        }
    }

    fn want_terms(&mut self, path: &str, terms: impl IntoIterator<Item = Vec<u8>>) {
        let field = self.fields.entry(path.to_owned()).or_default();
        field.doc_freqs.extend(terms.into_iter().map(|term| (term, 0)));
    }
}

/// The bytes of a value in a term dictionary; none for types that are found by their columns.
pub(crate) fn term_bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::Str(text) => Some(text.as_bytes().to_vec()),
        Value::Bool(v) => Some(u64::from(*v).to_be_bytes().to_vec()),
        _ => None,
    }
}
