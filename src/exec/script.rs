//! The scripts of a fragment: compiled once for all documents, and again for segments where that pays.

mod answers;
mod bounds;
mod evaluator;

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use datafusion_expr::Expr;
use tantivy::DocId;

use crate::error::Result;
use crate::exec::columns::value_type;
use crate::exec::index::Index;
use crate::exec::kernel::{BATCH_ROWS, Inputs, Known, NOTHING_KNOWN, Program, ProgramColumn, Table};
use crate::exec::metrics::TableMetrics;
use crate::exec::segment::SegmentContext;
use crate::exec::tables::{Asked, MAX_ENTRIES, Tables, Tabulated, Weighing, has_tables, has_terms};
use crate::plan::mapping::Mapping;
use crate::plan::query::Query;
use crate::plan::script::{Script, ScriptContext, ScriptId, ScriptTable, ValueType};
use crate::plan::walk::only_field;
pub(crate) use evaluator::Evaluator;

/// In a segment of so many documents a script is compiled for its bounds: in a smaller one, that costs more than it saves.
const MANY_FOR_BOUNDS: DocId = 1 << 16;

/// A table is made for the sake of bounds only if that costs a small part of what evaluating all documents does.
const DOCUMENTS_PER_BOUND: u64 = 16;

/// What programs for a segment are made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Purpose {
    /// To compute values.
    Evaluate,
    /// To judge zones.
    Judge,
    /// To bound the values of documents, so many of whose columns have classes.
    Bound { with_classes: usize },
}

/// By purpose, script and the segment's first document; none where the program for all documents does as well, or none is
/// to be had.
type SegmentPrograms = HashMap<(Purpose, ScriptId, DocId), Option<Arc<Program>>>;

/// The scripts of a fragment, compiled.
#[derive(Debug)]
pub(crate) struct Scripts {
    scripts: Vec<Script>,
    programs: Vec<Arc<Program>>,
    index: String,
    tables: Tables,
    for_segments: Mutex<SegmentPrograms>,
}

impl Scripts {
    /// Compiles all scripts.
    pub(crate) fn compile(table: &ScriptTable, index: &Index) -> Result<Self> {
        let compile = |(_, script): (ScriptId, &Script)| {
            compile(script, index.name(), index.mapping(), &Known::NOTHING).map(Arc::new)
        };
        let programs = table.iter().map(compile).collect::<Result<_>>()?;
        let scripts = table.iter().map(|(_, script)| script.clone()).collect();
        let (tables, for_segments) = (Tables::default(), Mutex::default());
        Ok(Self { scripts, programs, index: index.name().to_owned(), tables, for_segments })
    }

    /// The program of a script for a segment, made only once: `make` says, too, whether a later one would be the same. A script
    /// is used in one way only in a search, so its bounds are of one kind.
    fn for_segment(
        &self,
        key: (Purpose, ScriptId, DocId),
        make: impl FnOnce() -> Result<(Option<Arc<Program>>, bool)>,
    ) -> Result<Option<Arc<Program>>> {
        if let Some(known) = self.programs_for_segments().get(&key) {
            return Ok(known.clone());
        }
        let (made, is_final) = make()?;
        if is_final {
            self.programs_for_segments().insert(key, made.clone());
        }
        Ok(made)
    }

    fn programs_for_segments(&self) -> MutexGuard<'_, SegmentPrograms> {
        self.for_segments.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The program of a script for the documents of a segment, if it is shorter than that for any or has tables; and from
    /// how many documents on another one is to be looked for.
    fn program_for(&self, segment: SegmentContext<'_>, id: ScriptId, seen: u64) -> Result<(Option<Arc<Program>>, u64)> {
        let script = &self.scripts[id.0 as usize].expr;
        if !has_tables(script) {
            // Then the program is that for bounds.
            let make = || Ok((self.program_with(segment, id, &|_| Ok(None))?, true));
            return Ok((self.for_segment((Purpose::Judge, id, segment.doc_base), make)?, u64::MAX));
        }
        let (all_made, later) = (Cell::new(true), Cell::new(u64::MAX));
        let tables = |tree: &Expr| {
            let asked = self.table(segment, id, tree, Weighing::Documents(seen))?;
            if let Asked::Later(from) = asked {
                later.set(later.get().min(from));
            }
            Ok(asked.made(&all_made))
        };
        let make = || Ok((self.program_with(segment, id, &tables)?, all_made.get()));
        let program = self.for_segment((Purpose::Evaluate, id, segment.doc_base), make)?;
        Ok((program, later.get()))
    }

    /// The program of a script whose bounds say most of a segment's zones: of texts nothing is known but by tables.
    pub(crate) fn bounds_program(&self, segment: SegmentContext<'_>, id: ScriptId) -> Result<Arc<Program>> {
        let any = self.program(id);
        if segment.max_doc() < MANY_FOR_BOUNDS && !has_terms(&self.scripts[id.0 as usize].expr, segment)? {
            return Ok(Arc::clone(any));
        }
        let weighing = Weighing::Documents(u64::from(segment.max_doc()) / DOCUMENTS_PER_BOUND);
        let all_made = Cell::new(true);
        let tables = |tree: &Expr| {
            // The zones of numbers have bounds.
            let is_text = only_field(tree).and_then(|path| value_type(segment.mapping, path)) == Some(ValueType::Str);
            if is_text { Ok(self.table(segment, id, tree, weighing)?.made(&all_made)) } else { Ok(None) }
        };
        let make = || Ok((self.program_with(segment, id, &tables)?, all_made.get()));
        let program = self.for_segment((Purpose::Judge, id, segment.doc_base), make)?;
        Ok(program.unwrap_or_else(|| Arc::clone(any)))
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

    /// How many tables there are.
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
