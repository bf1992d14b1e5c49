//! The columns of a segment, decoded in bulk.
//!
//! A [`Columns`] belongs to a segment and opens each column once. A [`Cursor`] reads one column for one batch of
//! documents after the other: it fetches the raw values of the batch once and then gives any part of them, typed. What
//! has no column (an unmapped field, or one that no document of the segment has) reads as missing everywhere.

mod batch;
mod bounds;
mod classes;
mod column;
mod cursor;
mod decode;
mod dictionary;
mod distinct;
mod membership;
mod part;
mod strings;
mod table;
#[cfg(test)]
mod tests;
mod unpacked;
mod values;
mod wide;
mod within;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use tantivy::SegmentReader;
use tantivy::fastfield::FastFieldReaders;

pub(crate) use bounds::{beyond, contains, present};
pub(crate) use classes::{CLASSES, Class, Classes, Values as ClassValues};
pub use column::{Column, Encoding};
pub use cursor::Cursor;
pub(in crate::exec) use decode::{latitude, longitude};
pub use membership::Wanted;
pub use part::{Distance, GeoDistance, Mode, Part};
pub(crate) use table::{Entries, EntryValues};
use unpacked::Budget;
pub use unpacked::Doubles;
pub(in crate::exec) use within::lie_within;
pub use within::{RawRange, Within};

use crate::error::{Code, Error, Result};
use crate::exec::index::blobs::Blobs;
use crate::exec::index::layout::column_name;
use crate::plan::field::{DocType, FieldType};
use crate::plan::mapping::Mapping;
use crate::plan::script::ValueType;

/// The path of the column of `_id`s, which are in no column of the index.
const ID: &str = "_id";

/// The type of a field's values as programs read them; `None`: it has no column, so that all values are missing.
pub fn value_type(mapping: &Mapping, path: &str) -> Option<ValueType> {
    if path == ID {
        return Some(ValueType::Str);
    }
    mapping.field(path)?.doc_type().map(|ty| match ty {
        DocType::Long | DocType::Date | DocType::GeoPoint => ValueType::I64,
        DocType::Double => ValueType::F64,
        DocType::Boolean => ValueType::Bool,
        DocType::String | DocType::Ip => ValueType::Str,
    })
}

/// The columns of a segment.
pub struct Columns {
    source: Option<FastFieldReaders>,
    fields: HashMap<String, ColumnField>,
    opened: Mutex<HashMap<String, Arc<Column>>>,
    budget: Budget,
}

/// Where a field's column is in the index, and how it holds the values.
struct ColumnField {
    name: String,
    scale: Option<f64>,
}

impl Columns {
    /// The columns of a segment, by the paths of the mapping. A column is read when it is first asked for.
    pub(crate) fn open(segment: &SegmentReader, ids: Blobs, mapping: &Mapping) -> Self {
        let fields = mapping.fields().iter().enumerate().map(|(ordinal, field)| {
            let scale = match &field.ty {
                FieldType::ScaledFloat(ty) => Some(ty.scaling_factor),
                _ => None,
            };
            (field.path.clone(), ColumnField { name: column_name(ordinal, &field.ty), scale })
        });
        let fields = fields.collect();
        Self {
            source: Some(segment.fast_fields().clone()),
            fields,
            opened: Mutex::new(HashMap::from([(ID.to_owned(), Arc::new(Column::ids(ids)))])),
            budget: Budget::default(),
        }
    }

    /// Columns that are in memory already; others are missing.
    pub fn from_columns(columns: impl IntoIterator<Item = (String, Column)>) -> Self {
        let opened = columns.into_iter().map(|(path, column)| (path, Arc::new(column))).collect();
        Self { source: None, fields: HashMap::new(), opened: Mutex::new(opened), budget: Budget::default() }
    }

    /// The column of a path.
    ///
    /// # Errors
    /// The index cannot be read.
    pub fn column(&self, path: &str) -> Result<Arc<Column>> {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(column) = opened.get(path) {
            return Ok(Arc::clone(column));
        }
        let column = match (&self.source, self.fields.get(path)) {
            (Some(source), Some(field)) => Column::read(source, &field.name, field.scale, self.budget.clone())
                .map_err(|e| Error::new(Code::Storage, format!("the column of field [{path}] cannot be read: {e}")))?,
            _ => Column::missing(),
        };
        let column = Arc::new(column);
        opened.insert(path.to_owned(), Arc::clone(&column));
        Ok(column)
    }
}

impl fmt::Debug for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Columns").field("opened", &self.opened).finish_non_exhaustive()
    }
}
