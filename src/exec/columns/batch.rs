//! The raw values of a column for one batch of documents, and the loops over them.

use std::sync::Arc;

use tantivy::columnar::ColumnIndex;
use tantivy::fastfield::Column as StoredColumn;

use super::decode::{latitude, longitude};
use super::part::Part;
use super::unpacked::{Shape, Unpacked, Unpacking, run};

/// The raw values of a batch, fetched once whatever is asked of them. Buffers are kept between batches.
#[derive(Debug, Default)]
pub(super) struct Batch {
    source: Source,
    /// The values, document after document.
    raw: Vec<u64>,
    /// Where the values of each document start, and one end.
    starts: Vec<u32>,
    /// For each value its document and its row in the column.
    docs: Vec<u32>,
    rows: Vec<u32>,
}

/// Where the values of the batch are.
#[derive(Debug, Default)]
enum Source {
    /// They are not fetched.
    #[default]
    Nowhere,
    /// In `raw`, one for each document.
    Single,
    /// In `raw`, from `starts` on.
    Ranges,
    /// In the unpacked column, by document.
    Unpacked(Arc<Unpacked>),
}

impl Batch {
    /// The next documents are others.
    pub(super) fn forget(&mut self) {
        self.source = Source::Nowhere;
    }

    /// Fetches the raw values of some documents, which ascend, unless it has them.
    pub(super) fn fetch(&mut self, column: &StoredColumn<u64>, unpacking: &Unpacking, docs: &[u32]) {
        if !matches!(self.source, Source::Nowhere) {
            return;
        }
        if let Some(unpacked) = unpacking.get(column, docs.len()) {
            self.source = Source::Unpacked(Arc::clone(unpacked));
            return;
        }
        if matches!(column.index, ColumnIndex::Full) {
            read_rows(column, docs, &mut self.raw);
            self.source = Source::Single;
            return;
        }
        self.source = Source::Ranges;
        self.docs.clear();
        self.rows.clear();
        column.index.docids_to_rowids(docs, &mut self.docs, &mut self.rows);
        read_rows(column, &self.rows, &mut self.raw);
        self.starts.clear();
        let mut value = 0;
        for doc in docs {
            self.starts.push(value as u32);
            while self.docs.get(value) == Some(doc) {
                value += 1;
            }
        }
        self.starts.push(value as u32);
    }

    /// Takes the values of an unpacked column, unless it has some.
    pub(super) fn look_up(&mut self, unpacked: &Arc<Unpacked>) {
        if matches!(self.source, Source::Nowhere) {
            self.source = Source::Unpacked(Arc::clone(unpacked));
        }
    }

    /// Makes a result of each document's values: by `one` where it has one, by `many` where it has some.
    #[inline(always)]
    pub(super) fn each<T: Copy>(
        &self,
        docs: &[u32],
        null: T,
        out: &mut [T],
        one: impl Fn(u64) -> T,
        many: impl Fn(&[u64]) -> T,
    ) {
        let some = |values: &[u64]| match values {
            [] => null,
            [value] => one(*value),
            values => many(values),
        };
        match &self.source {
            Source::Nowhere => out.fill(null),
            Source::Single => each_value(&self.raw, out, one),
            Source::Ranges => {
                for (out, bounds) in out.iter_mut().zip(self.starts.windows(2)) {
                    *out = some(&self.raw[bounds[0] as usize..bounds[1] as usize]);
                }
            }
            Source::Unpacked(unpacked) => {
                let values = &unpacked.values;
                match &unpacked.shape {
                    Shape::Full => match run(docs) {
                        Some(run) => each_value(&values[run], out, one),
                        None => out.iter_mut().zip(docs).for_each(|(out, doc)| *out = one(values[*doc as usize])),
                    },
                    Shape::Optional(present) => {
                        for (out, doc) in out.iter_mut().zip(docs) {
                            let value = one(values[*doc as usize]);
                            *out = if present[*doc as usize] { value } else { null };
                        }
                    }
                    Shape::Multivalued(starts) => {
                        for (out, doc) in out.iter_mut().zip(docs) {
                            let (start, end) = (starts[*doc as usize], starts[*doc as usize + 1]);
                            *out = some(&values[start as usize..end as usize]);
                        }
                    }
                }
            }
        }
    }

    /// The first or last of each document's values.
    #[inline(always)]
    pub(super) fn pick<T: Copy>(&self, docs: &[u32], part: Part, null: T, out: &mut [T], decode: impl Fn(u64) -> T) {
        if part == Part::Max {
            self.each(docs, null, out, &decode, |values| decode(values[values.len() - 1]));
        } else {
            self.each(docs, null, out, &decode, |values| decode(values[0]));
        }
    }

    /// Any part of each document's values as a double.
    #[inline(always)]
    pub(super) fn doubles(&self, docs: &[u32], part: Part, null: f64, out: &mut [f64], decode: impl Fn(u64) -> f64) {
        let sum = |values: &[u64]| values.iter().fold(0.0, |sum, raw| sum + decode(*raw));
        match part {
            Part::First | Part::Max => self.pick(docs, part, null, out, decode),
            Part::Count => self.each(docs, 0.0, out, |_| 1.0, |values| values.len() as f64),
            // The sum of one value is no shortcut: 0.0 + -0.0 is 0.0.
            Part::Sum => self.each(docs, null, out, |raw| 0.0 + decode(raw), sum),
            Part::Avg => {
                self.each(docs, null, out, |raw| 0.0 + decode(raw), |values| sum(values) / values.len() as f64);
            }
            Part::Median => self.each(docs, null, out, &decode, |values| {
                let middle = values.len() / 2;
                if values.len() % 2 == 1 {
                    decode(values[middle])
                } else {
                    (decode(values[middle - 1]) + decode(values[middle])) / 2.0
                }
            }),
            Part::Lat => self.pick(docs, Part::First, null, out, latitude),
            Part::Lon => self.pick(docs, Part::First, null, out, longitude),
            Part::Distance(distance) => {
                let of = |raw: &u64| distance.of(decode(*raw));
                self.each(docs, null, out, |raw| of(&raw), |values| distance.mode.combine(values.iter().map(of)));
            }
            Part::GeoDistance(distance) => {
                let of = |raw: &u64| distance.of(latitude(*raw), longitude(*raw));
                self.each(docs, null, out, |raw| of(&raw), |values| distance.mode.combine(values.iter().map(of)));
            }
        }
    }
}

#[inline(always)]
fn each_value<T>(values: &[u64], out: &mut [T], one: impl Fn(u64) -> T) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = one(*value));
}

/// Reads rows of a column; consecutive ones are unpacked as a block.
fn read_rows(column: &StoredColumn<u64>, rows: &[u32], out: &mut Vec<u64>) {
    // The length changes rarely: what is there need not be cleared.
    out.resize(rows.len(), 0);
    match run(rows) {
        Some(run) => column.values.get_range(run.start as u64, out),
        None => column.values.get_vals(rows, out),
    }
}
