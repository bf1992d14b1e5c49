//! The tables of a fragment: which trees are computed once for each value of their column, and what came out.
//!
//! A table is made where its entries cost less than the documents that are evaluated, and kept with the fragment, for its
//! segment. Shards decide that, since only they know how many values a column has.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use datafusion_expr::Expr;
use tantivy::DocId;

use crate::error::Result;
use crate::exec::columns::Column;
use crate::exec::kernel::{Inputs, Known, Program, Table};
use crate::exec::metrics::TableMetrics;
use crate::exec::segment::SegmentContext;
use crate::plan::expr::as_tabulated;
use crate::plan::script::ScriptId;
use crate::plan::walk::{each_operand, only_field};
use crate::pushdown::cost::table_pays_from;

/// A column of more values than this is not asked as a whole.
pub(crate) const MAX_ENTRIES: usize = 1 << 16;

/// How many entries all tables of a fragment may have.
const LIMIT: usize = 1 << 22;

/// The tables that the searches of a fragment have made.
#[derive(Debug, Default)]
pub(crate) struct Tables(Mutex<Made>);

#[derive(Debug, Default)]
struct Made {
    /// By script, the segment's first document, and tree; none where there can be none.
    tables: HashMap<(ScriptId, DocId, Expr), Option<Arc<Table>>>,
    entries: usize,
}

/// When a table of a tree is worth making.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Weighing {
    /// As soon as so many documents have been evaluated, or are going to be.
    Documents(u64),
    /// If it has at most so many entries.
    Entries(usize),
}

/// A tree of a script in a segment, which reads one column.
#[derive(Clone, Copy)]
pub(crate) struct Tabulated<'a> {
    pub(crate) script: ScriptId,
    pub(crate) tree: &'a Expr,
    pub(crate) inputs: &'a Inputs<'a>,
}

/// What came of asking for a table.
pub(crate) enum Asked {
    /// Here it is.
    Made(Arc<Table>),
    /// It is not worth making until so many documents were evaluated.
    Later(u64),
    /// There is none.
    Never,
}

impl Asked {
    /// The table; what is not made by now is noted: it may be, another time.
    pub(crate) fn made(self, all_made: &Cell<bool>) -> Option<Arc<Table>> {
        match self {
            Self::Made(table) => Some(table),
            Self::Later(_) | Self::Never => {
                all_made.set(false);
                None
            }
        }
    }
}

impl Tables {
    /// How many were made.
    pub(crate) fn metrics(&self) -> TableMetrics {
        let made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        TableMetrics { tables: made.tables.values().flatten().count() as u64, entries: made.entries as u64 }
    }

    /// The table of a tree in a segment, if it is made by now or worth making.
    pub(crate) fn ask(&self, of: Tabulated<'_>, segment: SegmentContext<'_>, weighing: Weighing) -> Result<Asked> {
        let Some(column) = column(of.tree, segment)? else { return Ok(Asked::Never) };
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (of.script, segment.doc_base, of.tree.clone());
        if let Some(known) = made.tables.get(&key) {
            return Ok(known.clone().map_or(Asked::Never, Asked::Made));
        }
        let Some(entries) = column.entries().filter(|entries| made.entries + entries <= LIMIT) else {
            return Ok(Asked::Never);
        };
        match weighing {
            Weighing::Documents(documents) => match pays_from(of.tree, &column, entries, segment) {
                Some(from) if from > documents => return Ok(Asked::Later(from)),
                Some(_) => {}
                None => return Ok(Asked::Never),
            },
            Weighing::Entries(most) if entries > most => return Ok(Asked::Never),
            Weighing::Entries(_) => {}
        }
        made.entries += entries;
        let program = Arc::new(Program::compile_known(of.tree, None, of.inputs, &Known::NOTHING)?);
        let table = Table::new(&program, &column)?.map(Arc::new);
        made.tables.insert(key, table.clone());
        Ok(table.map_or(Asked::Never, Asked::Made))
    }
}

/// From how many documents on a table of one of a script's trees is worth making, in a segment; none if it never is.
pub(crate) fn first_worth(script: &Expr, segment: SegmentContext<'_>) -> Result<Option<u64>> {
    let mut trees = Vec::new();
    collect(script, &mut trees);
    let mut first = None;
    for tree in trees {
        if let Some(column) = column(tree, segment)? {
            // The distinct values of a column of numbers are counted when it is time.
            let entries = if column.is_text() { column.entries().unwrap_or(0) } else { 0 };
            first = first.into_iter().chain(pays_from(tree, &column, entries, segment)).min();
        }
    }
    Ok(first)
}

/// The trees of a script that have the form [`as_tabulated`].
fn collect<'a>(expr: &'a Expr, trees: &mut Vec<&'a Expr>) {
    match as_tabulated(expr) {
        Some(tree) => trees.push(tree),
        None => each_operand(expr, &mut |operand| collect(operand, trees)),
    }
}

/// Whether some tree of a script may become a table.
pub(crate) fn has_tables(script: &Expr) -> bool {
    let mut trees = Vec::new();
    collect(script, &mut trees);
    !trees.is_empty()
}

/// Whether some tree of a script may be computed by the terms of a column of strings.
pub(crate) fn has_terms(script: &Expr, segment: SegmentContext<'_>) -> Result<bool> {
    let mut trees = Vec::new();
    collect(script, &mut trees);
    let columns = trees.into_iter().map(|tree| column(tree, segment));
    Ok(columns.collect::<Result<Vec<_>>>()?.iter().flatten().any(|column| column.is_text()))
}

/// The only column that a tree reads.
fn column(tree: &Expr, segment: SegmentContext<'_>) -> Result<Option<Arc<Column>>> {
    only_field(tree).map(|path| segment.segment.columns(segment.mapping).column(path)).transpose()
}

/// From how many documents on a table is worth making; none where the segment has not so many.
fn pays_from(tree: &Expr, column: &Column, entries: usize, segment: SegmentContext<'_>) -> Option<u64> {
    let from = table_pays_from(tree, column.is_text(), entries);
    (entries <= MAX_ENTRIES && from <= u64::from(segment.max_doc())).then_some(from)
}
