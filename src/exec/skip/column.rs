//! The bounds of queries that look at a column: of a range of numbers, and of presence, zones often know all.

use std::ops::Bound;

use tantivy::columnar::MonotonicallyMappableToU64;

use super::{Matches, Verdict, Zone};
use crate::error::Result;
use crate::exec::columns::value_type;
use crate::exec::query::numbers;
use crate::exec::segment::{SegmentContext, ValueColumn};
use crate::exec::zones::{ColumnZone, ColumnZones};
use crate::plan::field::FieldType;
use crate::plan::interval::Interval;
use crate::plan::script::ValueType;
use crate::plan::value::Value;

/// A column over the zones of a segment.
pub(super) struct ColumnBounds {
    zones: ColumnZones,
    /// Which values are looked for, in the order of the column; none: any.
    range: Option<Ends>,
}

/// The least and the greatest value, as bits of the same order.
#[derive(Clone, Copy)]
struct Ends {
    least: u64,
    greatest: u64,
}

impl ColumnBounds {
    /// Prepares the bounds of a range; none where nothing is known of the field's values.
    pub(super) fn between(
        segment: SegmentContext<'_>,
        path: &str,
        lower: Bound<&Value>,
        upper: Bound<&Value>,
    ) -> Result<Option<Self>> {
        // The column holds other numbers than scripts read.
        let is_scaled = |field: &crate::plan::mapping::Field| matches!(field.ty, FieldType::ScaledFloat(_));
        if segment.mapping.field(path).is_none_or(is_scaled) {
            return Ok(None);
        }
        let (ty, ends) = match segment.column(path)? {
            Some(ValueColumn::I64(_)) => (
                ValueType::I64,
                numbers::<i64>(path, lower, upper)?.map(|range| Ends::of(*range.start(), *range.end())),
            ),
            Some(ValueColumn::F64(_)) => (
                ValueType::F64,
                numbers::<f64>(path, lower, upper)?.map(|range| Ends::of(*range.start(), *range.end())),
            ),
            _ => return Ok(None),
        };
        // What no value is in is found by no one else, either.
        let range = Some(ends.unwrap_or(Ends { least: u64::MAX, greatest: 0 }));
        Ok(Some(Self { zones: segment.zones(path, ty)?, range }))
    }

    /// Prepares the bounds of presence; none where the field has no column.
    pub(super) fn exists(segment: SegmentContext<'_>, paths: &[String]) -> Result<Option<Self>> {
        let [path] = paths else { return Ok(None) };
        match value_type(segment.mapping, path) {
            Some(ty) if segment.has_column(path) => Ok(Some(Self { zones: segment.zones(path, ty)?, range: None })),
            _ => Ok(None),
        }
    }

    /// What is known of a zone; what matches scores 1.
    pub(super) fn verdict(&self, zone: Zone) -> Verdict {
        let zone = match zone {
            Zone::Coarse(number) => self.zones.coarse(number),
            Zone::Fine(number) => self.zones.fine(number),
        };
        Verdict::constant(self.matches(&zone), 1.0)
    }

    fn matches(&self, zone: &ColumnZone) -> Matches {
        if !zone.some {
            return Matches::None;
        }
        let present = if zone.missing { Matches::Some } else { Matches::All };
        let Some(wanted) = self.range else { return present };
        let found = match zone.values {
            Interval::I64 { lo, hi } => Ends::of(lo, hi),
            Interval::F64 { lo, hi, nan: false } => Ends::of(lo, hi),
            Interval::F64 { .. } | Interval::Bool { .. } | Interval::Str => return Matches::Some,
        };
        if found.greatest < wanted.least || wanted.greatest < found.least {
            Matches::None
        } else if wanted.least <= found.least && found.greatest <= wanted.greatest {
            present
        } else {
            Matches::Some
        }
    }
}

impl Ends {
    fn of<T: MonotonicallyMappableToU64>(least: T, greatest: T) -> Self {
        Self { least: least.to_u64(), greatest: greatest.to_u64() }
    }
}
