//! Which rows of a batch a UDF is called for.

use crate::exec::udf::Calls;

/// The rows of a batch that are called.
#[derive(Clone, Copy, Debug)]
pub(super) enum Rows<'a> {
    /// So many, from the first.
    All(usize),
    /// These.
    Picked(&'a [u32]),
}

impl<'a> Rows<'a> {
    /// The active rows; `picked` is room for them, kept from batch to batch.
    pub(super) fn of(calls: Calls<'_>, picked: &'a mut Vec<u32>) -> Self {
        match calls.active {
            Some(active) if active.contains(&false) => {
                picked.clear();
                picked.extend((0..).zip(active).filter(|(_, active)| **active).map(|(row, _)| row));
                Self::Picked(picked)
            }
            _ => Self::All(calls.rows),
        }
    }

    /// How many.
    pub(super) fn len(self) -> usize {
        match self {
            Self::All(rows) => rows,
            Self::Picked(rows) => rows.len(),
        }
    }

    /// The row of the batch that is called at this place.
    pub(super) fn row(self, index: usize) -> usize {
        match self {
            Self::All(_) => index,
            Self::Picked(rows) => rows[index] as usize,
        }
    }
}
