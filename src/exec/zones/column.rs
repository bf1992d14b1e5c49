//! The zone maps of a column as a program reads them: intervals of the values that kernels load.

use std::fmt;
use std::sync::Arc;

use super::ColumnZone;
use super::summary::{MULTI, NESTED_MISSING, ROOT_MISSING, SOME, Summary, Zone};
use crate::exec::columns::{Encoding, latitude, longitude};
use crate::plan::interval::Interval;
use crate::plan::script::ValueType;

/// The zone maps of a column, on two levels. Reading a zone is a few loads.
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

impl ColumnZones {
    pub(super) fn new(source: Source, reads: Reads, missing: Missing) -> Self {
        Self { source, reads, missing }
    }

    /// All documents of the segment.
    pub(crate) fn whole(&self) -> ColumnZone {
        self.read(Summary::whole)
    }

    /// The documents of a window, by its number.
    #[inline]
    pub(crate) fn coarse(&self, zone: u32) -> ColumnZone {
        self.read(|map| map.coarse(zone))
    }

    /// The 64 documents of a word of a window's bits, by its number in the segment.
    #[inline]
    pub(crate) fn fine(&self, zone: u32) -> ColumnZone {
        self.read(|map| map.fine(zone))
    }

    #[inline]
    fn read(&self, zone: impl FnOnce(&Summary) -> Zone) -> ColumnZone {
        let zone = match &self.source {
            Source::Map(map) => zone(map),
            Source::Never => Zone { flags: ROOT_MISSING | NESTED_MISSING, ..Zone::NOTHING },
            Source::Roots => Zone { flags: SOME, ..Zone::NOTHING },
        };
        let some = zone.flags & SOME != 0;
        let (values, longitudes) = match self.reads {
            Reads::Numbers(_, ty) | Reads::Other(ty) if !some => (nothing(ty), NO_LONGITUDES),
            Reads::Points if !some => (nothing(ValueType::F64), NO_LONGITUDES),
            Reads::Numbers(encoding, ty) => (numbers(encoding, ty, zone.pairs[0]), NO_LONGITUDES),
            Reads::Points => (
                doubles(zone.pairs[0], |raw| latitude(raw << 32)),
                doubles(zone.pairs[1], |raw| longitude(raw ^ 0x8000_0000)),
            ),
            Reads::Other(ty) => (Interval::all(ty), NO_LONGITUDES),
        };
        ColumnZone { values, longitudes, some, missing: self.missing.is_in(zone.flags), multi: zone.flags & MULTI != 0 }
    }
}

const NO_LONGITUDES: Interval = nothing(ValueType::F64);

/// No value of a type.
const fn nothing(ty: ValueType) -> Interval {
    match ty {
        ValueType::F64 => Interval::F64 { lo: f64::INFINITY, hi: f64::NEG_INFINITY, nan: false },
        ValueType::I64 => Interval::I64 { lo: i64::MAX, hi: i64::MIN },
        ValueType::Bool => Interval::Bool { no: false, yes: false },
        ValueType::Str => Interval::Str,
    }
}

/// Between which values those lie that are read as a type; the raw ones lie between two.
#[inline]
fn numbers(encoding: Encoding, ty: ValueType, (least, greatest): (u64, u64)) -> Interval {
    match ty {
        ValueType::F64 => doubles((least, greatest), |raw| encoding.double(raw)),
        ValueType::I64 => match (encoding.long(least), encoding.long(greatest)) {
            // From 2^63 on, a value without sign is a negative long; NaN, which is beyond all other doubles, is 0.
            (lo, hi) if lo <= hi && !encoding.double(least).is_nan() && !encoding.double(greatest).is_nan() => {
                Interval::I64 { lo, hi }
            }
            _ => Interval::all(ValueType::I64),
        },
        ValueType::Bool => {
            let (first, last) = encoding.zeros();
            Interval::Bool { no: least <= last && first <= greatest, yes: least < first || last < greatest }
        }
        ValueType::Str => Interval::Str,
    }
}

#[inline]
fn doubles((least, greatest): (u64, u64), decode: impl Fn(u64) -> f64) -> Interval {
    // NaN is beyond all other doubles: then they may be anything.
    let (lo, hi) = (decode(least), decode(greatest));
    Interval::F64 {
        lo: if lo.is_nan() { f64::NEG_INFINITY } else { lo },
        hi: if hi.is_nan() { f64::INFINITY } else { hi },
        nan: lo.is_nan() || hi.is_nan(),
    }
}

impl fmt::Debug for ColumnZones {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ColumnZones").field(&self.whole()).finish()
    }
}
