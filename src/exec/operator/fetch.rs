//! `Fetch`: what the hits of a page show, from the segments that they are in.

use serde_json::Value as Json;
use tantivy::DocId;

use crate::error::{Code, Error, Result};
use crate::exec::batch::BATCH;
use crate::exec::operator::filter::Membership;
use crate::exec::operator::shown::Viewer;
use crate::exec::segment::SegmentContext;
use crate::exec::source_filter;
use crate::plan::node::{Fetch, ScriptField, SourceFilter};

/// What a hit shows beside its score and sort values.
#[derive(Debug, Default)]
pub(crate) struct Fetched<'a> {
    pub(crate) id: &'a str,
    pub(crate) source: Option<Source<'a>>,
    /// Script fields in the body's order, each with one value or more.
    pub(crate) fields: Vec<(&'a str, Vec<Json>)>,
    /// The named queries that match.
    pub(crate) matched_queries: Vec<&'a str>,
}

/// A source: as it was given, or what is left of it.
#[derive(Debug)]
pub(crate) enum Source<'a> {
    Whole(&'a str),
    Part(Json),
}

/// Loads what the hits of a segment show; the documents ascend.
pub(crate) fn fetch<'a>(segment: SegmentContext<'a>, plan: &'a Fetch, docs: &[DocId]) -> Result<Vec<Fetched<'a>>> {
    let mut fetched = docs
        .iter()
        .map(|doc| {
            let source = match &plan.source {
                Some(filter) => Some(source(segment.segment.source(*doc)?, filter)?),
                None => None,
            };
            Ok(Fetched { id: segment.segment.id(*doc)?, source, ..Fetched::default() })
        })
        .collect::<Result<Vec<_>>>()?;
    let mut matches = Vec::with_capacity(docs.len());
    for named in &plan.named_queries {
        Membership::new(segment, &named.query)?.test(docs, &mut matches)?;
        for (hit, _) in fetched.iter_mut().zip(&matches).filter(|(_, matches)| **matches) {
            hit.matched_queries.push(&named.name);
        }
    }
    for field in &plan.script_fields {
        let mut viewer = Viewer::new(segment, &field.cases)?;
        for (docs, fetched) in docs.chunks(BATCH).zip(fetched.chunks_mut(BATCH)) {
            script_field(field, &mut viewer, docs, fetched)?;
        }
    }
    Ok(fetched)
}

fn source<'a>(text: &'a str, filter: &SourceFilter) -> Result<Source<'a>> {
    if filter.includes.is_empty() && filter.excludes.is_empty() {
        return Ok(Source::Whole(text));
    }
    let parsed = serde_json::from_str(text)
        .map_err(|e| Error::new(Code::Storage, format!("the index is damaged: a source is no JSON object: {e}")))?;
    Ok(Source::Part(Json::Object(source_filter::filter(&parsed, filter))))
}

fn script_field<'a>(
    field: &'a ScriptField,
    viewer: &mut Viewer<'_>,
    docs: &[DocId],
    fetched: &mut [Fetched<'a>],
) -> Result<()> {
    let shown = match viewer.show(docs) {
        // One by one: only those that fail are without it.
        Err(_) if field.ignore_failure => docs
            .iter()
            .map(|doc| viewer.show(std::slice::from_ref(doc)).ok().and_then(|mut one| one.pop()).unwrap_or_default())
            .collect(),
        shown => shown?,
    };
    for (hit, values) in fetched.iter_mut().zip(shown) {
        if !values.is_empty() {
            hit.fields.push((&field.name, values));
        }
    }
    Ok(())
}
