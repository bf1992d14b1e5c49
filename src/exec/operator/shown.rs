//! What a script field shows of each hit: the first of its cases whose test is true.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use tantivy::DocId;

use crate::error::Result;
use crate::exec::columns::Column;
use crate::exec::script::Evaluator;
use crate::exec::segment::SegmentContext;
use crate::plan::field::DocType;
use crate::plan::field::sort::display;
use crate::plan::function::batch::Batch as Values;
use crate::plan::script::ScriptId;
use crate::plan::script::shown::{Shown, ShownCase};
use crate::plan::value::Value;

/// The cases of a script field in a segment.
pub(super) struct Viewer<'a> {
    cases: Vec<(Option<Evaluator<'a>>, Reader<'a>)>,
}

/// Where a case's values come from.
enum Reader<'a> {
    Value(Box<Evaluator<'a>>),
    Values(Arc<Column>, DocType),
    Point(Box<(Evaluator<'a>, Evaluator<'a>)>),
    Constant(Vec<Json>),
}

impl<'a> Viewer<'a> {
    /// Prepares a script field for a segment.
    pub(super) fn new(segment: SegmentContext<'a>, cases: &[ShownCase<ScriptId>]) -> Result<Self> {
        let case = |case: &ShownCase<ScriptId>| {
            let test = case.test.map(|test| Evaluator::new(segment, test)).transpose()?;
            Ok((test, Reader::new(segment, &case.shown)?))
        };
        Ok(Self { cases: cases.iter().map(case).collect::<Result<_>>()? })
    }

    /// What is shown of each of some documents, which ascend; nothing where the list is empty.
    pub(super) fn show(&mut self, docs: &[DocId]) -> Result<Vec<Vec<Json>>> {
        let mut shown = vec![Vec::new(); docs.len()];
        let mut open: Vec<usize> = (0..docs.len()).collect();
        for (test, reader) in &mut self.cases {
            let rows = match test {
                None => std::mem::take(&mut open),
                Some(test) => {
                    let asked: Vec<DocId> = open.iter().map(|row| docs[*row]).collect();
                    let mut truths = test.booleans(&asked)?.iter();
                    let (taken, rest) = open.iter().partition(|_| truths.next() == Some(&true));
                    open = rest;
                    taken
                }
            };
            let taken: Vec<DocId> = rows.iter().map(|row| docs[*row]).collect();
            for (row, values) in rows.into_iter().zip(reader.read(&taken)?) {
                shown[row] = values;
            }
        }
        Ok(shown)
    }
}

impl<'a> Reader<'a> {
    fn new(segment: SegmentContext<'a>, shown: &Shown<ScriptId>) -> Result<Self> {
        Ok(match shown {
            Shown::Value(script) => Self::Value(Box::new(Evaluator::new(segment, *script)?)),
            Shown::Null => Self::Constant(vec![Json::Null]),
            Shown::Values(path) => {
                let ty = segment.mapping.field(path).and_then(|field| field.doc_type());
                Self::Values(segment.segment.columns(segment.mapping).column(path)?, ty.unwrap_or(DocType::String))
            }
            Shown::Point(lat, lon) => {
                Self::Point(Box::new((Evaluator::new(segment, *lat)?, Evaluator::new(segment, *lon)?)))
            }
            Shown::Constant(value) => Self::Constant(match display(value) {
                Json::Array(items) => items,
                other => vec![other],
            }),
        })
    }

    fn read(&mut self, docs: &[DocId]) -> Result<Vec<Vec<Json>>> {
        match self {
            Self::Value(script) => {
                let values = script.run(docs, &[], &[])?;
                Ok((0..docs.len()).map(|row| vec![display(&value(values, row))]).collect())
            }
            Self::Values(column, ty) => docs
                .iter()
                .map(|doc| Ok(column.values_of(*doc)?.iter().map(|value| ty.display(value)).collect()))
                .collect(),
            Self::Point(point) => {
                let (lat, lon) = &mut **point;
                let points = lat.doubles(docs, &[], &[])?.iter().zip(lon.doubles(docs, &[], &[])?);
                Ok(points.map(|(lat, lon)| vec![json!({"lat": lat, "lon": lon})]).collect())
            }
            Self::Constant(values) => Ok(vec![values.clone(); docs.len()]),
        }
    }
}

fn value(values: Values<'_>, row: usize) -> Value {
    match values {
        Values::F64(values) => Value::F64(values[row]),
        Values::I64(values) => Value::I64(values[row]),
        Values::Bool(values) => Value::Bool(values[row]),
        Values::Str(values) => Value::Str(values.get(row).to_owned()),
    }
}
