//! The zone maps of a column as a program reads them: intervals of the values that kernels load.

use std::fmt;
use std::sync::Arc;

use super::ColumnZone;
use super::decode::{doubles, east, north, nothing, numbers};
use super::lanes::{LANES, Lanes, ZoneList};
use super::summary::{MULTI, NESTED_MISSING, ROOT_MISSING, SOME, Summary, Zone};
use super::wide;
use crate::exec::columns::{Class, ClassValues, Encoding};
use crate::plan::interval::{Interval, Truth};
use crate::plan::script::ValueType;

/// The zone maps of a column, on two levels.
#[derive(Clone)]
pub(crate) struct ColumnZones {
    source: Source,
    reads: Reads,
    missing: Missing,
}

/// What is known of the column.
#[derive(Clone)]
pub(super) enum Source {
    Map(Arc<Summary>),
    /// No document has a value.
    Never,
    /// Each root document has one value.
    Roots,
}

/// How raw values are read.
#[derive(Clone, Copy)]
pub(super) enum Reads {
    Numbers(Encoding, ValueType),
    Points,
    /// The column holds none, or none that has an order.
    Other(ValueType),
    /// As numbers of a table's entries, which lie between some.
    Table(Interval),
}

impl Reads {
    /// The type of the values.
    fn ty(self) -> ValueType {
        match self {
            Self::Numbers(_, ty) | Self::Other(ty) => ty,
            Self::Points => ValueType::F64,
            Self::Table(entries) => entries.ty(),
        }
    }
}

/// Which documents are looked at: only if one of them lacks a value, it matters.
#[derive(Clone, Copy)]
pub(super) enum Missing {
    /// The root documents.
    Root,
    /// Those of the nested object that the field is in.
    Own,
    /// Any: they may all lack a value.
    Any,
}

impl Missing {
    /// Whether the flags of a zone say that a document lacks a value.
    #[inline]
    fn is_in(self, flags: u8) -> bool {
        match self {
            Self::Root => flags & ROOT_MISSING != 0,
            Self::Own => flags & NESTED_MISSING != 0,
            Self::Any => true,
        }
    }
}

/// What is known of a column in each of some zones.
#[derive(Clone, Debug)]
pub(crate) struct ColumnLanes {
    /// The type of the values.
    pub(crate) ty: ValueType,
    /// Between which values they lie; of geo points, their latitudes.
    pub(crate) values: Lanes,
    /// Of geo points, between which their longitudes lie.
    pub(crate) longitudes: Option<Box<Lanes>>,
    /// What is stored of each zone.
    flags: [u8; LANES],
    missing: [bool; LANES],
    /// Whether in each of the zones that were read last some document has a value.
    has_values: bool,
    /// Whether in each of them no document lacks one, either.
    pub(crate) is_full: bool,
    /// Whether in each of them no document has several values.
    pub(crate) is_single: bool,
}

impl ColumnLanes {
    /// What is known of one of the zones.
    #[inline]
    pub(crate) fn zone(&self, lane: usize) -> ColumnZone {
        ColumnZone {
            values: self.values.get(self.ty, lane),
            longitudes: self.longitudes.as_ref().map_or(NO_LONGITUDES, |all| all.get(ValueType::F64, lane)),
            some: self.flags[lane] & SOME != 0,
            missing: self.missing[lane],
            multi: self.flags[lane] & MULTI != 0,
        }
    }

    /// Whether the documents of one of the zones have a value.
    #[inline]
    pub(crate) fn present(&self, lane: usize) -> Truth {
        let some = self.flags[lane] & SOME != 0;
        Truth { no: self.missing[lane] || !some, yes: some }
    }

    /// Takes what the flags of the first zones say.
    fn read_flags(&mut self, zones: usize, missing: Missing) {
        let all = &self.flags[..zones];
        self.missing.iter_mut().zip(all).for_each(|(to, flags)| *to = missing.is_in(*flags));
        self.has_values = all.iter().fold(SOME, |every, flags| every & flags) == SOME;
        self.is_full = self.has_values && !self.missing[..zones].contains(&true);
        self.is_single = all.iter().fold(0, |any, flags| any | flags) & MULTI == 0;
    }

    /// Zones of which all is said, of values of a type.
    pub(crate) fn of(ty: ValueType, zones: &[ColumnZone]) -> Self {
        let mut lanes = ColumnZones::new(Source::Never, Reads::Other(ty), Missing::Any).lanes();
        let has_longitudes = |zone: &ColumnZone| zone.longitudes != NO_LONGITUDES;
        lanes.longitudes = zones.iter().any(has_longitudes).then(|| Box::new(Lanes::of(NO_LONGITUDES)));
        for (lane, zone) in zones.iter().enumerate() {
            lanes.values.set(lane, zone.values);
            lanes.longitudes.iter_mut().for_each(|all| all.set(lane, zone.longitudes));
            lanes.flags[lane] = if zone.some { SOME } else { 0 } | if zone.multi { MULTI } else { 0 };
            lanes.missing[lane] = zone.missing;
        }
        lanes.has_values = zones.iter().all(|zone| zone.some);
        lanes.is_full = lanes.has_values && zones.iter().all(|zone| !zone.missing);
        lanes.is_single = zones.iter().all(|zone| !zone.multi);
        lanes
    }
}

impl ColumnZones {
    pub(super) fn new(source: Source, reads: Reads, missing: Missing) -> Self {
        Self { source, reads, missing }
    }

    /// Those of a table by the column's values, whose entries lie between some; where some value has none, so may any
    /// document.
    pub(crate) fn tabulated(self, entries: Interval, is_open: bool) -> Self {
        Self { reads: Reads::Table(entries), missing: if is_open { Missing::Any } else { self.missing }, ..self }
    }

    /// All documents of the segment.
    pub(crate) fn whole(&self) -> ColumnZone {
        self.decode(match &self.source {
            Source::Map(map) => map.whole(),
            Source::Never => Zone { flags: NEVER, ..Zone::NOTHING },
            Source::Roots => Zone { flags: SOME, ..Zone::NOTHING },
        })
    }

    /// The documents of a class of like values; none where the column has no values of an order.
    pub(crate) fn class(&self, class: &Class) -> Option<ColumnZone> {
        let is_ordered = matches!((&self.source, self.reads), (Source::Map(_), Reads::Numbers(..) | Reads::Points));
        let flags = match (class.some, class.multi) {
            (false, _) => NEVER,
            (true, false) => SOME,
            (true, true) => SOME | MULTI,
        };
        is_ordered.then(|| self.decode(Zone { pairs: class.pairs, flags }))
    }

    /// What the values of the column's classes are.
    pub(crate) fn class_values(&self) -> ClassValues {
        if matches!(self.reads, Reads::Points) { ClassValues::Points } else { ClassValues::Numbers }
    }

    fn decode(&self, zone: Zone) -> ColumnZone {
        let some = zone.flags & SOME != 0;
        let (values, longitudes) = match self.reads {
            reads if !some => (nothing(reads.ty()), NO_LONGITUDES),
            Reads::Numbers(encoding, ty) => (numbers(encoding, ty, zone.pairs[0]), NO_LONGITUDES),
            Reads::Points => (doubles(zone.pairs[0], north), doubles(zone.pairs[1], east)),
            Reads::Other(ty) => (Interval::all(ty), NO_LONGITUDES),
            Reads::Table(entries) => (entries, NO_LONGITUDES),
        };
        ColumnZone { values, longitudes, some, missing: self.missing.is_in(zone.flags), multi: zone.flags & MULTI != 0 }
    }

    /// Room for what is known in some zones.
    pub(crate) fn lanes(&self) -> ColumnLanes {
        let longitudes = matches!(self.reads, Reads::Points).then(|| Box::new(Lanes::of(NO_LONGITUDES)));
        let flags = match &self.source {
            Source::Map(map) => map.common_flags().unwrap_or(0),
            Source::Never => NEVER,
            Source::Roots => SOME,
        };
        let (ty, flags, missing) = (self.reads.ty(), [flags; LANES], [true; LANES]);
        let values = Lanes::of(nothing(ty));
        let (has_values, is_full, is_single) = (false, false, false);
        let mut lanes = ColumnLanes { ty, values, longitudes, flags, missing, has_values, is_full, is_single };
        lanes.read_flags(LANES, self.missing);
        lanes
    }

    /// What is known in some zones.
    pub(crate) fn read(&self, list: &ZoneList, to: &mut ColumnLanes) {
        let Source::Map(map) = &self.source else {
            let whole = self.whole();
            return (0..list.len).for_each(|lane| to.values.set(lane, whole.values));
        };
        if map.common_flags().is_none() {
            map.flags(list, &mut to.flags);
            to.read_flags(list.len, self.missing);
        }
        let values = &mut to.values;
        match self.reads {
            Reads::Numbers(encoding, ValueType::F64) => {
                map.pairs(list, 0, values);
                wide::decode_all(encoding, values, list.len);
            }
            Reads::Numbers(Encoding::Long, ValueType::I64) => {
                map.pairs(list, 0, values);
                for end in values.lo[..list.len].iter_mut().chain(&mut values.hi[..list.len]) {
                    *end = f64::from_bits(Encoding::Long.long(end.to_bits()) as u64);
                }
            }
            Reads::Numbers(encoding, ty) => {
                map.pairs(list, 0, values);
                for lane in 0..list.len {
                    let raw = (values.lo[lane].to_bits(), values.hi[lane].to_bits());
                    values.set(lane, numbers(encoding, ty, raw));
                }
            }
            Reads::Points => {
                map.pairs(list, 0, values);
                wide::decode_north(values, list.len);
                if let Some(longitudes) = &mut to.longitudes {
                    map.pairs(list, 1, longitudes);
                    wide::decode_east(longitudes, list.len);
                }
            }
            Reads::Other(ty) => (0..list.len).for_each(|lane| values.set(lane, Interval::all(ty))),
            Reads::Table(entries) => (0..list.len).for_each(|lane| values.set(lane, entries)),
        }
        if !to.has_values {
            for lane in (0..list.len).filter(|lane| to.flags[*lane] & SOME == 0) {
                values.set(lane, nothing(to.ty));
                if let Some(longitudes) = &mut to.longitudes {
                    longitudes.set(lane, NO_LONGITUDES);
                }
            }
        }
    }
}

const NO_LONGITUDES: Interval = nothing(ValueType::F64);

/// The flags of a column where no document has a value.
const NEVER: u8 = ROOT_MISSING | NESTED_MISSING;

impl fmt::Debug for ColumnZones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ColumnZones").field(&self.whole()).finish()
    }
}
