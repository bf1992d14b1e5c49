//! Scripts in a segment: compiled once a search, run over batches; a failing document becomes an error with its `_id`.

use std::sync::Arc;

use tantivy::DocId;

use crate::error::{Code, Error, Place, Result, ScriptPlace};
use crate::exec::columns::value_type;
use crate::exec::index::Index;
use crate::exec::kernel::{Failure, Inputs, Machine, Program, Rows};
use crate::exec::segment::SegmentContext;
use crate::plan::expr::can_fail_by_itself;
use crate::plan::function::batch::{Batch, RowError};
use crate::plan::query::Query;
use crate::plan::script::{Script, ScriptContext, ScriptId, ScriptTable, ValueType};
use crate::plan::udf::is_deterministic;

/// The scripts of a fragment, compiled.
#[derive(Debug)]
pub(crate) struct Scripts {
    scripts: Vec<Script>,
    programs: Vec<Arc<Program>>,
}

impl Scripts {
    /// Compiles all scripts.
    pub(crate) fn compile(table: &ScriptTable, index: &Index) -> Result<Self> {
        let columns = |path: &str| value_type(index.mapping(), path);
        let compile = |(_, script): (ScriptId, &Script)| {
            let inputs = Inputs { index: index.name(), params: &script.source.params, columns: &columns };
            // A score or sort key is a double, whatever number the script gives.
            let result = match script.context {
                ScriptContext::Score | ScriptContext::NumberSort => ValueType::F64,
                ScriptContext::Filter | ScriptContext::StringSort | ScriptContext::Field => script.ty,
            };
            Program::compile(&script.expr, result, &inputs).map(Arc::new)
        };
        let programs = table.iter().map(compile).collect::<Result<_>>()?;
        Ok(Self { scripts: table.iter().map(|(_, script)| script.clone()).collect(), programs })
    }
}

impl Scripts {
    /// The program of a script.
    pub(crate) fn program(&self, id: ScriptId) -> &Arc<Program> {
        &self.programs[id.0 as usize]
    }
}

impl Scripts {
    /// What the scripts of a query cost together, in nanoseconds a document.
    pub(crate) fn cost_of(&self, query: &Query) -> f64 {
        let mut cost = 0.0;
        query.each_script(&mut |id| {
            cost += self.scripts[id.0 as usize].verdict.as_ref().map_or(0.0, |verdict| verdict.cost);
        });
        cost
    }
}

/// A script over the documents of a segment.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    script: &'a Script,
    program: &'a Program,
    machine: Machine,
    segment: SegmentContext<'a>,
}

impl<'a> Evaluator<'a> {
    /// Prepares a script for a segment.
    pub(crate) fn new(segment: SegmentContext<'a>, id: ScriptId) -> Result<Self> {
        let scripts = segment.scripts;
        let program = scripts.program(id);
        let machine = Machine::new(Arc::clone(program), segment.segment.columns(segment.mapping))?;
        let machine = machine.calling(segment.execution.udfs.clone(), segment.execution.deadline);
        Ok(Self { script: &scripts.scripts[id.0 as usize], program, machine, segment })
    }

    /// Whether the script reads `_score`.
    pub(crate) fn uses_score(&self) -> bool {
        self.program.uses_score()
    }

    /// Whether the script can fail by itself on some document, or is not deterministic: it can tell which documents it sees.
    pub(crate) fn keeps_place(&self) -> bool {
        can_fail_by_itself(&self.script.expr) || !is_deterministic(&self.script.expr)
    }

    /// The script's value for each document; no scores: they read as 0.
    pub(crate) fn run(&mut self, docs: &[DocId], scores: &[f32], filters: &[&[bool]]) -> Result<Batch<'_>> {
        let rows = Rows { docs, doc_base: self.segment.doc_base, scores, filters };
        self.machine.run(&rows).map_err(|failure| match failure {
            Failure::Storage(error) => error,
            Failure::Udf { row, site, error } => {
                udf_error(self.script, self.segment, row.and_then(|row| docs.get(row)), site, error)
            }
            Failure::Row(error) => runtime_error(self.script, self.segment, docs, error),
        })
    }

    /// The error for a value that is not `expected`.
    pub(crate) fn wrong_type(&self, expected: &str) -> Error {
        wrong_type(self.script, expected)
    }

    /// The script's value for each document: true or false.
    pub(crate) fn booleans(&mut self, docs: &[DocId]) -> Result<&[bool]> {
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
    let id = docs.get(error.row).and_then(|doc| segment.root_id(*doc)).unwrap_or_default();
    Error::new(Code::ScriptRuntime, format!("runtime error in the document of `_id` `{id}`"))
        .place(place(script, error.site))
        .because(Error::new(Code::ScriptRuntime, error.reason).with_type(error.elastic_type))
}

/// The error of a UDF that fails; which document is known where the runtime says which row.
fn udf_error(script: &Script, segment: SegmentContext<'_>, doc: Option<&DocId>, site: usize, cause: Error) -> Error {
    let id = doc.and_then(|doc| segment.root_id(*doc));
    let whom = id.map_or_else(String::new, |id| format!(" for the document of `_id` `{id}`"));
    Error::new(cause.code(), format!("runtime error in the call of a UDF{whom}"))
        .with_type("script_exception")
        .place(place(script, site))
        .because(cause)
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
