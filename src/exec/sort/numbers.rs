//! The number of a document that has several: by mode, as Lucene picks it.

use tantivy::DocId;
use tantivy::columnar::{Column, MonotonicallyMappableToU64};

use super::key::double_bits;
use crate::exec::segment::ValueColumn;
use crate::plan::node::{SortMode, SortType};

/// A column of numbers, as what it is sorted.
pub(super) enum Numbers {
    Longs(Column<i64>),
    Unsigned(Column<u64>),
    Doubles(Column<f64>),
    /// A scaled float, and the factor.
    Scaled(Column<i64>, f64),
    Booleans(Column<bool>),
}

/// How numbers are compared: as longs, unsigned longs or doubles.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Comparison {
    Long,
    Unsigned,
    Double,
    /// A double of the precision of a float.
    Float,
}

impl Comparison {
    /// How values of a type are compared.
    pub(super) fn of(ty: SortType) -> Self {
        match ty {
            SortType::UnsignedLong => Self::Unsigned,
            SortType::Float => Self::Float,
            SortType::Double => Self::Double,
            SortType::Int | SortType::Long | SortType::Date | SortType::Keyword | SortType::Ip => Self::Long,
        }
    }
}

impl Numbers {
    /// The numbers of a column; none where it holds something else.
    pub(super) fn of(column: ValueColumn, scale: Option<f64>) -> Option<Self> {
        Some(match (column, scale) {
            (ValueColumn::I64(column), Some(scale)) => Self::Scaled(column, scale),
            (ValueColumn::I64(column), None) => Self::Longs(column),
            (ValueColumn::U64(column), _) => Self::Unsigned(column),
            (ValueColumn::F64(column), _) => Self::Doubles(column),
            (ValueColumn::Bool(column), _) => Self::Booleans(column),
            (ValueColumn::Ip(_) | ValueColumn::Str(_), _) => return None,
        })
    }

    /// The bits of the number that stands for documents; none where they have no value.
    pub(super) fn pick(
        &self,
        docs: impl Iterator<Item = DocId>,
        mode: SortMode,
        comparison: Comparison,
        scratch: &mut Scratch,
    ) -> Option<u64> {
        match self {
            Self::Longs(column) => scratch.longs(values(column, docs), mode, comparison),
            Self::Booleans(column) => scratch.longs(values(column, docs).map(i64::from), mode, comparison),
            Self::Unsigned(column) if comparison == Comparison::Unsigned => {
                // As their signed kin: moved down by 2^63, an unsigned long orders as a long.
                scratch.longs(values(column, docs).map(i64::from_u64), mode, Comparison::Long)
            }
            Self::Unsigned(column) => scratch.doubles(values(column, docs).map(|v| v as f64), mode, comparison),
            Self::Doubles(column) => scratch.doubles(values(column, docs), mode, comparison),
            Self::Scaled(column, scale) => {
                scratch.doubles(values(column, docs).map(|v| v as f64 * (1.0 / scale)), mode, comparison)
            }
        }
    }
}

fn values<'c, T: PartialOrd + Copy + std::fmt::Debug + Send + Sync + 'static>(
    column: &'c Column<T>,
    docs: impl Iterator<Item = DocId> + 'c,
) -> impl Iterator<Item = T> + 'c {
    docs.flat_map(|doc| column.values_for_doc(doc))
}

/// Room for the values of a document.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    longs: Vec<i64>,
    doubles: Vec<f64>,
}

impl Scratch {
    fn longs(&mut self, values: impl Iterator<Item = i64>, mode: SortMode, comparison: Comparison) -> Option<u64> {
        let picked = match mode {
            SortMode::Min => values.min()?,
            SortMode::Max => values.max()?,
            SortMode::Sum | SortMode::Avg | SortMode::Median => {
                let all = &mut self.longs;
                all.clear();
                all.extend(values);
                if all.is_empty() {
                    return None;
                }
                let sum = all.iter().fold(0i64, |sum, v| sum.wrapping_add(*v));
                match mode {
                    SortMode::Avg if all.len() > 1 => java_round(sum as f64 / all.len() as f64),
                    SortMode::Median => {
                        all.sort_unstable();
                        let middle = all.len() / 2;
                        if all.len().is_multiple_of(2) {
                            java_round((all[middle - 1] as f64 + all[middle] as f64) / 2.0)
                        } else {
                            all[middle]
                        }
                    }
                    _ => sum,
                }
            }
        };
        Some(match comparison {
            Comparison::Long => picked.to_u64(),
            Comparison::Unsigned => u64::try_from(picked).unwrap_or(0),
            Comparison::Double | Comparison::Float => double_bits(picked as f64),
        })
    }

    fn doubles(&mut self, values: impl Iterator<Item = f64>, mode: SortMode, comparison: Comparison) -> Option<u64> {
        let picked = match mode {
            SortMode::Min => values.reduce(f64::min)?,
            SortMode::Max => values.reduce(f64::max)?,
            SortMode::Sum | SortMode::Avg | SortMode::Median => {
                let all = &mut self.doubles;
                all.clear();
                all.extend(values);
                let sum: f64 = all.iter().sum();
                match mode {
                    _ if all.is_empty() => return None,
                    SortMode::Avg => sum / all.len() as f64,
                    SortMode::Median => {
                        all.sort_unstable_by(f64::total_cmp);
                        let middle = all.len() / 2;
                        if all.len().is_multiple_of(2) { (all[middle - 1] + all[middle]) / 2.0 } else { all[middle] }
                    }
                    _ => sum,
                }
            }
        };
        Some(match comparison {
            Comparison::Long => (picked as i64).to_u64(),
            Comparison::Unsigned => picked as u64,
            Comparison::Double => double_bits(picked),
            Comparison::Float => double_bits(f64::from(picked as f32)),
        })
    }
}

/// `Math.round`: halves go up.
fn java_round(value: f64) -> i64 {
    (value + 0.5).floor() as i64
}
