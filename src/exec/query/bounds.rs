//! Typed constants as inclusive bounds and values of a column.

use std::net::Ipv6Addr;
use std::ops::{Bound, RangeInclusive};

use tantivy::columnar::{MonotonicallyMappableToU64, StrColumn};

use crate::error::{Code, Error, Result};
use crate::exec::index::storage_error;
use crate::plan::value::Value;

/// Inclusive bounds of a column that tantivy maps to `u64`; none where nothing lies between.
pub(crate) fn numbers<T: Number>(
    path: &str,
    lower: Bound<&Value>,
    upper: Bound<&Value>,
) -> Result<Option<RangeInclusive<T>>> {
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
pub(crate) trait Number: MonotonicallyMappableToU64 {
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

/// Values as values of the column.
pub(super) fn each<T: Number>(path: &str, values: &[Value]) -> Result<Vec<T>> {
    values.iter().map(|value| T::of(path, value)).collect()
}

/// Doubles by their place in tantivy's order: they have no `Ord` of their own.
pub(super) fn doubles(path: &str, values: &[Value]) -> Result<Vec<u64>> {
    Ok(each::<f64>(path, values)?.into_iter().map(f64::to_u64).collect())
}

/// Inclusive bounds of a column of addresses; none where nothing lies between.
pub(super) fn addresses(
    path: &str,
    lower: Bound<&Value>,
    upper: Bound<&Value>,
) -> Result<Option<RangeInclusive<Ipv6Addr>>> {
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

/// Inclusive bounds of the ordinals of a column's dictionary; none where no term lies between.
pub(super) fn ordinals(
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

/// A constant as an address.
pub(super) fn ip(path: &str, value: &Value) -> Result<Ipv6Addr> {
    match value {
        Value::Ip(v) => Ok(*v),
        other => Err(misfit(path, other)),
    }
}

/// A constant as a text.
pub(super) fn text<'v>(path: &str, value: &'v Value) -> Result<&'v str> {
    match value {
        Value::Str(v) => Ok(v),
        other => Err(misfit(path, other)),
    }
}

fn misfit(path: &str, value: &Value) -> Error {
    Error::new(Code::InvalidFieldValue, format!("{} cannot be compared with the values of `{path}`", value.describe()))
}
