//! The distinct values of a column of numbers, if they are few: what a dictionary is to strings.
//!
//! They are collected once from the unpacked column, so only of one that is read often, and kept with it.

use std::sync::Arc;

use tantivy::columnar::ColumnValues;

use super::unpacked::{Budget, Shape, Unpacked};

/// A column with more values than this has many, and so has one with more than a part of its documents.
const MAX_VALUES: usize = 4096;
const DOCUMENTS_PER_VALUE: usize = 4;

/// The distinct values of a column.
#[derive(Debug)]
pub(super) struct Distinct {
    /// The raw values; they ascend.
    pub(super) values: Arc<[u64]>,
    /// For each value of the column its place among them.
    pub(super) codes: Arc<Unpacked>,
}

impl Distinct {
    /// Those of a column; none where they are many, or where the codes do not fit into the budget.
    pub(super) fn of(column: &Unpacked, budget: &Budget) -> Option<Self> {
        let limit = MAX_VALUES.min(column.values.len() / DOCUMENTS_PER_VALUE);
        let mut table = Table::new(limit);
        let mut codes = vec![0; column.values.len()];
        for (at, (code, raw)) in codes.iter_mut().zip(&column.values).enumerate() {
            // What stands where a document has no value is none.
            if !matches!(&column.shape, Shape::Optional(present) if !present[at]) {
                *code = table.code(*raw)?;
            }
        }
        let mut values: Vec<(u64, u64)> = table.values.iter().copied().zip(0..).collect();
        values.sort_unstable();
        let mut ranks = vec![0; values.len().max(1)];
        for (rank, (_, code)) in values.iter().enumerate() {
            ranks[*code as usize] = rank as u64;
        }
        codes.iter_mut().for_each(|code| *code = ranks[*code as usize]);
        let bytes = 8 * codes.len() + column.shape.bytes();
        budget.take(bytes).then(|| Self {
            values: values.into_iter().map(|(raw, _)| raw).collect(),
            codes: Arc::new(Unpacked::new(codes, column.shape.clone())),
        })
    }
}

/// Values in the order in which they come, found by their hash.
struct Table {
    values: Vec<u64>,
    limit: usize,
    /// The place of a value and 1; 0: free.
    slots: Vec<u32>,
}

impl Table {
    fn new(limit: usize) -> Self {
        Self { values: Vec::new(), limit, slots: vec![0; (2 * limit + 2).next_power_of_two()] }
    }

    /// The place of a value; none where it would be one too many.
    fn code(&mut self, raw: u64) -> Option<u64> {
        let mask = self.slots.len() - 1;
        // Fibonacci hashing: the highest bits of the product depend on all bits of the value.
        let mut slot = (raw.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize & mask;
        loop {
            match self.slots[slot] {
                0 if self.values.len() == self.limit => return None,
                0 => {
                    self.values.push(raw);
                    self.slots[slot] = self.values.len() as u32;
                }
                place if self.values[place as usize - 1] == raw => return Some(u64::from(place) - 1),
                _ => slot = (slot + 1) & mask,
            }
        }
    }
}

/// Distinct values as those of a column, one for each document.
pub(super) struct Entries(pub(super) Arc<[u64]>);

impl ColumnValues<u64> for Entries {
    fn get_val(&self, row: u32) -> u64 {
        self.0[row as usize]
    }

    fn min_value(&self) -> u64 {
        self.0.first().copied().unwrap_or(0)
    }

    fn max_value(&self) -> u64 {
        self.0.last().copied().unwrap_or(0)
    }

    fn num_vals(&self) -> u32 {
        self.0.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_their_places() {
        let shape = Shape::Optional([true, true, false, true].repeat(3).into());
        let column = Unpacked::new([30, 10, 99, 30].repeat(3), shape);
        let distinct = Distinct::of(&column, &Budget::default()).unwrap();
        assert_eq!(*distinct.values, [10, 30]);
        let codes = &distinct.codes.values;
        assert_eq!((codes[0], codes[1], codes[3], codes[9]), (1, 0, 1, 0));
    }

    #[test]
    fn many_values_are_not_collected() {
        let column = |values: Vec<u64>| Unpacked::new(values, Shape::Full);
        let budget = Budget::default();
        assert!(Distinct::of(&column((0..100).collect()), &budget).is_none());
        assert!(Distinct::of(&column((0..100).map(|v| v % 26).collect()), &budget).is_none());
        assert!(Distinct::of(&column((0..100).map(|v| (v % 25) << 40).collect()), &budget).is_some());
        assert!(Distinct::of(&column(vec![1; 100]), &Budget::none()).is_none());
    }
}
