//! Values of columns: in a range, or one of a set. Bounds are inclusive values of the column's own type.

use std::fmt::Debug;
use std::net::Ipv6Addr;
use std::ops::{Bound, RangeInclusive};

use tantivy::DocId;
use tantivy::columnar::{Column, ColumnIndex, MonotonicallyMappableToU64, StrColumn};

use super::{BoxMatcher, Matcher, all};
use crate::error::{Code, Error, Result};
use crate::exec::index::storage_error;
use crate::exec::segment::{SegmentContext, ValueColumn};
use crate::exec::window::{Bits, NO_DOC, WINDOW, window_of};
use crate::plan::value::Value;

/// Documents with a value between bounds.
pub(super) fn between<'a>(
    segment: SegmentContext<'_>,
    path: &str,
    lower: Bound<&Value>,
    upper: Bound<&Value>,
) -> Result<BoxMatcher<'a>> {
    Ok(match segment.column(path)? {
        None => Box::new(all::Nothing),
        Some(ValueColumn::I64(column)) => InRange::matcher(column, numbers(path, lower, upper)?),
        Some(ValueColumn::U64(column)) => InRange::matcher(column, numbers(path, lower, upper)?),
        Some(ValueColumn::F64(column)) => InRange::matcher(column, numbers(path, lower, upper)?),
        Some(ValueColumn::Bool(column)) => InRange::matcher(column, numbers(path, lower, upper)?),
        Some(ValueColumn::Ip(column)) => InRange::matcher(column, addresses(path, lower, upper)?),
        Some(ValueColumn::Str(column)) => {
            InRange::matcher(column.ords().clone(), ordinals(&column, path, lower, upper)?)
        }
    })
}

/// Documents with one of the values.
pub(super) fn equal<'a>(segment: SegmentContext<'_>, path: &str, values: &[Value]) -> Result<BoxMatcher<'a>> {
    if let [value] = values {
        return between(segment, path, Bound::Included(value), Bound::Included(value));
    }
    Ok(match segment.column(path)? {
        None => Box::new(all::Nothing),
        Some(ValueColumn::I64(column)) => OneOf::matcher(column, each(path, values)?),
        Some(ValueColumn::U64(column)) => OneOf::matcher(column, each(path, values)?),
        Some(ValueColumn::F64(column)) => OneOf::matcher(column.to_u64_monotonic(), doubles(path, values)?),
        Some(ValueColumn::Bool(column)) => OneOf::matcher(column, each(path, values)?),
        Some(ValueColumn::Ip(column)) => {
            OneOf::matcher(column, values.iter().map(|v| ip(path, v)).collect::<Result<_>>()?)
        }
        Some(ValueColumn::Str(column)) => {
            let mut ordinals = Vec::new();
            for value in values {
                ordinals.extend(column.dictionary().term_ord(text(path, value)?).map_err(storage_error)?);
            }
            OneOf::matcher(column.ords().clone(), ordinals)
        }
    })
}

/// Documents with a value in a range.
struct InRange<T> {
    column: Column<T>,
    range: RangeInclusive<T>,
    found: Vec<DocId>,
}

/// Up to this many candidates are looked up one by one; decoding a whole window costs about as much.
const FEW: usize = 96;

impl<T: PartialOrd + Copy + Debug + Send + Sync + 'static> InRange<T> {
    fn matcher<'a>(column: Column<T>, range: Option<RangeInclusive<T>>) -> BoxMatcher<'a> {
        match range {
            Some(range) if *range.start() <= column.max_value() && *range.end() >= column.min_value() => {
                Box::new(Self { column, range, found: Vec::with_capacity(WINDOW as usize) })
            }
            _ => Box::new(all::Nothing),
        }
    }
}

impl<T: PartialOrd + Copy + Debug + Send + Sync + 'static> Matcher for InRange<T> {
    fn seek(&mut self, base: DocId) -> DocId {
        window_with_value(&self.column.index, base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        if candidates.len() <= FEW {
            candidates.retain(|at| self.column.values_for_doc(base + at).any(|v| self.range.contains(&v)));
            return Ok(());
        }
        self.found.clear();
        let window = base..(base + WINDOW).min(self.column.num_docs());
        self.column.get_docids_for_value_range(self.range.clone(), window, &mut self.found);
        let mut found = Bits::default();
        for doc in &self.found {
            found.insert(doc - base);
        }
        candidates.and(&found);
        Ok(())
    }

    fn cost(&self) -> u64 {
        u64::from(self.column.num_docs())
    }
}

/// Documents with a value of a sorted list.
struct OneOf<T> {
    column: Column<T>,
    values: Vec<T>,
}

impl<T: Ord + Copy + Debug + Send + Sync + 'static> OneOf<T> {
    fn matcher<'a>(column: Column<T>, mut values: Vec<T>) -> BoxMatcher<'a> {
        values.sort_unstable();
        values.dedup();
        Box::new(Self { column, values })
    }
}

impl<T: Ord + Copy + Debug + Send + Sync + 'static> Matcher for OneOf<T> {
    fn seek(&mut self, base: DocId) -> DocId {
        window_with_value(&self.column.index, base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        candidates
            .retain(|at| self.column.values_for_doc(base + at).any(|value| self.values.binary_search(&value).is_ok()));
        Ok(())
    }

    fn cost(&self) -> u64 {
        u64::from(self.column.num_docs()) * 4
    }
}

/// The first window, from the one at `base` on, that can have a value.
fn window_with_value(index: &ColumnIndex, base: DocId) -> DocId {
    match index {
        ColumnIndex::Empty { .. } => NO_DOC,
        ColumnIndex::Optional(index) if base < index.num_docs() => {
            window_of(index.next_non_null_doc(base).unwrap_or(NO_DOC))
        }
        ColumnIndex::Optional(_) => NO_DOC,
        ColumnIndex::Full | ColumnIndex::Multivalued(_) => base,
    }
}

/// Inclusive bounds of a column that tantivy maps to `u64`; none where nothing lies between.
fn numbers<T: Number>(path: &str, lower: Bound<&Value>, upper: Bound<&Value>) -> Result<Option<RangeInclusive<T>>> {
    let (least, most) = (T::LEAST.to_u64(), T::MOST.to_u64());
    let lower = match lower {
        Bound::Unbounded => Some(least),
        Bound::Included(value) => Some(T::of(path, value)?.to_u64()),
        Bound::Excluded(value) => T::of(path, value)?.to_u64().checked_add(1).filter(|v| *v <= most),
    };
    let upper = match upper {
        Bound::Unbounded => Some(most),
        Bound::Included(value) => Some(T::of(path, value)?.to_u64()),
        Bound::Excluded(value) => T::of(path, value)?.to_u64().checked_sub(1).filter(|v| *v >= least),
    };
    Ok(match (lower, upper) {
        (Some(lower), Some(upper)) if lower <= upper => Some(T::from_u64(lower)..=T::from_u64(upper)),
        _ => None,
    })
}

/// A number type of columns.
trait Number: MonotonicallyMappableToU64 {
    const LEAST: Self;
    const MOST: Self;
    /// The typed constant as a value of the column.
    fn of(path: &str, value: &Value) -> Result<Self>;
}

impl Number for i64 {
    const LEAST: Self = Self::MIN;
    const MOST: Self = Self::MAX;

    fn of(path: &str, value: &Value) -> Result<Self> {
        match value {
            Value::I64(v) => Ok(*v),
            Value::U64(v) => Ok(Self::try_from(*v).unwrap_or(Self::MAX)),
            other => Err(misfit(path, other)),
        }
    }
}

impl Number for u64 {
    const LEAST: Self = Self::MIN;
    const MOST: Self = Self::MAX;

    fn of(path: &str, value: &Value) -> Result<Self> {
        match value {
            Value::I64(v) => Ok(Self::try_from(*v).unwrap_or(0)),
            Value::U64(v) => Ok(*v),
            other => Err(misfit(path, other)),
        }
    }
}

impl Number for f64 {
    const LEAST: Self = Self::NEG_INFINITY;
    const MOST: Self = Self::INFINITY;

    fn of(path: &str, value: &Value) -> Result<Self> {
        value.as_f64().ok_or_else(|| misfit(path, value))
    }
}

impl Number for bool {
    const LEAST: Self = false;
    const MOST: Self = true;

    fn of(path: &str, value: &Value) -> Result<Self> {
        match value {
            Value::Bool(v) => Ok(*v),
            other => Err(misfit(path, other)),
        }
    }
}

fn each<T: Number>(path: &str, values: &[Value]) -> Result<Vec<T>> {
    values.iter().map(|value| T::of(path, value)).collect()
}

/// Doubles by their place in tantivy's order: they have no `Ord` of their own.
fn doubles(path: &str, values: &[Value]) -> Result<Vec<u64>> {
    Ok(each::<f64>(path, values)?.into_iter().map(f64::to_u64).collect())
}

fn addresses(path: &str, lower: Bound<&Value>, upper: Bound<&Value>) -> Result<Option<RangeInclusive<Ipv6Addr>>> {
    let lower = match lower {
        Bound::Unbounded => Some(0),
        Bound::Included(value) => Some(u128::from(ip(path, value)?)),
        Bound::Excluded(value) => u128::from(ip(path, value)?).checked_add(1),
    };
    let upper = match upper {
        Bound::Unbounded => Some(u128::MAX),
        Bound::Included(value) => Some(u128::from(ip(path, value)?)),
        Bound::Excluded(value) => u128::from(ip(path, value)?).checked_sub(1),
    };
    Ok(match (lower, upper) {
        (Some(lower), Some(upper)) if lower <= upper => Some(Ipv6Addr::from(lower)..=Ipv6Addr::from(upper)),
        _ => None,
    })
}

fn ordinals(
    column: &StrColumn,
    path: &str,
    lower: Bound<&Value>,
    upper: Bound<&Value>,
) -> Result<Option<RangeInclusive<u64>>> {
    let bytes = |bound: Bound<&Value>| -> Result<Bound<Vec<u8>>> {
        Ok(match bound {
            Bound::Unbounded => Bound::Unbounded,
            Bound::Included(value) => Bound::Included(text(path, value)?.as_bytes().to_vec()),
            Bound::Excluded(value) => Bound::Excluded(text(path, value)?.as_bytes().to_vec()),
        })
    };
    let bounds = column.dictionary().term_bounds_to_ord(bytes(lower)?, bytes(upper)?).map_err(storage_error)?;
    let lower = match bounds.0 {
        Bound::Unbounded => 0,
        Bound::Included(ord) => ord,
        Bound::Excluded(ord) => ord + 1,
    };
    let upper = match bounds.1 {
        Bound::Unbounded => Some(u64::MAX),
        Bound::Included(ord) => Some(ord),
        Bound::Excluded(ord) => ord.checked_sub(1),
    };
    Ok(upper.filter(|upper| lower <= *upper).map(|upper| lower..=upper))
}

fn ip(path: &str, value: &Value) -> Result<Ipv6Addr> {
    match value {
        Value::Ip(v) => Ok(*v),
        other => Err(misfit(path, other)),
    }
}

fn text<'v>(path: &str, value: &'v Value) -> Result<&'v str> {
    match value {
        Value::Str(v) => Ok(v),
        other => Err(misfit(path, other)),
    }
}

fn misfit(path: &str, value: &Value) -> Error {
    Error::new(Code::InvalidFieldValue, format!("{} cannot be compared with the values of `{path}`", value.describe()))
}
