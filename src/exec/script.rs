//! Scripts in a segment: compiled once a search, run over batches; a failing document becomes an error with its `_id`.
//!
//! A script that sees many documents of a segment is compiled once more, for that segment: where no document lacks a value,
//! say, nothing asks for it, and what is computed from few values of a column comes from a table. It gives the same values
//! and errors.

mod bounds;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use datafusion_expr::Expr;
use tantivy::DocId;

use crate::error::{Code, Error, Place, Result, ScriptPlace};
use crate::exec::columns::value_type;
use crate::exec::index::Index;
use crate::exec::kernel::{
    BATCH_ROWS, Failure, Inputs, Known, Machine, NOTHING_KNOWN, Program, ProgramColumn, Rows, Table,
};
use crate::exec::metrics::TableMetrics;
use crate::exec::segment::SegmentContext;
use crate::exec::tables::{Asked, MAX_ENTRIES, Tables, Tabulated, Weighing, first_worth, has_terms};
use crate::plan::expr::can_fail_by_itself;
use crate::plan::function::batch::{Batch, RowError};
use crate::plan::mapping::Mapping;
use crate::plan::query::Query;
use crate::plan::script::{Script, ScriptContext, ScriptId, ScriptTable, ValueType};
use crate::plan::udf::is_deterministic;
use crate::plan::walk::only_column;

/// How many documents of a segment a script sees before it is compiled for the segment: that takes as long as some of its
/// operations on so many.
const MANY: u64 = 4 * BATCH_ROWS as u64;

/// In a segment of so many documents a script is compiled for its bounds: in a smaller one, that costs more than it saves.
const MANY_FOR_BOUNDS: DocId = 1 << 16;

/// A table is made for the sake of bounds only if that costs a small part of what evaluating all documents does.
const DOCUMENTS_PER_BOUND: u64 = 16;

/// The scripts of a fragment, compiled.
#[derive(Debug)]
pub(crate) struct Scripts {
    scripts: Vec<Script>,
    programs: Vec<Arc<Program>>,
    index: String,
    tables: Tables,
    /// What bounds scripts, by script and the segment's first document.
    bounds: Mutex<HashMap<(ScriptId, DocId), Option<Arc<Program>>>>,
}

impl Scripts {
    /// Compiles all scripts.
    pub(crate) fn compile(table: &ScriptTable, index: &Index) -> Result<Self> {
        let compile = |(_, script): (ScriptId, &Script)| {
            compile(script, index.name(), index.mapping(), &Known::NOTHING).map(Arc::new)
        };
        let programs = table.iter().map(compile).collect::<Result<_>>()?;
        let scripts = table.iter().map(|(_, script)| script.clone()).collect();
        let (tables, bounds) = (Tables::default(), Mutex::default());
        Ok(Self { scripts, programs, index: index.name().to_owned(), tables, bounds })
    }

    /// The program of a script for the documents of a segment, if it is shorter than that for any or has tables; and from
    /// how many documents on another one is to be looked for.
    fn program_for(&self, segment: SegmentContext<'_>, id: ScriptId, seen: u64) -> Result<(Option<Arc<Program>>, u64)> {
        let later = Cell::new(u64::MAX);
        let tables = |tree: &Expr| match self.table(segment, id, tree, Weighing::Documents(seen))? {
            Asked::Made(table) => Ok(Some(table)),
            Asked::Later(from) => {
                later.set(later.get().min(from));
                Ok(None)
            }
            Asked::Never => Ok(None),
        };
        let program = self.program_with(segment, id, &tables)?;
        Ok((program, later.get()))
    }

    /// The program of a script whose bounds say most of a segment's zones: of texts nothing is known but by tables.
    pub(crate) fn bounds_program(&self, segment: SegmentContext<'_>, id: ScriptId) -> Result<Arc<Program>> {
        let any = self.program(id);
        if segment.max_doc() < MANY_FOR_BOUNDS && !has_terms(&self.scripts[id.0 as usize].expr, segment)? {
            return Ok(Arc::clone(any));
        }
        let weighing = Weighing::Documents(u64::from(segment.max_doc()) / DOCUMENTS_PER_BOUND);
        let tables = |tree: &Expr| {
            // The zones of numbers have bounds.
            let is_text = only_column(tree).and_then(|path| value_type(segment.mapping, path)) == Some(ValueType::Str);
            match if is_text { self.table(segment, id, tree, weighing)? } else { Asked::Never } {
                Asked::Made(table) => Ok(Some(table)),
                Asked::Later(_) | Asked::Never => Ok(None),
            }
        };
        Ok(self.program_with(segment, id, &tables)?.unwrap_or_else(|| Arc::clone(any)))
    }

    /// The program of a script for a segment, if it is shorter than that for any or has tables.
    fn program_with(
        &self,
        segment: SegmentContext<'_>,
        id: ScriptId,
        tables: &dyn Fn(&Expr) -> Result<Option<Arc<Table>>>,
    ) -> Result<Option<Arc<Program>>> {
        let any = self.program(id);
        let mut zones = Vec::with_capacity(any.columns().len());
        for ProgramColumn { path, .. } in any.columns() {
            let ty = value_type(segment.mapping, path).unwrap_or(ValueType::F64);
            zones.push((path, segment.zones(path, ty)?.whole()));
        }
        let zone = |path: &str| zones.iter().find(|(known, _)| *known == path).map_or(NOTHING_KNOWN, |(_, zone)| *zone);
        let known = Known { zones: &zone, tables };
        let program = compile(&self.scripts[id.0 as usize], &self.index, segment.mapping, &known)?;
        let is_better = program.steps() < any.steps() || program.columns().iter().any(|column| column.table.is_some());
        Ok(is_better.then(|| Arc::new(program)))
    }
}

/// Compiles a script as its context wants it, for documents of whose columns something is known.
fn compile(script: &Script, index: &str, mapping: &Mapping, known: &Known<'_>) -> Result<Program> {
    let columns = |path: &str| value_type(mapping, path);
    let inputs = Inputs { index, params: &script.source.params, columns: &columns };
    // A score or sort key is a double, whatever number the script gives.
    let result = match script.context {
        ScriptContext::Score | ScriptContext::NumberSort => ValueType::F64,
        ScriptContext::Filter | ScriptContext::StringSort | ScriptContext::Field => script.ty,
    };
    Program::compile_known(&script.expr, Some(result), &inputs, known)
}

impl Scripts {
    /// The program of a script.
    pub(crate) fn program(&self, id: ScriptId) -> &Arc<Program> {
        &self.programs[id.0 as usize]
    }

    /// How many documents the batches of a search with these scripts have at most.
    pub(crate) fn batch_rows(&self) -> usize {
        self.programs.iter().map(|program| program.batch_rows()).fold(BATCH_ROWS, usize::max)
    }

    /// What a script answers for each term of the only field that it reads, in a segment; none where there are too many.
    pub(crate) fn term_table(
        &self,
        segment: SegmentContext<'_>,
        path: &str,
        id: ScriptId,
    ) -> Result<Option<Arc<Table>>> {
        let most = MAX_ENTRIES.min(segment.max_doc() as usize);
        match self.table(segment, id, &self.scripts[id.0 as usize].expr, Weighing::Entries(most))? {
            Asked::Made(table) if table.path() == path => Ok(Some(table)),
            Asked::Made(_) | Asked::Later(_) | Asked::Never => Ok(None),
        }
    }

    /// How many tables were made.
    pub(crate) fn tables(&self) -> TableMetrics {
        self.tables.metrics()
    }

    /// The table of a tree of a script in a segment.
    fn table(&self, segment: SegmentContext<'_>, script: ScriptId, tree: &Expr, weighing: Weighing) -> Result<Asked> {
        let columns = |path: &str| value_type(segment.mapping, path);
        let params = &self.scripts[script.0 as usize].source.params;
        let inputs = Inputs { index: &self.index, params, columns: &columns };
        self.tables.ask(Tabulated { script, tree, inputs: &inputs }, segment, weighing)
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
    id: ScriptId,
    machine: Machine,
    segment: SegmentContext<'a>,
    /// How many documents it has seen.
    seen: u64,
    /// From how many on a program for the segment is to be looked for.
    due: u64,
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
        Ok(Self { script, id, machine, segment, seen: 0, due })
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
