//! `Fetch`: what the hits of a page show, from the segments that they are in.

use serde_json::Value as Json;
use tantivy::DocId;

use crate::error::{Code, Error, Result};
use crate::exec::batch::BATCH;
use crate::exec::operator::filter::Membership;
use crate::exec::script::Evaluator;
use crate::exec::segment::SegmentContext;
use crate::exec::source_filter;
use crate::plan::field::sort::display;
use crate::plan::function::batch::Batch as Values;
use crate::plan::node::{Fetch, ScriptField, SourceFilter};
use crate::plan::value::Value;

/// What a hit shows beside its score and sort values.
#[derive(Debug, Default)]
pub(crate) struct Fetched<'a> {
    pub(crate) id: &'a str,
    pub(crate) source: Option<Source<'a>>,
    /// Script fields in the body's order.
    pub(crate) fields: Vec<(&'a str, Json)>,
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
        let mut script = Evaluator::new(segment, field.script)?;
        for (docs, fetched) in docs.chunks(BATCH).zip(fetched.chunks_mut(BATCH)) {
            script_field(field, &mut script, docs, fetched)?;
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
    script: &mut Evaluator<'_>,
    docs: &[DocId],
    fetched: &mut [Fetched<'a>],
) -> Result<()> {
    if !field.ignore_failure {
        let values = script.run(docs, &[], &[])?;
        for (row, hit) in fetched.iter_mut().enumerate() {
            hit.fields.push((&field.name, value(values, row)));
        }
        return Ok(());
    }
    for (doc, hit) in docs.iter().zip(fetched) {
        if let Ok(values) = script.run(std::slice::from_ref(doc), &[], &[]) {
            hit.fields.push((&field.name, value(values, 0)));
        }
    }
    Ok(())
}

fn value(values: Values<'_>, row: usize) -> Json {
    display(&match values {
        Values::F64(values) => Value::F64(values[row]),
        Values::I64(values) => Value::I64(values[row]),
        Values::Bool(values) => Value::Bool(values[row]),
        Values::Str(values) => Value::Str(values.get(row).to_owned()),
    })
}
