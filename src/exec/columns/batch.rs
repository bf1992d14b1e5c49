//! The raw values of a column for one batch of documents, and the loops over them.

use tantivy::columnar::ColumnIndex;
use tantivy::fastfield::Column as StoredColumn;

use super::decode::{latitude, longitude};
use super::part::Part;

/// The raw values of a batch, fetched once whatever is asked of them. Buffers are kept between batches.
#[derive(Debug, Default)]
pub(super) struct Batch {
    fetched: bool,
    /// Whether every document has exactly one value; then `starts` is not used.
    full: bool,
    /// The values, document after document.
    raw: Vec<u64>,
    /// Where the values of each document start, and one end.
    starts: Vec<u32>,
    /// For each value its document and its row in the column.
    docs: Vec<u32>,
    rows: Vec<u32>,
}

impl Batch {
    /// The next documents are others.
    pub(super) fn forget(&mut self) {
        self.fetched = false;
    }

    /// Fetches the raw values of some documents, which ascend, unless it has them.
    pub(super) fn fetch(&mut self, column: &StoredColumn<u64>, docs: &[u32]) {
        if self.fetched {
            return;
        }
        self.fetched = true;
        self.full = matches!(column.index, ColumnIndex::Full);
        if self.full {
            read_rows(column, docs, &mut self.raw);
            return;
        }
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

    /// Makes a result of each document's values: by `one` where it has one, by `many` where it has some.
    #[inline(always)]
    pub(super) fn each<T: Copy>(&self, null: T, out: &mut [T], one: impl Fn(u64) -> T, many: impl Fn(&[u64]) -> T) {
        if self.full {
            for (out, raw) in out.iter_mut().zip(&self.raw) {
                *out = one(*raw);
            }
            return;
        }
        for (out, bounds) in out.iter_mut().zip(self.starts.windows(2)) {
            *out = match &self.raw[bounds[0] as usize..bounds[1] as usize] {
                [] => null,
                [value] => one(*value),
                values => many(values),
            };
        }
    }

    /// The first or last of each document's values.
    #[inline(always)]
    pub(super) fn pick<T: Copy>(&self, part: Part, null: T, out: &mut [T], decode: impl Fn(u64) -> T) {
        if part == Part::Max {
            self.each(null, out, &decode, |values| decode(values[values.len() - 1]));
        } else {
            self.each(null, out, &decode, |values| decode(values[0]));
        }
    }

    /// Any part of each document's values as a double.
    #[inline(always)]
    pub(super) fn doubles(&self, part: Part, null: f64, out: &mut [f64], decode: impl Fn(u64) -> f64) {
        let sum = |values: &[u64]| values.iter().fold(0.0, |sum, raw| sum + decode(*raw));
        match part {
            Part::First | Part::Max => self.pick(part, null, out, decode),
            Part::Count => self.each(0.0, out, |_| 1.0, |values| values.len() as f64),
            // The sum of one value is no shortcut: 0.0 + -0.0 is 0.0.
            Part::Sum => self.each(null, out, |raw| 0.0 + decode(raw), sum),
            Part::Avg => self.each(null, out, |raw| 0.0 + decode(raw), |values| sum(values) / values.len() as f64),
            Part::Median => self.each(null, out, &decode, |values| {
                let middle = values.len() / 2;
                if values.len() % 2 == 1 {
                    decode(values[middle])
                } else {
                    (decode(values[middle - 1]) + decode(values[middle])) / 2.0
                }
            }),
            Part::Lat => self.pick(Part::First, null, out, latitude),
            Part::Lon => self.pick(Part::First, null, out, longitude),
            Part::Distance(distance) => {
                let of = |raw: &u64| distance.of(decode(*raw));
                self.each(null, out, |raw| of(&raw), |values| distance.mode.combine(values.iter().map(of)));
            }
            Part::GeoDistance(distance) => {
                let of = |raw: &u64| distance.of(latitude(*raw), longitude(*raw));
                self.each(null, out, |raw| of(&raw), |values| distance.mode.combine(values.iter().map(of)));
            }
        }
    }
}

/// Reads rows of a column; consecutive ones are unpacked as a block.
fn read_rows(column: &StoredColumn<u64>, rows: &[u32], out: &mut Vec<u64>) {
    // The length changes rarely: what is there need not be cleared.
    out.resize(rows.len(), 0);
    match rows {
        [] => {}
        [first, .., last] if (last - first) as usize == rows.len() - 1 => {
            column.values.get_range(u64::from(*first), out);
        }
        rows => column.values.get_vals(rows, out),
    }
}
