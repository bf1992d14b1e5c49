//! A dictionary as a column of its own: the document of each number has the term of that ordinal.
//!
//! A script that reads one column of strings is evaluated over it once for each term, with the same program.

use std::sync::Arc;

use tantivy::columnar::{ColumnIndex, ColumnValues};
use tantivy::fastfield::Column as StoredColumn;

use super::column::{Column, Values};
use super::unpacked::{Budget, Unpacking};

/// The numbers up to a count, each standing for itself.
struct Ordinals(u32);

impl ColumnValues<u64> for Ordinals {
    fn get_val(&self, row: u32) -> u64 {
        u64::from(row)
    }

    fn min_value(&self) -> u64 {
        0
    }

    fn max_value(&self) -> u64 {
        u64::from(self.0.saturating_sub(1))
    }

    fn num_vals(&self) -> u32 {
        self.0
    }
}

impl Column {
    /// How many terms the column's dictionary has; none of a column that has none.
    pub(crate) fn terms(&self) -> Option<usize> {
        match &self.values {
            Values::Strings { dictionary, .. } => Some(dictionary.len()),
            Values::Missing | Values::Numbers { .. } | Values::Ips(_) | Values::Ids(_) => None,
        }
    }

    /// The terms of the column's dictionary as the values of a column, one each; none of a column that has none.
    pub(crate) fn dictionary(&self) -> Option<Self> {
        let Values::Strings { dictionary, .. } = &self.values else { return None };
        let values = Arc::new(Ordinals(u32::try_from(dictionary.len()).ok()?));
        Some(Self {
            values: Values::Strings {
                ordinals: StoredColumn { index: ColumnIndex::Full, values },
                dictionary: Arc::clone(dictionary),
                unpacking: Unpacking::new(Budget::default()),
            },
        })
    }

    /// The term of an ordinal.
    pub(crate) fn term(&self, ordinal: u64) -> Option<Vec<u8>> {
        match &self.values {
            Values::Strings { dictionary, .. } => dictionary.bytes(ordinal),
            Values::Missing | Values::Numbers { .. } | Values::Ips(_) | Values::Ids(_) => None,
        }
    }

    /// Whether some document has several values.
    pub(crate) fn is_multivalued(&self) -> bool {
        match &self.values {
            Values::Numbers { column, .. } | Values::Strings { ordinals: column, .. } => {
                matches!(column.index, ColumnIndex::Multivalued(_))
            }
            Values::Ips(column) => matches!(column.index, ColumnIndex::Multivalued(_)),
            Values::Missing | Values::Ids(_) => false,
        }
    }
}
