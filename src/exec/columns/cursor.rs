//! Reads one column for one batch of documents after the other.

use std::fmt::Write;
use std::sync::Arc;

use super::batch::Batch;
use super::classes::CLASSES;
use super::column::{Column, Encoding, Values, id};
use super::decode;
use super::part::Part;
use super::strings::{NO_TERM, TermScratch, append};
use super::unpacked::Doubles;
use crate::error::{Code, Error, Result};

/// A column and what was read of it for the current batch of documents.
///
/// The raw values of a batch are fetched once, whatever parts of them are asked for. Buffers are kept between batches.
#[derive(Debug)]
pub struct Cursor {
    pub(super) column: Arc<Column>,
    pub(super) batch: Batch,
    ordinals: Vec<u64>,
    terms: TermScratch,
}

impl Cursor {
    /// A cursor before its first batch.
    pub fn new(column: Arc<Column>) -> Self {
        Self { column, batch: Batch::default(), ordinals: Vec::new(), terms: TermScratch::default() }
    }

    /// Forgets the batch: the documents of the next call are others.
    pub fn next_batch(&mut self) {
        self.batch.forget();
    }

    /// Whether each of the documents, which ascend, has a value.
    pub fn present(&mut self, docs: &[u32], out: &mut [bool]) {
        match &self.column.values {
            Values::Missing => out.fill(false),
            Values::Numbers { column, unpacking, .. } | Values::Strings { ordinals: column, unpacking, .. } => {
                self.batch.fetch(column, unpacking, docs);
                self.batch.each(docs, false, out, |_| true, |_| true);
            }
            Values::Table { keys, entries } => entries.present(keys, &mut self.batch, docs, out),
            Values::Ips(column) => {
                for (out, doc) in out.iter_mut().zip(docs) {
                    *out = column.index.has_value(*doc);
                }
            }
            Values::Ids(ids) => {
                for (out, doc) in out.iter_mut().zip(docs) {
                    *out = id(ids, *doc).is_some();
                }
            }
        }
    }

    /// How many values each document has.
    fn count(&mut self, docs: &[u32], out: &mut [i64]) {
        match &self.column.values {
            Values::Missing | Values::Table { .. } => out.fill(0),
            Values::Numbers { column, unpacking, .. } | Values::Strings { ordinals: column, unpacking, .. } => {
                self.batch.fetch(column, unpacking, docs);
                self.batch.each(docs, 0, out, |_| 1, |values| values.len() as i64);
            }
            Values::Ips(column) => {
                for (out, doc) in out.iter_mut().zip(docs) {
                    *out = column.index.value_row_ids(*doc).len() as i64;
                }
            }
            Values::Ids(ids) => {
                for (out, doc) in out.iter_mut().zip(docs) {
                    *out = i64::from(id(ids, *doc).is_some());
                }
            }
        }
    }

    /// The value of each document as a double, without a copy: where the documents are consecutive, each has one value and
    /// the column is in memory.
    pub fn doubles_in_place(&self, docs: &[u32], part: Part) -> Option<Doubles> {
        let Values::Numbers { encoding, unpacking, .. } = &self.column.values else { return None };
        match (part, *encoding) {
            (Part::First | Part::Max, Encoding::Double) => unpacking.doubles(docs, decode::double),
            (Part::First | Part::Max, Encoding::Long) => unpacking.doubles(docs, |raw| decode::long(raw) as f64),
            _ => None,
        }
    }

    /// For each document the number of its class in a table; NaN where classes are not known.
    pub(in crate::exec) fn bounds(&self, docs: &[u32], table: &[f64; CLASSES], out: &mut [f64]) {
        let classes = match &self.column.values {
            Values::Numbers { unpacking, .. } => unpacking.known_classes(),
            Values::Missing | Values::Ips(_) | Values::Ids(_) | Values::Strings { .. } | Values::Table { .. } => None,
        };
        match classes {
            Some(classes) => classes.look_up(docs, table, out),
            None => out.fill(f64::NAN),
        }
    }

    /// A part of each document's values as a double; `null` where there is none.
    pub fn doubles(&mut self, docs: &[u32], part: Part, null: f64, out: &mut [f64]) {
        if let Values::Table { keys, entries } = &self.column.values {
            return entries.doubles(keys, &mut self.batch, docs, null, out);
        }
        let Values::Numbers { column, encoding, unpacking } = &self.column.values else {
            return out.fill(null);
        };
        self.batch.fetch(column, unpacking, docs);
        match *encoding {
            Encoding::Double => self.batch.doubles(docs, part, null, out, decode::double),
            Encoding::Long => self.batch.doubles(docs, part, null, out, |raw| decode::long(raw) as f64),
            Encoding::Unsigned | Encoding::Boolean => self.batch.doubles(docs, part, null, out, |raw| raw as f64),
            Encoding::Scaled(inverse) => {
                self.batch.doubles(docs, part, null, out, |raw| decode::long(raw) as f64 * inverse);
            }
        }
    }

    /// What `decode` makes of the first or last of each document's raw values, which are ordinals if they are strings; `null` where
    /// there is none.
    #[inline(always)]
    pub(in crate::exec) fn raw(
        &mut self,
        docs: &[u32],
        part: Part,
        null: u64,
        out: &mut [u64],
        decode: impl Fn(u64) -> u64,
    ) {
        match &self.column.values {
            Values::Numbers { column, unpacking, .. } | Values::Strings { ordinals: column, unpacking, .. } => {
                self.batch.fetch(column, unpacking, docs);
                self.batch.pick(docs, part, null, out, decode);
            }
            Values::Missing | Values::Ips(_) | Values::Ids(_) | Values::Table { .. } => out.fill(null),
        }
    }

    /// The first or last of each document's values as a long, or their number; `null` where there is none.
    pub fn longs(&mut self, docs: &[u32], part: Part, null: i64, out: &mut [i64]) {
        if part == Part::Count {
            return self.count(docs, out);
        }
        if let Values::Table { keys, entries } = &self.column.values {
            return entries.longs(keys, &mut self.batch, docs, null, out);
        }
        let Values::Numbers { column, encoding, unpacking } = &self.column.values else {
            return out.fill(null);
        };
        self.batch.fetch(column, unpacking, docs);
        match *encoding {
            Encoding::Long => self.batch.pick(docs, part, null, out, decode::long),
            Encoding::Unsigned | Encoding::Boolean => self.batch.pick(docs, part, null, out, |raw| raw as i64),
            Encoding::Double => self.batch.pick(docs, part, null, out, |raw| decode::double(raw) as i64),
            Encoding::Scaled(inverse) => {
                self.batch.pick(docs, part, null, out, |raw| (decode::long(raw) as f64 * inverse) as i64);
            }
        }
    }

    /// The first or last of each document's values as a boolean; `null` where there is none.
    pub fn booleans(&mut self, docs: &[u32], part: Part, null: bool, out: &mut [bool]) {
        if let Values::Table { keys, entries } = &self.column.values {
            return entries.booleans(keys, &mut self.batch, docs, null, out);
        }
        let Values::Numbers { column, encoding, unpacking } = &self.column.values else {
            return out.fill(null);
        };
        self.batch.fetch(column, unpacking, docs);
        match encoding {
            Encoding::Boolean | Encoding::Unsigned => self.batch.pick(docs, part, null, out, |raw| raw != 0),
            Encoding::Long | Encoding::Scaled(_) => {
                self.batch.pick(docs, part, null, out, |raw| decode::long(raw) != 0);
            }
            Encoding::Double => self.batch.pick(docs, part, null, out, |raw| decode::double(raw) != 0.0),
        }
    }

    /// The first of each document's values as a string, appended to `text`; `null` where there is none.
    ///
    /// # Errors
    /// The dictionary cannot be read.
    pub fn strings(&mut self, docs: &[u32], null: &str, text: &mut String, spans: &mut Vec<(u32, u32)>) -> Result<()> {
        text.clear();
        spans.clear();
        let null = append(text, null);
        spans.resize(docs.len(), null);
        match &self.column.values {
            Values::Missing | Values::Numbers { .. } => {}
            Values::Ips(column) => {
                for (span, doc) in spans.iter_mut().zip(docs) {
                    if let Some(ip) = column.first(*doc) {
                        let start = text.len() as u32;
                        // Writing into a string does not fail.
                        let _ = match ip.to_ipv4_mapped() {
                            Some(v4) => write!(text, "{v4}"),
                            None => write!(text, "{ip}"),
                        };
                        *span = (start, text.len() as u32);
                    }
                }
            }
            Values::Table { keys, entries } => {
                entries.strings(keys, &mut self.batch, docs, (&mut self.ordinals, text), spans);
            }
            Values::Ids(ids) => {
                for (span, doc) in spans.iter_mut().zip(docs) {
                    if let Some(id) = id(ids, *doc) {
                        *span = append(text, id);
                    }
                }
            }
            Values::Strings { ordinals, dictionary, unpacking } => {
                self.batch.fetch(ordinals, unpacking, docs);
                self.ordinals.resize(docs.len(), NO_TERM);
                self.batch.pick(docs, Part::First, NO_TERM, &mut self.ordinals, |ordinal| ordinal);
                dictionary
                    .append(&self.ordinals, &mut self.terms, text, spans)
                    .map_err(|e| Error::new(Code::Storage, format!("the terms of a column cannot be read: {e}")))?;
            }
        }
        Ok(())
    }
}
