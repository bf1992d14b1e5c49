//! From the raw `u64` of a column to the value, in loops that vectorise.
//!
//! tantivy stores every number as a `u64` of the same order. Undoing that is a few bit operations without a branch.

/// The sign of a long.
pub(super) const TOP: u64 = 1 << 63;

/// A stored long.
#[inline(always)]
pub(super) fn long(raw: u64) -> i64 {
    (raw ^ TOP) as i64
}

/// A stored double. The sign decides, by a mask, whether all bits were flipped or only the first.
#[inline(always)]
pub(super) fn double(raw: u64) -> f64 {
    let positive = ((raw as i64) >> 63) as u64;
    f64::from_bits(raw ^ (TOP | !positive))
}

/// The raw form of a long.
pub(super) fn raw_long(value: i64) -> u64 {
    value as u64 ^ TOP
}

/// The raw form of a double.
pub(super) fn raw_double(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits & TOP == 0 { bits ^ TOP } else { !bits }
}

/// The latitude of a stored geo point, as Lucene's `GeoEncodingUtils` decodes it.
#[inline(always)]
pub(in crate::exec) fn latitude(raw: u64) -> f64 {
    f64::from((long(raw) >> 32) as i32) * (180.0 / (1u64 << 32) as f64)
}

/// The longitude of a stored geo point, as Lucene's `GeoEncodingUtils` decodes it.
#[inline(always)]
pub(in crate::exec) fn longitude(raw: u64) -> f64 {
    f64::from(long(raw) as i32) * (360.0 / (1u64 << 32) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_values_keep_order_and_bits() {
        let longs = [i64::MIN, -1, 0, 1, i64::MAX];
        assert!(longs.map(raw_long).is_sorted());
        assert_eq!(longs.map(raw_long).map(long), longs);
        let doubles = [f64::NEG_INFINITY, -1.5, -0.0, 0.0, 5e-324, 1.5, f64::INFINITY];
        assert!(doubles.map(raw_double).is_sorted());
        assert_eq!(doubles.map(raw_double).map(double).map(f64::to_bits), doubles.map(f64::to_bits));
        assert!(double(raw_double(f64::NAN)).is_nan());
    }

    #[test]
    fn geo_points_decode_as_lucene_does() {
        let raw = raw_long((1_i64 << 62) | 0x4000_0000);
        assert_eq!((latitude(raw), longitude(raw)), (45.0, 90.0));
        let raw = raw_long((-(1_i64 << 30) << 32) | 0xC000_0000);
        assert_eq!((latitude(raw), longitude(raw)), (-45.0, -90.0));
    }
}
