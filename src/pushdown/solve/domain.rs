//! The values that a field can hold, in their order in the index.

use std::ops::Bound;

use datafusion_common::ScalarValue;

use super::search::Keys;
use crate::plan::field::FieldType;
use crate::plan::field::float::Precision;
use crate::plan::interval::Interval;
use crate::plan::mapping::Field;
use crate::plan::query::ValueRange;
use crate::plan::script::ValueType;
use crate::plan::value::Value;

/// All values of a field's type.
#[derive(Clone, Copy, Debug)]
pub(super) enum Domain {
    /// Longs between limits.
    Long { min: i64, max: i64 },
    /// Longs without sign; trees see them as longs, so the upper half as negative ones.
    Unsigned,
    /// Finite doubles up to a limit.
    Double { max: f64 },
    /// Longs that stand for their product with this factor.
    Scaled { inverse: f64 },
    /// False and true.
    Boolean,
}

const TOP: u64 = 1 << 63;

impl Domain {
    /// The values of a field; none for types whose values are no numbers, or whose values scripts do not see.
    pub(super) fn of(field: &Field) -> Option<Self> {
        field.doc_type()?;
        match &field.ty {
            FieldType::Integer(ty) => {
                let (min, max) = ty.width.limits();
                Some(Self::Long { min: i64::try_from(min).ok()?, max: i64::try_from(max).ok()? })
            }
            FieldType::Date(_) => Some(Self::Long { min: i64::MIN, max: i64::MAX }),
            FieldType::UnsignedLong(_) => Some(Self::Unsigned),
            FieldType::Float(ty) => Some(Self::Double {
                max: match ty.precision {
                    Precision::Half => 65_504.0,
                    Precision::Single => f64::from(f32::MAX),
                    Precision::Double => f64::MAX,
                },
            }),
            FieldType::ScaledFloat(ty) => {
                let inverse = 1.0 / ty.scaling_factor;
                // The products must be finite, or they have no order.
                (inverse > 0.0 && (inverse * i64::MAX as f64).is_finite()).then_some(Self::Scaled { inverse })
            }
            FieldType::Boolean(_) => Some(Self::Boolean),
            FieldType::Text(_)
            | FieldType::Keyword(_)
            | FieldType::Ip(_)
            | FieldType::GeoPoint(_)
            | FieldType::Unsupported(_) => None,
        }
    }

    /// The type of the values as trees see them.
    pub(super) fn ty(self) -> ValueType {
        match self {
            Self::Long { .. } | Self::Unsigned => ValueType::I64,
            Self::Double { .. } | Self::Scaled { .. } => ValueType::F64,
            Self::Boolean => ValueType::Bool,
        }
    }

    /// The keys of all values.
    pub(super) fn keys(self) -> Keys {
        match self {
            Self::Long { min, max } => Keys { first: long_key(min), last: long_key(max) },
            Self::Unsigned | Self::Scaled { .. } => Keys { first: 0, last: u64::MAX },
            Self::Double { max } => Keys { first: double_key(-max), last: double_key(max) },
            Self::Boolean => Keys { first: 0, last: 1 },
        }
    }

    /// Between which values the keys of a range lie, as trees see them.
    pub(super) fn interval(self, keys: Keys) -> Interval {
        let Keys { first, last } = keys;
        match self {
            Self::Long { .. } => Interval::longs(key_long(first), key_long(last)),
            Self::Unsigned if first < TOP && last >= TOP => Interval::all(ValueType::I64),
            Self::Unsigned => Interval::longs(first as i64, last as i64),
            Self::Double { .. } => Interval::doubles(key_double(first), key_double(last)),
            Self::Scaled { inverse } => {
                Interval::doubles(key_long(first) as f64 * inverse, key_long(last) as f64 * inverse)
            }
            Self::Boolean => Interval::Bool { no: first == 0, yes: last == 1 },
        }
    }

    /// The value of a key, as trees see it.
    pub(super) fn loaded(self, key: u64) -> ScalarValue {
        match self {
            Self::Long { .. } => ScalarValue::from(key_long(key)),
            Self::Unsigned => ScalarValue::from(key as i64),
            Self::Double { .. } => ScalarValue::from(key_double(key)),
            Self::Scaled { inverse } => ScalarValue::from(key_long(key) as f64 * inverse),
            Self::Boolean => ScalarValue::from(key != 0),
        }
    }

    /// The range of stored values that the keys of a range are; a bound at the end of all values is none.
    pub(super) fn range(self, keys: Keys) -> ValueRange {
        let all = self.keys();
        let bound = |key, end| if key == end { Bound::Unbounded } else { Bound::Included(self.stored(key)) };
        ValueRange { lower: bound(keys.first, all.first), upper: bound(keys.last, all.last) }
    }

    /// The key of a stored value.
    #[cfg(test)]
    pub(super) fn key(self, value: &Value) -> u64 {
        match value {
            Value::I64(v) => long_key(*v),
            Value::F64(v) => double_key(*v),
            Value::U64(v) => *v,
            Value::Bool(v) => u64::from(*v),
            other => panic!("{other} is no stored value"),
        }
    }

    fn stored(self, key: u64) -> Value {
        match self {
            Self::Long { .. } | Self::Scaled { .. } => Value::I64(key_long(key)),
            Self::Unsigned => Value::U64(key),
            Self::Double { .. } => Value::F64(key_double(key)),
            Self::Boolean => Value::Bool(key != 0),
        }
    }
}

fn long_key(value: i64) -> u64 {
    value as u64 ^ TOP
}

fn key_long(key: u64) -> i64 {
    (key ^ TOP) as i64
}

fn double_key(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & TOP == 0 { bits ^ TOP } else { !bits }
}

fn key_double(key: u64) -> f64 {
    f64::from_bits(if key & TOP == 0 { !key } else { key ^ TOP })
}
