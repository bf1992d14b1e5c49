//! Keys of documents that are one of their own values, the least or the greatest: read for a batch as the column holds them.

use std::sync::Arc;

use tantivy::DocId;

use super::key::{Kind, double_bits};
use crate::exec::columns::{Column, Cursor, Encoding, Part};
use crate::plan::node::SortMode;

/// Reads the least or the greatest value of each document.
pub(super) struct OwnValues {
    cursor: Cursor,
    part: Part,
    /// What the raw values are; none: they are compared as they are.
    doubles: Option<Encoding>,
}

impl OwnValues {
    /// Prepares a column; none where the mode computes something of the values, or they are sorted as another type.
    pub(super) fn new(column: Arc<Column>, kind: Kind, mode: SortMode) -> Option<Self> {
        let part = match mode {
            SortMode::Min => Part::First,
            SortMode::Max => Part::Max,
            SortMode::Sum | SortMode::Avg | SortMode::Median => return None,
        };
        let doubles = match (kind, column.encoding()) {
            (Kind::Long, Some(Encoding::Long)) | (Kind::Unsigned, Some(Encoding::Unsigned)) => None,
            (Kind::Text, None) if column.is_text() => None,
            (Kind::Double, Some(encoding @ (Encoding::Double | Encoding::Scaled(_)))) => Some(encoding),
            _ => return None,
        };
        Some(Self { cursor: Cursor::new(column), part, doubles })
    }

    /// Makes keys of the values of some documents, which ascend; `missing` is the key of those without one.
    pub(super) fn read(&mut self, docs: &[DocId], missing: u64, keys: &mut Vec<u64>, key: impl Fn(u64) -> u64) {
        keys.resize(docs.len(), 0);
        self.cursor.next_batch();
        match self.doubles {
            None => self.cursor.raw(docs, self.part, missing, keys, key),
            Some(encoding @ Encoding::Scaled(_)) => {
                self.cursor.raw(docs, self.part, missing, keys, |raw| key(double_bits(encoding.double(raw))));
            }
            Some(_) => {
                let double = |raw| Encoding::Double.double(raw);
                self.cursor.raw(docs, self.part, missing, keys, |raw| key(double_bits(double(raw))));
            }
        }
    }
}
