//! What a column of strings knows of its terms.

use tantivy::columnar::{ColumnIndex, ColumnValues};

use super::column::{Column, Values};

/// The numbers up to a count, each standing for itself.
pub(super) struct Ordinals(pub(super) u32);

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
    /// The term of an ordinal.
    pub(crate) fn term(&self, ordinal: u64) -> Option<Vec<u8>> {
        match &self.values {
            Values::Strings { dictionary, .. } => dictionary.bytes(ordinal),
            Values::Missing | Values::Numbers { .. } | Values::Ips(_) | Values::Ids(_) | Values::Table { .. } => None,
        }
    }

    /// Whether some document has several values.
    pub(crate) fn is_multivalued(&self) -> bool {
        match &self.values {
            Values::Numbers { column, .. } | Values::Strings { ordinals: column, .. } => {
                matches!(column.index, ColumnIndex::Multivalued(_))
            }
            Values::Ips(column) => matches!(column.index, ColumnIndex::Multivalued(_)),
            Values::Missing | Values::Ids(_) | Values::Table { .. } => false,
        }
    }
}
