//! The bounds of queries that look at a column: of ranges of numbers, and of presence, zones often know all.

use std::ops::{Bound, RangeInclusive};

use tantivy::columnar::MonotonicallyMappableToU64;

use super::{Matches, Verdict, Verdicts};
use crate::error::Result;
use crate::exec::columns::{RawRange, value_type};
use crate::exec::query::numbers;
use crate::exec::segment::{SegmentContext, ValueColumn};
use crate::exec::zones::{ColumnLanes, ColumnZone, ColumnZones, ZoneList};
use crate::plan::field::FieldType;
use crate::plan::interval::Interval;
use crate::plan::query::{Answer, ScriptRange, ValueRange};
use crate::plan::script::ValueType;
use crate::plan::value::Value;

/// A column over the zones of a segment, and what is looked for.
pub(super) struct ColumnBounds {
    zones: ColumnZones,
    /// What is known of the column in the zones that are looked at.
    found: Box<ColumnLanes>,
    wanted: Wanted,
}

/// What a query looks for in a column.
enum Wanted {
    /// A value.
    Any,
    /// A value in a range; none: in one that is empty.
    Within(Option<RawRange>),
    /// The first value in ranges, or a script's answer.
    Solved { holds: Vec<RawRange>, open: Vec<RawRange>, missing: Answer },
}

impl ColumnBounds {
    fn new(zones: ColumnZones, wanted: Wanted) -> Self {
        Self { found: Box::new(zones.lanes()), zones, wanted }
    }

    /// Prepares the bounds of a range; none where nothing is known of the field's values.
    pub(super) fn between(
        segment: SegmentContext<'_>,
        path: &str,
        lower: Bound<&Value>,
        upper: Bound<&Value>,
    ) -> Result<Option<Self>> {
        let Some(zones) = Self::numbers(segment, path)? else { return Ok(None) };
        let range = match segment.column(path)? {
            Some(ValueColumn::I64(_)) => raw(numbers::<i64>(path, lower, upper)?),
            Some(ValueColumn::F64(_)) => raw(numbers::<f64>(path, lower, upper)?),
            _ => return Ok(None),
        };
        Ok(Some(Self::new(zones, Wanted::Within(range))))
    }

    /// Prepares the bounds of a solved script; none where nothing is known of the field's values.
    pub(super) fn solved(segment: SegmentContext<'_>, query: &ScriptRange) -> Result<Option<Self>> {
        let Some(zones) = Self::numbers(segment, &query.field)? else { return Ok(None) };
        let raw = |ranges: &[ValueRange]| ranges.iter().filter_map(RawRange::of).collect();
        let wanted = Wanted::Solved { holds: raw(&query.holds), open: raw(&query.open), missing: query.missing };
        Ok(Some(Self::new(zones, wanted)))
    }

    /// The zones of a column whose numbers are those that scripts read.
    fn numbers(segment: SegmentContext<'_>, path: &str) -> Result<Option<ColumnZones>> {
        let Some(field) = segment.mapping.field(path) else { return Ok(None) };
        let ty = match segment.column(path)? {
            _ if matches!(field.ty, FieldType::ScaledFloat(_)) => return Ok(None),
            Some(ValueColumn::I64(_)) => ValueType::I64,
            Some(ValueColumn::F64(_)) => ValueType::F64,
            _ => return Ok(None),
        };
        segment.zones(path, ty).map(Some)
    }

    /// Prepares the bounds of presence; none where the field has no column.
    pub(super) fn exists(segment: SegmentContext<'_>, paths: &[String]) -> Result<Option<Self>> {
        let [path] = paths else { return Ok(None) };
        match value_type(segment.mapping, path) {
            Some(ty) if segment.has_column(path) => Ok(Some(Self::new(segment.zones(path, ty)?, Wanted::Any))),
            _ => Ok(None),
        }
    }

    /// What is known of some zones; what matches scores 1.
    pub(super) fn judge(&mut self, list: &ZoneList, verdicts: &mut Verdicts) {
        self.zones.read(list, &mut self.found);
        (0..list.len).for_each(|lane| verdicts.set(lane, self.wanted.verdict(self.found.zone(lane))));
    }
}

impl Wanted {
    fn verdict(&self, zone: ColumnZone) -> Verdict {
        let found = values(&zone);
        match self {
            Self::Any => Verdict::constant(present(&zone), 1.0),
            Self::Within(_) if !zone.some => Verdict::nothing(false),
            Self::Within(wanted) => Verdict::constant(within(found, wanted.as_slice()).and(present(&zone)), 1.0),
            Self::Solved { holds, open, missing } => {
                let asks =
                    (zone.some && within(found, open) != Matches::None) || (zone.missing && *missing == Answer::Open);
                let with = if zone.some { within(found, holds) } else { Matches::None };
                let without = if *missing == Answer::Yes { Matches::All } else { Matches::None };
                let matches = match (zone.some, zone.missing) {
                    _ if asks => Matches::Some,
                    (_, false) => with,
                    (false, true) => without,
                    (true, true) if with == without => with,
                    (true, true) => Matches::Some,
                };
                Verdict { fails: asks, ..Verdict::constant(matches, 1.0) }
            }
        }
    }
}

/// How many documents of a zone have a value.
fn present(zone: &ColumnZone) -> Matches {
    match (zone.some, zone.missing) {
        (false, _) => Matches::None,
        (true, true) => Matches::Some,
        (true, false) => Matches::All,
    }
}

/// Between which raw values those of a zone lie; none where that is not known.
fn values(zone: &ColumnZone) -> Option<RawRange> {
    match zone.values {
        Interval::I64 { lo, hi } => raw(Some(lo..=hi)),
        Interval::F64 { lo, hi, nan: false } => raw(Some(lo..=hi)),
        Interval::F64 { .. } | Interval::Bool { .. } | Interval::Str => None,
    }
}

fn raw<T: MonotonicallyMappableToU64>(range: Option<RangeInclusive<T>>) -> Option<RawRange> {
    range.map(|range| RawRange { first: range.start().to_u64(), last: range.end().to_u64() })
}

/// How many of a zone's values lie in ranges.
fn within(found: Option<RawRange>, ranges: &[RawRange]) -> Matches {
    let Some(found) = found else { return if ranges.is_empty() { Matches::None } else { Matches::Some } };
    if ranges.iter().all(|range| found.meet(*range).is_none()) {
        Matches::None
    } else if ranges.iter().any(|range| found.meet(*range) == Some(found)) {
        Matches::All
    } else {
        Matches::Some
    }
}
