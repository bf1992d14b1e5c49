//! The entries of a table while they are computed: a program asked about one batch of values after the other.

use crate::error::Result;
use crate::exec::columns::{Entries, EntryValues};
use crate::exec::kernel::machine::{Failure, Machine, Rows};
use crate::plan::function::batch::{Batch, RowError};
use crate::plan::interval::{Doubles, Interval, Longs, Truth};
use crate::plan::script::ValueType;

/// After so many failures whatever was not asked has no entry.
const MAX_FAILURES: usize = 64;

/// How many bytes the strings of a table may have.
const MAX_BYTES: usize = 4 << 20;

/// Entries that are being computed, in order.
pub(super) struct Filling {
    values: EntryValues,
    known: Vec<bool>,
    failures: usize,
    /// The last failure.
    pub(super) last: Option<RowError>,
}

impl Filling {
    pub(super) fn new(ty: ValueType, count: usize) -> Self {
        let values = match ty {
            ValueType::F64 => EntryValues::F64(Vec::with_capacity(count)),
            ValueType::I64 => EntryValues::I64(Vec::with_capacity(count)),
            ValueType::Bool => EntryValues::Bool(Vec::with_capacity(count)),
            ValueType::Str => EntryValues::Str { text: String::new(), spans: Vec::with_capacity(count) },
        };
        Self { values, known: Vec::with_capacity(count), failures: 0, last: None }
    }

    /// Asks about the next rows; those that fail have no entry.
    pub(super) fn ask(&mut self, machine: &mut Machine, mut docs: &[u32]) -> Result<()> {
        let rows = |docs| Rows { docs, doc_base: 0, scores: &[], filters: &[] };
        while !docs.is_empty() && self.failures <= MAX_FAILURES && !self.is_too_long() {
            let failed = match machine.run(&rows(docs)) {
                Ok(batch) => {
                    self.push(batch, docs.len());
                    return Ok(());
                }
                Err(Failure::Storage(error)) => return Err(error),
                Err(Failure::Udf { .. }) => break,
                Err(Failure::Row(error)) => self.last.insert(error).row.min(docs.len() - 1),
            };
            self.failures += 1;
            // What comes before the first failure is asked again, without it.
            match machine.run(&rows(&docs[..failed])) {
                Ok(batch) => self.push(batch, failed),
                Err(_) => self.skip(failed),
            }
            self.skip(1);
            docs = &docs[failed + 1..];
        }
        self.skip(docs.len());
        Ok(())
    }

    fn push(&mut self, batch: Batch<'_>, rows: usize) {
        match (&mut self.values, batch) {
            (EntryValues::F64(values), Batch::F64(more)) => values.extend_from_slice(&more[..rows]),
            (EntryValues::I64(values), Batch::I64(more)) => values.extend_from_slice(&more[..rows]),
            (EntryValues::Bool(values), Batch::Bool(more)) => values.extend_from_slice(&more[..rows]),
            (EntryValues::Str { text, spans }, Batch::Str(more)) => {
                for row in 0..rows {
                    let start = text.len() as u32;
                    text.push_str(more.get(row));
                    spans.push((start, text.len() as u32));
                }
            }
            _ => return self.skip(rows),
        }
        self.known.resize(self.known.len() + rows, true);
    }

    /// The next rows have no entry.
    fn skip(&mut self, rows: usize) {
        let count = self.known.len() + rows;
        self.known.resize(count, false);
        match &mut self.values {
            EntryValues::F64(values) => values.resize(count, 0.0),
            EntryValues::I64(values) => values.resize(count, 0),
            EntryValues::Bool(values) => values.resize(count, false),
            EntryValues::Str { spans, .. } => spans.resize(count, (0, 0)),
        }
    }

    pub(super) fn is_too_long(&self) -> bool {
        matches!(&self.values, EntryValues::Str { text, .. } if text.len() > MAX_BYTES)
    }

    pub(super) fn bounds(&self) -> Interval {
        let known = |at: &usize| self.known[*at];
        let all = (0..self.known.len()).filter(known);
        match &self.values {
            EntryValues::F64(values) => {
                all.map(|at| Doubles::point(values[at])).fold(Doubles::NONE, Doubles::join).into()
            }
            EntryValues::I64(values) => {
                all.map(|at| Longs::point(values[at])).reduce(Longs::join).unwrap_or(Longs::ALL).into()
            }
            EntryValues::Bool(values) => {
                all.map(|at| Truth::known(values[at])).reduce(Truth::join).unwrap_or(Truth::ANY).into()
            }
            EntryValues::Str { .. } => Interval::Str,
        }
    }

    pub(super) fn entries(self) -> Entries {
        let is_open = self.known.contains(&false);
        Entries { values: self.values, known: is_open.then(|| self.known.into()) }
    }
}
