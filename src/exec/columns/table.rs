//! A column that is computed from another: an entry for each of its values, looked up by the first value of a document.
//!
//! The entries are numbered as the terms of a dictionary are, or as the distinct values of a column of numbers. What an entry
//! is, and where there is none, is the caller's: where there is none, or where a document has no value, there is no value.

use std::sync::Arc;

use tantivy::columnar::ColumnIndex;
use tantivy::fastfield::Column as StoredColumn;

use super::batch::Batch;
use super::column::{Column, Values};
use super::dictionary::Ordinals;
use super::distinct::{self, Distinct};
use super::part::Part;
use super::strings::append;
use super::unpacked::{Budget, Unpacking};

/// The entries of a table by number.
#[derive(Debug)]
pub(crate) struct Entries {
    pub(crate) values: EntryValues,
    /// Which numbers have an entry; none: all.
    pub(crate) known: Option<Box<[bool]>>,
}

/// The values of the entries; one that is not known has any.
#[derive(Debug)]
pub(crate) enum EntryValues {
    /// Doubles.
    F64(Vec<f64>),
    /// Longs.
    I64(Vec<i64>),
    /// Booleans.
    Bool(Vec<bool>),
    /// Strings: spans of one text.
    Str {
        /// The text.
        text: String,
        /// The span of each.
        spans: Vec<(u32, u32)>,
    },
}

/// By what a document's entry is found.
#[derive(Debug)]
pub(super) enum Keys {
    /// The terms of a column of strings.
    Terms(Arc<Column>),
    /// The distinct values of a column of numbers.
    Values(Arc<Distinct>),
}

impl Column {
    /// Whether the column holds strings that have numbers.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.values, Values::Strings { .. })
    }

    /// How many entries a table by the column's first values has; none where there is no telling them apart cheaply.
    pub(crate) fn entries(&self) -> Option<usize> {
        match &self.values {
            Values::Strings { dictionary, .. } => Some(dictionary.len()),
            Values::Numbers { unpacking, .. } => unpacking.distinct().map(|distinct| distinct.values.len()),
            Values::Missing | Values::Ips(_) | Values::Ids(_) | Values::Table { .. } => None,
        }
    }

    /// A column of the values that the entries of a table are for: the document of each number has the value of that number.
    pub(crate) fn entry_values(&self) -> Option<Self> {
        let full = |values| StoredColumn { index: ColumnIndex::Full, values };
        // It is read once.
        let unpacking = Unpacking::new(Budget::none());
        let values = match &self.values {
            Values::Strings { dictionary, .. } => {
                let ordinals = full(Arc::new(Ordinals(u32::try_from(dictionary.len()).ok()?)));
                Values::Strings { ordinals, dictionary: Arc::clone(dictionary), unpacking }
            }
            Values::Numbers { unpacking: of, encoding, .. } => {
                let column = full(Arc::new(distinct::Entries(Arc::clone(&of.distinct()?.values))));
                Values::Numbers { column, encoding: *encoding, unpacking }
            }
            Values::Missing | Values::Ips(_) | Values::Ids(_) | Values::Table { .. } => return None,
        };
        Some(Self { values })
    }

    /// The column that has for each document the entry of its first value in this one.
    pub(crate) fn tabulated(self: &Arc<Self>, entries: Arc<Entries>) -> Option<Self> {
        let keys = match &self.values {
            Values::Strings { .. } => Keys::Terms(Arc::clone(self)),
            Values::Numbers { unpacking, .. } => Keys::Values(Arc::clone(unpacking.distinct()?)),
            Values::Missing | Values::Ips(_) | Values::Ids(_) | Values::Table { .. } => return None,
        };
        Some(Self { values: Values::Table { keys, entries } })
    }
}

impl Keys {
    /// Fetches the numbers of some documents' values.
    fn fetch(&self, batch: &mut Batch, docs: &[u32]) {
        match self {
            Self::Terms(column) => {
                if let Values::Strings { ordinals, unpacking, .. } = &column.values {
                    batch.fetch(ordinals, unpacking, docs);
                }
            }
            Self::Values(distinct) => batch.look_up(&distinct.codes),
        }
    }
}

impl Entries {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match &self.values {
            EntryValues::F64(values) => values.len(),
            EntryValues::I64(values) => values.len(),
            EntryValues::Bool(values) => values.len(),
            EntryValues::Str { spans, .. } => spans.len(),
        }
    }

    /// Whether there is an entry of a number.
    pub(crate) fn knows(&self, number: u64) -> bool {
        match &self.known {
            None => (number as usize) < self.len(),
            Some(known) => known.get(number as usize).copied().unwrap_or(false),
        }
    }

    /// Whether each of the documents has an entry.
    pub(super) fn present(&self, keys: &Keys, batch: &mut Batch, docs: &[u32], out: &mut [bool]) {
        keys.fetch(batch, docs);
        batch.each(docs, false, out, |number| self.knows(number), |numbers| self.knows(numbers[0]));
    }

    /// Each document's entry as a double.
    pub(super) fn doubles(&self, keys: &Keys, batch: &mut Batch, docs: &[u32], null: f64, out: &mut [f64]) {
        match &self.values {
            EntryValues::F64(values) => self.look_up(keys, batch, docs, values, null, out, |value| value),
            EntryValues::I64(values) => self.look_up(keys, batch, docs, values, null, out, |value| value as f64),
            EntryValues::Bool(_) | EntryValues::Str { .. } => out.fill(null),
        }
    }

    /// Each document's entry as a long.
    pub(super) fn longs(&self, keys: &Keys, batch: &mut Batch, docs: &[u32], null: i64, out: &mut [i64]) {
        match &self.values {
            EntryValues::I64(values) => self.look_up(keys, batch, docs, values, null, out, |value| value),
            EntryValues::F64(_) | EntryValues::Bool(_) | EntryValues::Str { .. } => out.fill(null),
        }
    }

    /// Each document's entry as a boolean.
    pub(super) fn booleans(&self, keys: &Keys, batch: &mut Batch, docs: &[u32], null: bool, out: &mut [bool]) {
        match &self.values {
            EntryValues::Bool(values) => self.look_up(keys, batch, docs, values, null, out, |value| value),
            EntryValues::F64(_) | EntryValues::I64(_) | EntryValues::Str { .. } => out.fill(null),
        }
    }

    /// Each document's entry as a string: the spans of those that have one are set.
    pub(super) fn strings(
        &self,
        keys: &Keys,
        batch: &mut Batch,
        docs: &[u32],
        (numbers, out): (&mut Vec<u64>, &mut String),
        out_spans: &mut [(u32, u32)],
    ) {
        let EntryValues::Str { text, spans } = &self.values else { return };
        keys.fetch(batch, docs);
        numbers.resize(docs.len(), u64::MAX);
        batch.pick(docs, Part::First, u64::MAX, numbers, |number| number);
        for (out_span, number) in out_spans.iter_mut().zip(&*numbers) {
            if self.knows(*number)
                && let Some((start, end)) = spans.get(*number as usize)
            {
                *out_span = append(out, &text[*start as usize..*end as usize]);
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one loop for all types")]
    fn look_up<T: Copy, R: Copy>(
        &self,
        keys: &Keys,
        batch: &mut Batch,
        docs: &[u32],
        values: &[T],
        null: R,
        out: &mut [R],
        read: impl Fn(T) -> R,
    ) {
        keys.fetch(batch, docs);
        let entry = |number: u64| values.get(number as usize).map_or(null, |value| read(*value));
        match &self.known {
            None => batch.pick(docs, Part::First, null, out, entry),
            Some(_) => batch.pick(docs, Part::First, null, out, |n| if self.knows(n) { entry(n) } else { null }),
        }
    }
}
