//! A script over batches of a segment's documents; a document for which it fails becomes an error with its `_id`.
//!
//! One that sees many documents goes on with a program for the segment: where no document lacks a value, say, nothing asks
//! for it, and what is computed from few values of a column comes from a table. It gives the same values and errors.

use std::sync::Arc;

use tantivy::DocId;

use super::answers::ClassAnswers;
use crate::error::{Code, Error, Place, Result, ScriptPlace};
use crate::exec::kernel::{BATCH_ROWS, Failure, Machine, Rows};
use crate::exec::segment::SegmentContext;
use crate::exec::tables::first_worth;
use crate::plan::expr::can_fail_by_itself;
use crate::plan::function::batch::{Batch, RowError};
use crate::plan::script::{Script, ScriptId};
use crate::plan::udf::is_deterministic;
use crate::pushdown::cost::bound_may_pay;

/// How many documents of a segment a script sees before it is compiled for the segment: that takes as long as some of its
/// operations on so many.
const MANY: u64 = 4 * BATCH_ROWS as u64;

/// How many documents of a segment a test sees before it is asked of classes: that takes as long as itself on so many.
const MANY_FOR_CLASSES: u64 = 2 * BATCH_ROWS as u64;

/// A script over the documents of a segment.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    script: &'a Script,
    id: ScriptId,
    machine: Machine,
    segment: SegmentContext<'a>,
    /// How many documents it has seen.
    seen: u64,
    /// From how many on a program for the segment is to be looked for.
    due: u64,
    /// From how many on the classes of its column are looked at, if it is a test.
    classes_due: u64,
    /// What they tell.
    answers: Option<Box<ClassAnswers>>,
}

impl<'a> Evaluator<'a> {
    /// Prepares a script for a segment.
    pub(crate) fn new(segment: SegmentContext<'a>, id: ScriptId) -> Result<Self> {
        let scripts = segment.scripts;
        let program = scripts.program(id);
        let columns = segment.segment.columns(segment.mapping);
        let machine = Machine::for_batches(Arc::clone(program), columns, scripts.batch_rows())?;
        let machine = machine.calling(segment.execution.udfs.clone(), segment.execution.deadline);
        let script = &scripts.scripts[id.0 as usize];
        let due = match first_worth(&script.expr, segment)? {
            // What a UDF's instance knows is not given up.
            _ if program.calls_udfs() => u64::MAX,
            first => first.map_or(MANY, |first| first.min(MANY)),
        };
        let classes_due = if bound_may_pay(&script.expr) { MANY_FOR_CLASSES } else { u64::MAX };
        Ok(Self { script, id, machine, segment, seen: 0, due, classes_due, answers: None })
    }

    /// Whether the script reads `_score`.
    pub(crate) fn uses_score(&self) -> bool {
        self.segment.scripts.program(self.id).uses_score()
    }

    /// Whether the script can fail by itself on some document, or is not deterministic: it can tell which documents it sees.
    pub(crate) fn keeps_place(&self) -> bool {
        can_fail_by_itself(&self.script.expr) || !is_deterministic(&self.script.expr)
    }

    /// The script's value for each document; no scores: they read as 0.
    pub(crate) fn run(&mut self, docs: &[DocId], scores: &[f32], filters: &[&[bool]]) -> Result<Batch<'_>> {
        self.seen += docs.len() as u64;
        if self.seen >= self.due {
            let (program, due) = self.segment.scripts.program_for(self.segment, self.id, self.seen)?;
            self.due = due;
            if let Some(program) = program {
                let columns = self.segment.segment.columns(self.segment.mapping);
                self.machine = Machine::for_batches(program, columns, self.segment.scripts.batch_rows())?;
            }
        }
        let rows = Rows { docs, doc_base: self.segment.doc_base, scores, filters };
        self.machine.run(&rows).map_err(|failure| match failure {
            Failure::Storage(error) => error,
            Failure::Udf { site, error } => udf_error(self.script, self.segment, docs, site, error),
            Failure::Row(error) => runtime_error(self.script, self.segment, docs, error),
        })
    }

    /// The error for a value that is not `expected`.
    pub(crate) fn wrong_type(&self, expected: &str) -> Error {
        wrong_type(self.script, expected)
    }

    /// The script's value for each document: true or false.
    pub(crate) fn booleans(&mut self, docs: &[DocId]) -> Result<&[bool]> {
        if self.seen >= self.classes_due {
            self.classes_due = u64::MAX;
            self.answers = ClassAnswers::new(self.segment, self.segment.scripts.program(self.id))?.map(Box::new);
        }
        let Some(mut answers) = self.answers.take().filter(|answers| !answers.are_mostly_open()) else {
            return self.ask(docs);
        };
        let open = answers.look_up(docs);
        if !open.is_empty() {
            let asked = self.ask(open)?;
            answers.take(asked);
        }
        Ok(self.answers.insert(answers).found())
    }

    fn ask(&mut self, docs: &[DocId]) -> Result<&[bool]> {
        let (script, actual) = (self.script, self.run(docs, &[], &[])?);
        match actual {
            Batch::Bool(values) => Ok(values),
            _ => Err(wrong_type(script, "a boolean")),
        }
    }

    /// The script's value for each document: a double.
    pub(crate) fn doubles(&mut self, docs: &[DocId], scores: &[f32], filters: &[&[bool]]) -> Result<&[f64]> {
        let (script, actual) = (self.script, self.run(docs, scores, filters)?);
        match actual {
            Batch::F64(values) => Ok(values),
            _ => Err(wrong_type(script, "a double")),
        }
    }
}

/// The error of a document for which a script fails, in Elasticsearch's form: the cause is what Java would throw.
fn runtime_error(script: &Script, segment: SegmentContext<'_>, docs: &[DocId], error: RowError) -> Error {
    Error::new(Code::ScriptRuntime, failed_in(segment, docs, Some(error.row)))
        .place(place(script, error.site))
        .because(Error::new(Code::ScriptRuntime, error.reason).with_type(error.elastic_type))
}

/// The error of a UDF that fails, with the code of the runtime's own; of one that takes a batch as a whole nobody knows for which
/// document it did.
fn udf_error(script: &Script, segment: SegmentContext<'_>, docs: &[DocId], site: usize, cause: Error) -> Error {
    let (cause, row) = cause.take_row();
    Error::new(cause.code(), failed_in(segment, docs, row))
        .with_type("script_exception")
        .place(place(script, site))
        .because(cause)
}

fn failed_in(segment: SegmentContext<'_>, docs: &[DocId], row: Option<usize>) -> String {
    match row.and_then(|row| docs.get(row)).map(|doc| segment.root_id(*doc).unwrap_or_default()) {
        Some(id) => format!("runtime error in the document of `_id` `{id}`"),
        None => "runtime error in the call of a UDF".into(),
    }
}

fn wrong_type(script: &Script, expected: &str) -> Error {
    Error::new(Code::ScriptResult, format!("the script's value is a {}", script.ty))
        .expected(expected)
        .place(place(script, 0))
}

fn place(script: &Script, offset: usize) -> Place {
    Place::Script(ScriptPlace {
        lang: script.source.lang.clone(),
        source: script.source.source.clone(),
        offset,
        path: script.places.first().cloned(),
    })
}
