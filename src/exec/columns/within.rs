//! Which documents' first values lie in ranges, 64 documents at a time.

use std::ops::Range;

use tantivy::columnar::ColumnIndex;
use tantivy::fastfield::Column as StoredColumn;

use super::column::{Column, Values};
use super::cursor::Cursor;
use super::decode::{raw_double, raw_long};
use super::unpacked::Shape;
use super::wide::{WORD, places_within, within};
use crate::exec::ones::gather;
use crate::plan::query::ValueRange;
use crate::plan::value::Value;

/// A range of raw values of a column, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawRange {
    /// The lowest value.
    pub first: u64,
    /// The highest value.
    pub last: u64,
}

impl RawRange {
    /// The raw form of a range of stored values; none where nothing lies between its bounds, or a bound is no number.
    pub fn of(range: &ValueRange) -> Option<Self> {
        use std::ops::Bound;
        let first = match &range.lower {
            Bound::Unbounded => 0,
            Bound::Included(value) => raw(value)?,
            Bound::Excluded(value) => raw(value)?.checked_add(1)?,
        };
        let last = match &range.upper {
            Bound::Unbounded => u64::MAX,
            Bound::Included(value) => raw(value)?,
            Bound::Excluded(value) => raw(value)?.checked_sub(1)?,
        };
        (first <= last).then_some(Self { first, last })
    }

    /// What of it lies in another one.
    pub fn meet(self, other: Self) -> Option<Self> {
        let both = Self { first: self.first.max(other.first), last: self.last.min(other.last) };
        (both.first <= both.last).then_some(both)
    }

    /// Whether a value lies in it.
    pub fn contains(self, raw: u64) -> bool {
        (self.first..=self.last).contains(&raw)
    }
}

/// How a column holds a constant.
fn raw(value: &Value) -> Option<u64> {
    match value {
        Value::I64(v) => Some(raw_long(*v)),
        Value::U64(v) => Some(*v),
        Value::F64(v) => Some(raw_double(*v)),
        Value::Bool(v) => Some(u64::from(*v)),
        Value::Null | Value::Str(_) | Value::Ip(_) | Value::List(_) | Value::Object(_) => None,
    }
}

impl Column {
    /// The range that all values of the column lie in; none where no document has one.
    pub fn raw_range(&self) -> Option<RawRange> {
        match &self.values {
            Values::Numbers { column, .. } if column.values.num_vals() > 0 => {
                Some(RawRange { first: column.min_value(), last: column.max_value() })
            }
            Values::Numbers { .. }
            | Values::Missing
            | Values::Ips(_)
            | Values::Ids(_)
            | Values::Strings { .. }
            | Values::Table { .. } => None,
        }
    }

    /// Whether a word of documents can be asked for at once.
    pub(in crate::exec) fn has_words(&self) -> bool {
        matches!(self.values, Values::Numbers { .. } | Values::Strings { .. })
    }

    /// Whether every document has a value.
    pub fn is_full(&self) -> bool {
        match &self.values {
            Values::Numbers { column, .. } | Values::Strings { ordinals: column, .. } => {
                matches!(column.index, ColumnIndex::Full)
            }
            Values::Missing | Values::Ips(_) | Values::Ids(_) | Values::Table { .. } => false,
        }
    }
}

impl Cursor {
    /// Of at most 64 consecutive documents, which have a first value in one of the ranges, and which have a value at all.
    pub fn word_within(&mut self, docs: Range<u32>, ranges: &[RawRange]) -> Within {
        self.word(docs, |values| any_within(values, ranges))
    }

    /// Of at most 64 consecutive documents, whose first value's ordinal passes a test, and which have a value at all.
    pub(crate) fn word_of_terms(&mut self, docs: Range<u32>, test: impl Fn(u64) -> bool) -> Within {
        self.word(docs, |ordinals| {
            ordinals.iter().enumerate().fold(0, |word, (at, ordinal)| word | u64::from(test(*ordinal)) << at)
        })
    }

    /// Of at most 64 consecutive documents, whose first raw values pass a test, and which have a value at all.
    fn word(&mut self, docs: Range<u32>, test: impl Fn(&[u64]) -> u64) -> Within {
        let (Values::Numbers { column, unpacking, .. } | Values::Strings { ordinals: column, unpacking, .. }) =
            &self.column.values
        else {
            return Within::default();
        };
        let count = docs.len().min(WORD);
        let all = u64::MAX >> (WORD - count.max(1));
        let mut buffer = [0; WORD];
        let Some(unpacked) = unpacking.get(column, count) else {
            let present = read(column, docs, &mut buffer);
            return Within { holds: test(&buffer) & present, present };
        };
        let span = docs.start as usize..docs.start as usize + count;
        match &unpacked.shape {
            Shape::Full => Within { holds: test(&unpacked.values[span]) & all, present: all },
            Shape::Optional(present) => {
                let present = bits(&present[span.clone()]);
                Within { holds: test(&unpacked.values[span]) & present, present }
            }
            Shape::Multivalued(starts) => {
                let mut present = 0;
                for (at, bounds) in starts[span.start..=span.end].windows(2).enumerate() {
                    if bounds[0] < bounds[1] {
                        buffer[at] = unpacked.values[bounds[0] as usize];
                        present |= 1 << at;
                    }
                }
                Within { holds: test(&buffer) & present, present }
            }
        }
    }
}

/// Documents by their places in a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Within {
    /// Those whose first value lies in a range.
    pub holds: u64,
    /// Those that have a value.
    pub present: u64,
}

/// Reads the first values of some documents, and says which have one.
fn read(column: &StoredColumn<u64>, docs: Range<u32>, out: &mut [u64; WORD]) -> u64 {
    let count = docs.len().min(WORD);
    if matches!(column.index, ColumnIndex::Full) {
        column.values.get_range(u64::from(docs.start), &mut out[..count]);
        return u64::MAX >> (WORD - count.max(1));
    }
    let mut present = 0;
    for (at, doc) in docs.take(count).enumerate() {
        if let Some(value) = column.first(doc) {
            out[at] = value;
            present |= 1 << at;
        }
    }
    present
}

/// Whether each of some raw values lies in a range.
pub(in crate::exec) fn lie_within(values: &[u64], range: RawRange, out: &mut [bool]) {
    within(values, range.first, range.last - range.first, out);
}

/// The places of values that lie in one of the ranges; of fewer than a word has, those of the others mean nothing.
fn any_within(values: &[u64], ranges: &[RawRange]) -> u64 {
    let mut padded = [0; WORD];
    let values = match values.first_chunk() {
        Some(values) => values,
        None => {
            padded[..values.len()].copy_from_slice(values);
            &padded
        }
    };
    let mut found = 0;
    ranges.iter().for_each(|range| places_within(values, range.first, range.last - range.first, &mut found));
    found
}

/// Booleans as bits, the first one lowest.
fn bits(values: &[bool]) -> u64 {
    let mut word = 0;
    for (at, bytes) in values.chunks(8).enumerate() {
        let mut ones = [0; 8];
        ones.iter_mut().zip(bytes).for_each(|(one, bit)| *one = u8::from(*bit));
        word |= u64::from(gather(ones)) << (8 * at);
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_values_in_ranges() {
        let values: Vec<u64> = (0..64).map(|i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 60).collect();
        let ranges = [RawRange { first: 3, last: 5 }, RawRange { first: 9, last: 9 }];
        for len in [0, 1, 63, 64] {
            let all = u64::MAX.checked_shr(64 - len as u32).unwrap_or(0);
            let holds = |i: &usize| ranges.iter().any(|range| range.contains(values[*i]));
            let wanted = (0..len).filter(holds).fold(0, |word, i| word | 1u64 << i);
            assert_eq!(any_within(&values[..len], &ranges) & all, wanted, "{len}");
        }
    }

    #[test]
    fn booleans_become_bits() {
        let values: Vec<bool> = (0..64).map(|i| i % 3 == 0 || i == 62).collect();
        for len in [0, 1, 7, 8, 9, 63, 64] {
            let wanted = (0..len).filter(|i| values[*i]).fold(0, |word, i| word | 1u64 << i);
            assert_eq!(bits(&values[..len]), wanted, "{len}");
        }
    }
}
