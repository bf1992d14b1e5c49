//! The bounds of a field that hits are sorted by.

use tantivy::columnar::MonotonicallyMappableToU64;

use crate::error::Result;
use crate::exec::columns::value_type;
use crate::exec::segment::SegmentContext;
use crate::exec::sort::{Key, KeyKind, Kind, double_bits, missing_value};
use crate::exec::zones::{ColumnLanes, ColumnZone, ColumnZones, ZoneList};
use crate::plan::interval::{Doubles, Interval};
use crate::plan::node::{FieldSort, SortMode};
use crate::plan::script::ValueType;

/// A field over the zones of a segment.
pub(super) struct FieldBounds {
    zones: ColumnZones,
    /// What is known of the field in the zones that are looked at.
    found: Box<ColumnLanes>,
    descending: bool,
    /// Whether the value of a document that has several is one of them.
    picks: bool,
    /// The key of documents without a value.
    missing: u64,
}

impl FieldBounds {
    /// Prepares the bounds of a field; none where it is not sorted by its values as they are.
    pub(super) fn new(segment: SegmentContext<'_>, sort: &FieldSort, kind: KeyKind) -> Result<Option<Self>> {
        let ty = match (kind.kind, value_type(segment.mapping, &sort.field)) {
            (Kind::Long, Some(ValueType::I64)) => ValueType::I64,
            (Kind::Double, Some(ValueType::F64)) => ValueType::F64,
            _ => return Ok(None),
        };
        if sort.nested.is_some() || sort.unmapped.is_some() {
            return Ok(None);
        }
        let Some(Key::Number(missing)) = kind.key(&missing_value(sort, kind)) else { return Ok(None) };
        let zones = segment.zones(&sort.field, ty)?;
        Ok(Some(Self {
            found: Box::new(zones.lanes()),
            zones,
            descending: kind.descending,
            picks: matches!(sort.mode, SortMode::Min | SortMode::Max),
            missing,
        }))
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

    fn best_value(&self, zone: &ColumnZone) -> u64 {
        if zone.multi && !self.picks {
            return 0;
        }
        match zone.values {
            Interval::I64 { lo, hi } => {
                if self.descending {
                    !hi.to_u64()
                } else {
                    lo.to_u64()
                }
            }
            Interval::F64 { lo, hi, nan } => best_double(Doubles { lo, hi, nan }, self.descending),
            Interval::Bool { .. } | Interval::Str => 0,
        }
    }
}

/// The key of the best of doubles: in the order of keys, NaN is above infinity and zero above minus zero.
#[inline]
pub(super) fn best_double(Doubles { lo, hi, nan }: Doubles, descending: bool) -> u64 {
    if descending {
        !double_bits(if nan { f64::NAN } else { hi + 0.0 })
    } else if lo > hi {
        double_bits(f64::NAN)
    } else {
        double_bits(if lo == 0.0 { -0.0 } else { lo })
    }
}
