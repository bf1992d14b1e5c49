//! The bounds of a field that hits are sorted by.

use std::cmp::Reverse;

use tantivy::columnar::MonotonicallyMappableToU64;

use crate::error::Result;
use crate::exec::columns::value_type;
use crate::exec::segment::{SegmentContext, ValueColumn};
use crate::exec::sort::{Key, KeyKind, Kind, Texts, double_bits, missing_value};
use crate::exec::zones::{ColumnLanes, ColumnZone, ColumnZones, Lanes, ZoneList};
use crate::plan::interval::{Doubles, Interval};
use crate::plan::node::{FieldSort, SortMode};
use crate::plan::script::ValueType;
use crate::plan::value::Value;

/// A field over the zones of a segment.
pub(super) struct FieldBounds {
    zones: ColumnZones,
    /// What is known of the field in the zones that are looked at.
    found: Box<ColumnLanes>,
    kind: KeyKind,
    /// Of strings, which are known by their ordinals, the dictionary.
    texts: Option<Texts>,
    /// Whether the value of a document that has several is one of them.
    picks: bool,
    /// The key of documents without a value.
    missing: u64,
}

impl FieldBounds {
    /// Prepares the bounds of a field; none where it is not sorted by its values as they are.
    pub(super) fn new(segment: SegmentContext<'_>, sort: &FieldSort, kind: KeyKind) -> Result<Option<Self>> {
        if sort.nested.is_some() || sort.unmapped.is_some() {
            return Ok(None);
        }
        let missing = missing_value(sort, kind);
        let (zones, texts, missing) = match (kind.kind, value_type(segment.mapping, &sort.field)) {
            (Kind::Long, Some(ty @ ValueType::I64)) | (Kind::Double, Some(ty @ ValueType::F64)) => {
                let Some(Key::Number(missing)) = kind.key(&missing) else { return Ok(None) };
                (segment.zones(&sort.field, ty)?, None, missing)
            }
            (Kind::Text, Some(ValueType::Str)) => {
                let Some(ValueColumn::Str(column)) = segment.column(&sort.field)? else { return Ok(None) };
                let texts = Texts::new(column, if let Value::Str(text) = missing { Some(text) } else { None })?;
                let missing = texts.missing_key(kind);
                (segment.ordinal_zones(&sort.field)?, Some(texts), missing)
            }
            _ => return Ok(None),
        };
        let picks = matches!(sort.mode, SortMode::Min | SortMode::Max);
        Ok(Some(Self { found: Box::new(zones.lanes()), zones, kind, texts, picks, missing }))
    }

    /// Reads what is known of the field in some zones.
    pub(super) fn read(&mut self, list: &ZoneList) {
        self.zones.read(list, &mut self.found);
    }

    /// The key of the best document that one of the zones may hold; the lower, the better.
    pub(super) fn best(&self, lane: usize) -> u64 {
        let zone = self.found.zone(lane);
        let value = if zone.some { self.best_value(&zone) } else { u64::MAX };
        if zone.missing || !zone.some { value.min(self.missing) } else { value }
    }

    /// The key that no document of one of the zones is after.
    pub(super) fn worst(&self, lane: usize) -> u64 {
        let zone = self.found.zone(lane);
        let value = if zone.some { self.worst_value(&zone) } else { 0 };
        if zone.missing || !zone.some { value.max(self.missing) } else { value }
    }

    /// A value that hits are sorted by as a key; none where it is of another type.
    pub(super) fn key(&self, value: &Value) -> Result<Option<u64>> {
        match (self.kind.key(value), &self.texts) {
            (Some(Key::Number(key)), None) => Ok(Some(key)),
            (Some(Key::Text(place, text) | Key::TextDescending(place, Reverse(text))), Some(texts)) => {
                texts.localize(self.kind, place, &text).map(Some)
            }
            _ => Ok(None),
        }
    }

    fn best_value(&self, zone: &ColumnZone) -> u64 {
        if zone.multi && !self.picks {
            return 0;
        }
        let descending = self.kind.descending;
        match zone.values {
            Interval::I64 { lo, hi } => self.long_key(if descending { hi } else { lo }),
            Interval::F64 { lo, hi, nan } => best_double(Doubles { lo, hi, nan }, descending),
            Interval::Bool { .. } | Interval::Str => 0,
        }
    }

    fn worst_value(&self, zone: &ColumnZone) -> u64 {
        if zone.multi && !self.picks {
            return u64::MAX;
        }
        let descending = self.kind.descending;
        match zone.values {
            Interval::I64 { lo, hi } => self.long_key(if descending { lo } else { hi }),
            // The worst is the best of the other direction.
            Interval::F64 { lo, hi, nan } => !best_double(Doubles { lo, hi, nan }, !descending),
            Interval::Bool { .. } | Interval::Str => u64::MAX,
        }
    }

    /// The key of a long, or of an ordinal.
    fn long_key(&self, long: i64) -> u64 {
        match &self.texts {
            Some(texts) => texts.key(self.kind, long as u64),
            None => self.kind.ordered(long.to_u64()),
        }
    }
}

/// The key of the best of doubles: in the order of keys, NaN is above infinity and zero above minus zero.
#[inline(always)]
pub(super) fn best_double(Doubles { lo, hi, nan }: Doubles, descending: bool) -> u64 {
    if descending {
        !double_bits(if nan { f64::NAN } else { hi + 0.0 })
    } else if lo > hi {
        double_bits(f64::NAN)
    } else {
        double_bits(if lo == 0.0 { -0.0 } else { lo })
    }
}

/// The same of the doubles of several zones.
#[inline(always)]
pub(super) fn best_doubles(doubles: &Lanes, descending: bool, keys: &mut [u64]) {
    if descending {
        keys.iter_mut().enumerate().for_each(|(lane, key)| *key = best_double(doubles.doubles(lane), true));
    } else {
        keys.iter_mut().enumerate().for_each(|(lane, key)| *key = best_double(doubles.doubles(lane), false));
    }
}
