//! Tables: what a tree over one column gives for each of the column's values, evaluated once for each value.
//!
//! A value for which the tree fails has no entry: the tree itself is asked for the documents that have it, so that only
//! those raise the error.

mod filling;

use std::sync::Arc;

use super::machine::Machine;
use super::program::{BATCH_ROWS, Op, Program, Scalar};
use super::step::MISSING_VALUE;
use crate::error::Result;
use crate::exec::columns::{Column, Columns, Entries, EntryValues, Part};
use crate::plan::interval::Interval;
use crate::plan::query::Answer;
use crate::plan::script::ValueType;
use filling::Filling;

/// What a tree gives for each value of a column of a segment, and for documents without one.
#[derive(Debug)]
pub(crate) struct Table {
    path: String,
    entries: Arc<Entries>,
    /// The entries by document.
    column: Arc<Column>,
    missing: Missing,
    /// Between which values the entries lie.
    bounds: Interval,
}

/// What a tree gives for documents without a value.
#[derive(Clone, Debug)]
pub(super) enum Missing {
    /// A value.
    Value(Scalar),
    /// The error that the value is missing, at a byte of the source.
    Required(usize),
    /// Another error.
    Fails,
}

impl Program {
    /// The path of the only field that the program reads, if it reads nothing but its first values and whether there are any.
    pub(crate) fn only_field(&self) -> Option<&str> {
        let passes = |op: &Op| match op {
            Op::Score | Op::Doc | Op::Filter(_) | Op::Contains { .. } | Op::Udf { .. } => false,
            Op::Load { part, .. } => *part == Part::First,
            _ => true,
        };
        match self.columns.as_slice() {
            [only] if only.table.is_none() && self.steps.iter().all(|step| passes(&step.op)) => Some(&only.path),
            _ => None,
        }
    }
}

impl Table {
    /// Asks a program about all values of its only field, whose column is given; none where it reads anything else, or where
    /// the values cannot be told apart.
    pub(crate) fn new(program: &Arc<Program>, column: &Arc<Column>) -> Result<Option<Self>> {
        let Some(path) = program.only_field() else { return Ok(None) };
        let Some(values) = column.entry_values() else { return Ok(None) };
        let count = column.entries().unwrap_or(0);
        let mut filling = Filling::new(program.result_type(), count);
        let numbers: Vec<u32> = (0..count as u32).collect();
        let mut machine = Machine::new(Arc::clone(program), &Columns::from_columns([(path.to_owned(), values)]))?;
        for numbers in numbers.chunks(BATCH_ROWS) {
            filling.ask(&mut machine, numbers)?;
        }
        let mut missing = Filling::new(program.result_type(), 1);
        missing.ask(&mut Machine::new(Arc::clone(program), &Columns::from_columns([]))?, &[0])?;
        let required = missing.last.take().filter(|error| error.reason == MISSING_VALUE).map(|error| error.site);
        if filling.is_too_long() {
            return Ok(None);
        }
        let bounds = filling.bounds();
        let entries = Arc::new(filling.entries());
        let Some(tabulated) = column.tabulated(Arc::clone(&entries)) else { return Ok(None) };
        let missing = match (missing.entries().scalar(0), required) {
            (Some(value), _) => Missing::Value(value),
            (None, Some(site)) => Missing::Required(site),
            (None, None) => Missing::Fails,
        };
        Ok(Some(Self { path: path.to_owned(), entries, column: Arc::new(tabulated), missing, bounds }))
    }

    /// The path of the field.
    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    /// The entries by document.
    pub(super) fn column(&self) -> &Arc<Column> {
        &self.column
    }

    /// The type of the entries.
    pub(super) fn ty(&self) -> ValueType {
        match &self.entries.values {
            EntryValues::F64(_) => ValueType::F64,
            EntryValues::I64(_) => ValueType::I64,
            EntryValues::Bool(_) => ValueType::Bool,
            EntryValues::Str { .. } => ValueType::Str,
        }
    }

    /// What the tree gives for documents without a value.
    pub(super) fn missing(&self) -> &Missing {
        &self.missing
    }

    /// Between which values the entries lie.
    pub(crate) fn bounds(&self) -> Interval {
        self.bounds
    }

    /// Whether some value has no entry, because the tree fails for it.
    pub(crate) fn is_open(&self) -> bool {
        self.entries.known.is_some()
    }

    /// Whether the tree still has to be asked for some document of the column.
    pub(crate) fn asks(&self, column: &Column) -> bool {
        self.is_open() || (!matches!(self.missing, Missing::Value(_)) && !column.is_full())
    }

    /// What a predicate says of a value, by its number.
    pub(crate) fn answer(&self, number: u64) -> Answer {
        match &self.entries.values {
            EntryValues::Bool(values) if self.entries.knows(number) => {
                values.get(number as usize).map_or(Answer::Open, |value| answer_of(*value))
            }
            _ => Answer::Open,
        }
    }

    /// What a predicate says of documents without a value.
    pub(crate) fn missing_answer(&self) -> Answer {
        match self.missing {
            Missing::Value(Scalar::Bool(value)) => answer_of(value),
            _ => Answer::Open,
        }
    }

    /// The numbers of the values for which a predicate is true.
    pub(crate) fn holds(&self) -> impl Iterator<Item = u64> {
        (0..self.entries.len() as u64).filter(|number| self.answer(*number) == Answer::Yes)
    }
}

fn answer_of(value: bool) -> Answer {
    if value { Answer::Yes } else { Answer::No }
}

impl Entries {
    /// An entry as a constant.
    fn scalar(&self, number: u64) -> Option<Scalar> {
        let at = number as usize;
        self.knows(number).then(|| match &self.values {
            EntryValues::F64(values) => Scalar::F64(values[at]),
            EntryValues::I64(values) => Scalar::I64(values[at]),
            EntryValues::Bool(values) => Scalar::Bool(values[at]),
            EntryValues::Str { text, spans } => Scalar::Str(text[spans[at].0 as usize..spans[at].1 as usize].into()),
        })
    }
}
