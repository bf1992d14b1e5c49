//! A key of a hit: ordered so that the lower key comes first, whatever the direction of the sort.

use std::cmp::Reverse;
use std::net::Ipv6Addr;

use tantivy::columnar::MonotonicallyMappableToU64;

use crate::error::Result;
use crate::plan::node::{SortBy, SortKey, SortType};
use crate::plan::value::Value;

/// A key. Keys that are compared are of one variant.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    /// A number, mapped to bits of the same order; in a descending sort, to their complement.
    Number(u64),
    /// An address, or its lack before or after all others.
    Ip(Place, u128),
    /// A text, or its lack.
    Text(Place, String),
    /// A text of a descending sort.
    TextDescending(Place, Reverse<String>),
}

/// Where a key stands that may lack a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place {
    /// No value, before all others.
    First,
    /// A value.
    Value,
    /// No value, after all others.
    Last,
}

/// What the keys of a sort are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A score.
    Score,
    /// A whole number.
    Long,
    /// A whole number that is not negative.
    Unsigned,
    /// A double.
    Double,
    /// An address.
    Ip,
    /// A text.
    Text,
}

/// What the keys of a sort are, their direction, and how they are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeyKind {
    pub(crate) kind: Kind,
    pub(crate) descending: bool,
    /// As which type values are shown; none: as they are.
    shown_as: Option<SortType>,
    /// Where documents without a value go.
    pub(crate) missing: Place,
}

impl KeyKind {
    /// The keys of a part of a sort.
    pub(crate) fn of(sort: &SortKey) -> Self {
        use crate::plan::node::Missing;
        let (kind, shown_as, missing) = match &sort.by {
            SortBy::Score => (Kind::Score, None, Place::Last),
            SortBy::Doc => (Kind::Long, None, Place::Last),
            SortBy::NumberScript(_) => (Kind::Double, None, Place::Last),
            SortBy::StringScript(_) | SortBy::Id => (Kind::Text, None, Place::Last),
            SortBy::Field(field) => {
                let missing = if field.missing == Missing::First { Place::First } else { Place::Last };
                (Kind::of(field.ty), Some(field.ty), missing)
            }
        };
        Self { kind, descending: sort.descending, shown_as, missing }
    }

    /// The bits of a number in the order of the sort.
    #[inline]
    pub(crate) fn ordered(&self, bits: u64) -> u64 {
        if self.descending { !bits } else { bits }
    }

    /// The key of a value; none where it is of another type.
    pub(crate) fn key(&self, value: &Value) -> Option<Key> {
        Some(match (self.kind, value) {
            (Kind::Ip, Value::Null) => Key::Ip(self.missing, 0),
            (Kind::Ip, Value::Ip(ip)) => Key::Ip(Place::Value, self.address(*ip)),
            (Kind::Text, Value::Null) => self.text(self.missing, String::new()),
            (Kind::Text, Value::Str(text)) => self.text(Place::Value, text.clone()),
            (Kind::Long, Value::I64(v)) => Key::Number(self.ordered(v.to_u64())),
            (Kind::Long, Value::U64(v)) => Key::Number(self.ordered(i64::try_from(*v).unwrap_or(i64::MAX).to_u64())),
            (Kind::Unsigned, Value::I64(v)) => Key::Number(self.ordered(u64::try_from(*v).unwrap_or(0))),
            (Kind::Unsigned, Value::U64(v)) => Key::Number(self.ordered(*v)),
            (Kind::Score | Kind::Double, value) => Key::Number(self.ordered(double_bits(value.as_f64()?))),
            _ => return None,
        })
    }

    /// The value of a key.
    pub(crate) fn value(&self, key: &Key) -> Value {
        match key {
            Key::Number(bits) => {
                let bits = self.ordered(*bits);
                match self.kind {
                    Kind::Long => Value::I64(i64::from_u64(bits)),
                    Kind::Unsigned => Value::U64(bits),
                    Kind::Score | Kind::Double | Kind::Ip | Kind::Text => Value::F64(f64::from_u64(bits)),
                }
            }
            Key::Ip(Place::Value, bits) => Value::Ip(Ipv6Addr::from_bits(if self.descending { !bits } else { *bits })),
            Key::Text(Place::Value, text) | Key::TextDescending(Place::Value, Reverse(text)) => {
                Value::Str(text.clone())
            }
            Key::Ip(..) | Key::Text(..) | Key::TextDescending(..) => Value::Null,
        }
    }

    /// A value as an answer shows it.
    pub(crate) fn show(&self, key: &Key) -> serde_json::Value {
        let value = self.value(key);
        match (self.kind, self.shown_as) {
            (Kind::Score, _) => SortType::Float.display(&value),
            (_, Some(ty)) => ty.display(&value),
            (_, None) => SortType::Double.display(&value),
        }
    }

    /// An address in the order of the sort.
    pub(crate) fn address(&self, ip: Ipv6Addr) -> u128 {
        if self.descending { !ip.to_bits() } else { ip.to_bits() }
    }

    /// Writes the key of a text into what another key has allocated.
    pub(crate) fn write_text(
        &self,
        place: Place,
        key: &mut Key,
        write: impl FnOnce(&mut String) -> Result<()>,
    ) -> Result<()> {
        let mut text = match key {
            Key::Text(_, text) | Key::TextDescending(_, Reverse(text)) => std::mem::take(text),
            Key::Number(_) | Key::Ip(..) => String::new(),
        };
        text.clear();
        write(&mut text)?;
        *key = self.text(place, text);
        Ok(())
    }

    /// The key of a text.
    pub(crate) fn text(&self, place: Place, text: String) -> Key {
        if self.descending { Key::TextDescending(place, Reverse(text)) } else { Key::Text(place, text) }
    }
}

impl Kind {
    fn of(ty: SortType) -> Self {
        match ty {
            SortType::Int | SortType::Long | SortType::Date => Self::Long,
            SortType::UnsignedLong => Self::Unsigned,
            SortType::Float | SortType::Double => Self::Double,
            SortType::Keyword => Self::Text,
            SortType::Ip => Self::Ip,
        }
    }
}

/// A double as bits in Java's order: NaN is above infinity, 0.0 above -0.0.
#[inline]
pub(crate) fn double_bits(value: f64) -> u64 {
    (if value.is_nan() { f64::NAN } else { value }).to_u64()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(kind: Kind, descending: bool) -> KeyKind {
        KeyKind { kind, descending, shown_as: None, missing: Place::Last }
    }

    #[test]
    fn keys_order_as_the_sort_says_and_come_back() {
        let doubles = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, 2.0, f64::INFINITY, -f64::NAN].map(Value::F64);
        let longs = [i64::MIN, -1, 0, i64::MAX].map(Value::I64);
        let texts = ["", "a", "é"].map(|text| Value::Str(text.into()));
        let ips = ["::1", "::ffff:10.0.0.1"].map(|ip| Value::Ip(ip.parse().unwrap_or(Ipv6Addr::UNSPECIFIED)));
        let cases: [(Kind, &[Value]); 4] =
            [(Kind::Double, &doubles), (Kind::Long, &longs), (Kind::Text, &texts), (Kind::Ip, &ips)];
        for (of, values) in cases {
            for descending in [false, true] {
                let kind = kind(of, descending);
                let keys: Vec<_> = values.iter().map(|value| kind.key(value).unwrap()).collect();
                assert!(keys.windows(2).all(|pair| (pair[0] < pair[1]) != descending), "{of:?} {descending}");
                for (key, value) in keys.iter().zip(values) {
                    assert_eq!(format!("{:?}", kind.value(key)), format!("{value:?}"));
                }
                if matches!(of, Kind::Text | Kind::Ip) {
                    let missing = kind.key(&Value::Null).unwrap();
                    assert!(keys.iter().all(|key| *key < missing));
                    assert_eq!(kind.value(&missing), Value::Null);
                }
            }
        }
    }
}
