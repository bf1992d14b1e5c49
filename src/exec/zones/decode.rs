//! Decodes what zone maps hold: raw values become those that kernels load.

use super::lanes::{Lanes, NAN};
use crate::exec::columns::{Encoding, latitude, longitude};
use crate::plan::interval::Interval;
use crate::plan::script::ValueType;

/// No value of a type.
pub(super) const fn nothing(ty: ValueType) -> Interval {
    match ty {
        ValueType::F64 => Interval::F64 { lo: f64::INFINITY, hi: f64::NEG_INFINITY, nan: false },
        ValueType::I64 => Interval::I64 { lo: i64::MAX, hi: i64::MIN },
        ValueType::Bool => Interval::Bool { no: false, yes: false },
        ValueType::Str => Interval::Str,
    }
}

/// A latitude, as its track holds it.
#[inline(always)]
pub(super) fn north(raw: u64) -> f64 {
    latitude(raw << 32)
}

/// A longitude, as its track holds it.
#[inline(always)]
pub(super) fn east(raw: u64) -> f64 {
    longitude(raw ^ 0x8000_0000)
}

/// Between which values those lie that are read as a type; the raw ones lie between two.
#[inline]
pub(super) fn numbers(encoding: Encoding, ty: ValueType, (least, greatest): (u64, u64)) -> Interval {
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
pub(super) fn doubles((least, greatest): (u64, u64), decode: impl Fn(u64) -> f64) -> Interval {
    // NaN is beyond all other doubles: then they may be anything.
    let (lo, hi) = (decode(least), decode(greatest));
    Interval::F64 {
        lo: if lo.is_nan() { f64::NEG_INFINITY } else { lo },
        hi: if hi.is_nan() { f64::INFINITY } else { hi },
        nan: lo.is_nan() || hi.is_nan(),
    }
}

/// Decodes the pairs of zones; a loop for each encoding, so that each is compiled to vector instructions.
#[inline(always)]
pub(super) fn decode_all(encoding: Encoding, values: &mut Lanes, zones: usize) {
    match encoding {
        Encoding::Double => decode(values, zones, |raw| Encoding::Double.double(raw)),
        Encoding::Long => decode(values, zones, |raw| Encoding::Long.double(raw)),
        Encoding::Unsigned | Encoding::Boolean => decode(values, zones, |raw| raw as f64),
        Encoding::Scaled(inverse) => decode(values, zones, |raw| Encoding::Scaled(inverse).double(raw)),
    }
}

/// Decodes the latitudes of zones.
#[inline(always)]
pub(super) fn decode_north(values: &mut Lanes, zones: usize) {
    decode(values, zones, north);
}

/// Decodes the longitudes of zones.
#[inline(always)]
pub(super) fn decode_east(values: &mut Lanes, zones: usize) {
    decode(values, zones, east);
}

#[inline(always)]
fn decode(values: &mut Lanes, zones: usize, double: impl Fn(u64) -> f64) {
    let Lanes { lo, hi, flags } = values;
    let mut nan = false;
    for end in [&mut *lo, &mut *hi] {
        for raw in &mut end[..zones] {
            *raw = double(raw.to_bits());
            nan |= raw.is_nan();
        }
    }
    flags[..zones].fill(0);
    if nan {
        for lane in 0..zones {
            if lo[lane].is_nan() || hi[lane].is_nan() {
                // NaN is beyond all other doubles: then they may be anything.
                lo[lane] = if lo[lane].is_nan() { f64::NEG_INFINITY } else { lo[lane] };
                hi[lane] = if hi[lane].is_nan() { f64::INFINITY } else { hi[lane] };
                flags[lane] = NAN;
            }
        }
    }
}
