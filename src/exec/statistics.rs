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

    /// Terms are wanted where their score matters.
    fn want(&mut self, query: &Query, scope: Scope) {
        match query {
            Query::Term { field, value, scoring: TermScoring::Bm25 } if scope == Scope::Scored => {
                self.want_terms(field, term_bytes(value));
            }
            Query::Phrase { field, terms, .. } if scope == Scope::Scored => {
                self.want_terms(field, terms.iter().map(|(_, term)| term.as_bytes().to_vec()));
            }
            // Scripts are not asked: a term too many is only counted in vain.
            _ => query.each_scoped_child(scope, &|_| true, &mut |child, scope| self.want(child, scope)),
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
