//! Between which values a part of a column lies in a zone, when its values lie between two.

use super::part::{Distance, GeoDistance, Mode, Part};
use crate::exec::zones::ColumnZone;
use crate::plan::function::geo_bounds::meters_between;
use crate::plan::interval::{Doubles, Interval, Longs, Truth, higher};
use crate::plan::script::ValueType;

/// How far the mean of many may be rounded away from all of them, relative to the greatest: a segment has fewer than 2^32
/// values, and each of them adds one rounding.
const MEAN_ERROR: f64 = 1e-6;

impl Part {
    /// Between which values this part lies, read as a type, of those documents of a zone that have some.
    #[inline]
    pub(crate) fn bounds(self, zone: &ColumnZone, ty: ValueType) -> Interval {
        match (self, ty) {
            (_, ValueType::Str) => Interval::Str,
            (Self::Count, ValueType::I64) => count(zone).into(),
            (Self::Count, ValueType::F64) => Doubles::from(count(zone)).into(),
            (Self::First | Self::Max, ValueType::I64) => longs(zone).into(),
            (Self::First | Self::Max, ValueType::Bool) if !is_geo(zone) => zone.values.as_truth().into(),
            (_, ValueType::F64) => self.doubles(zone).into(),
            (_, ValueType::I64 | ValueType::Bool) => Interval::all(ty),
        }
    }

    fn doubles(self, zone: &ColumnZone) -> Doubles {
        match self {
            Self::First | Self::Max | Self::Count => doubles(zone),
            Self::Sum => sum(Doubles::point(0.0) + doubles(zone), zone.multi),
            Self::Avg => mean(Doubles::point(0.0) + doubles(zone), zone.multi),
            Self::Median => median(doubles(zone), zone.multi),
            Self::Lat if is_geo(zone) => zone.values.as_doubles(),
            Self::Lon if is_geo(zone) => zone.longitudes.as_doubles(),
            Self::Lat | Self::Lon => Doubles::ALL,
            Self::Distance(distance) => distance.bounds(zone),
            Self::GeoDistance(distance) => distance.bounds(zone),
        }
    }
}

impl Distance {
    fn bounds(&self, zone: &ColumnZone) -> Doubles {
        let apart = (doubles(zone) - Doubles::point(self.origin)).abs();
        self.mode.bounds(beyond(apart, self.offset), zone.multi)
    }
}

impl GeoDistance {
    fn bounds(&self, zone: &ColumnZone) -> Doubles {
        if !is_geo(zone) {
            return Doubles::ALL;
        }
        let from = (Doubles::point(self.lat), Doubles::point(self.lon));
        let apart = meters_between(from, (zone.values.as_doubles(), zone.longitudes.as_doubles()));
        self.mode.bounds(beyond(apart, self.offset), zone.multi)
    }
}

impl Mode {
    fn bounds(self, distances: Doubles, multi: bool) -> Doubles {
        match self {
            Self::Min | Self::Max => distances,
            Self::Avg => mean(distances, multi),
            Self::Sum => sum(distances, multi),
            Self::Median => median(distances, multi),
        }
    }
}

/// Whether a document of a zone has a constant among its values.
pub(crate) fn contains(zone: &ColumnZone, wanted: Interval) -> Truth {
    if !zone.some {
        return Truth::known(false);
    }
    let (yes, all) = match (zone.values, wanted) {
        _ if is_geo(zone) => (true, false),
        (Interval::I64 { lo, hi }, Interval::I64 { lo: wanted, .. }) => {
            (Longs::new(lo, hi).contains(wanted), lo == wanted && hi == wanted)
        }
        (Interval::F64 { lo, hi, nan }, Interval::F64 { lo: wanted, nan: false, .. }) => {
            let values = Doubles { lo, hi, nan };
            (values.contains(wanted), values.as_point().is_some_and(|v| v.to_bits() == wanted.to_bits()))
        }
        (Interval::Bool { no, yes }, Interval::Bool { yes: wanted, .. }) => {
            let values = Truth { no, yes };
            (if wanted { yes } else { no }, values.as_known() == Some(wanted))
        }
        _ => (true, false),
    };
    Truth { yes, no: zone.missing || !all }
}

/// Whether a document of a zone has a value.
#[inline]
pub(crate) fn present(zone: &ColumnZone) -> Truth {
    Truth { no: zone.missing || !zone.some, yes: zone.some }
}

/// Of points, longitudes are known; other columns have none.
fn is_geo(zone: &ColumnZone) -> bool {
    !zone.longitudes.as_doubles().is_empty()
}

#[inline]
fn doubles(zone: &ColumnZone) -> Doubles {
    match zone.values {
        _ if is_geo(zone) => Doubles::ALL,
        Interval::F64 { lo, hi, nan } => Doubles { lo, hi, nan },
        Interval::I64 { lo, hi } => Longs::new(lo, hi).into(),
        Interval::Bool { no, yes } => Doubles::new(if no { 0.0 } else { 1.0 }, if yes { 1.0 } else { 0.0 }),
        Interval::Str => Doubles::ALL,
    }
}

#[inline]
fn longs(zone: &ColumnZone) -> Longs {
    match zone.values {
        Interval::I64 { lo, hi } => Longs::new(lo, hi),
        Interval::Bool { no, yes } => Longs::new(i64::from(!no), i64::from(yes)),
        Interval::F64 { .. } | Interval::Str => Longs::ALL,
    }
}

fn count(zone: &ColumnZone) -> Longs {
    Longs::new(1, if zone.multi { i64::from(u32::MAX) } else { 1 })
}

/// What of distances is beyond an offset.
pub(crate) fn beyond(apart: Doubles, offset: f64) -> Doubles {
    let rest = apart - Doubles::point(offset);
    if rest.is_empty() { rest } else { Doubles { lo: higher(rest.lo, 0.0), hi: higher(rest.hi, 0.0), nan: rest.nan } }
}

/// The sum of ascending numbers: NaN where infinity follows negative ones, which may add up to minus infinity.
fn sum(of: Doubles, multi: bool) -> Doubles {
    if !multi || of.is_empty() {
        return of;
    }
    let lo = if of.lo < 0.0 { f64::NEG_INFINITY } else { of.lo };
    let hi = if of.hi > 0.0 { f64::INFINITY } else { of.hi };
    Doubles { lo, hi, nan: of.nan || (of.lo < 0.0 && of.hi == f64::INFINITY) }
}

fn mean(of: Doubles, multi: bool) -> Doubles {
    if !multi || of.is_empty() {
        return of;
    }
    let most = of.lo.abs().max(of.hi.abs());
    let error = if most < 1e290 { most * MEAN_ERROR } else { f64::INFINITY };
    let (mut lo, mut hi) = (of.lo - error, of.hi + error);
    // A sum of numbers of one sign has it.
    if of.lo >= 0.0 {
        lo = higher(lo, 0.0);
    }
    if of.hi <= 0.0 {
        hi = 0.0_f64.min(hi);
    }
    let lo = if lo.is_nan() { f64::NEG_INFINITY } else { lo };
    let hi = if hi.is_nan() { f64::INFINITY } else { hi };
    Doubles { lo, hi, nan: of.nan || (of.lo < 0.0 && of.hi == f64::INFINITY) }
}

/// The median lies between the numbers, unless the sum of the two in the middle is too great.
fn median(of: Doubles, multi: bool) -> Doubles {
    const HALF: f64 = f64::MAX / 2.0;
    if !multi || of.is_empty() {
        return of;
    }
    let lo = if of.lo < -HALF { f64::NEG_INFINITY } else { of.lo };
    let hi = if of.hi > HALF { f64::INFINITY } else { of.hi };
    Doubles { lo, hi, nan: of.nan || (of.lo == f64::NEG_INFINITY && of.hi == f64::INFINITY) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{Just, ProptestConfig, any, prop_assert, prop_oneof, proptest};
    use proptest::strategy::Strategy;

    use super::*;

    /// The values of a document, ascending: mostly of one sign and size, sometimes of any.
    fn values() -> impl Strategy<Value = Vec<f64>> {
        let value = prop_oneof![
            -1.0..1.0,
            10.0..11.0,
            Just(-0.0),
            Just(0.1),
            any::<f64>().prop_map(|x| if x.is_nan() { 1.0 } else { x }),
        ];
        proptest::collection::vec(value, 1..5).prop_map(|mut values| {
            values.sort_by(f64::total_cmp);
            values
        })
    }

    fn mode() -> impl Strategy<Value = Mode> {
        prop_oneof![Just(Mode::Min), Just(Mode::Max), Just(Mode::Avg), Just(Mode::Sum), Just(Mode::Median)]
    }

    fn hull(values: impl Iterator<Item = f64>) -> Doubles {
        values.map(Doubles::point).fold(Doubles::NONE, Doubles::join)
    }

    fn zone(values: Doubles, longitudes: Doubles, multi: bool) -> ColumnZone {
        ColumnZone { values: values.into(), longitudes: longitudes.into(), some: true, missing: false, multi }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn parts_lie_in_their_bounds(
            docs in proptest::collection::vec(values(), 1..4),
            origin in -2.0..12.0,
            offset in 0.0..1.0,
            mode in mode(),
        ) {
            let zone = zone(hull(docs.iter().flatten().copied()), Doubles::NONE, docs.iter().any(|doc| doc.len() > 1));
            let distance = Distance { origin, offset, mode };
            for doc in &docs {
                let count = doc.len();
                let sum = doc.iter().fold(0.0, |sum, x| sum + x);
                let middle = (doc[(count - 1) / 2], doc[count / 2]);
                let median = if count % 2 == 1 { middle.0 } else { (middle.0 + middle.1) / 2.0 };
                for (part, value) in [
                    (Part::First, doc[0]),
                    (Part::Max, doc[count - 1]),
                    (Part::Sum, sum),
                    (Part::Avg, sum / count as f64),
                    (Part::Median, median),
                    (Part::Distance(distance), mode.combine(doc.iter().map(|x| distance.of(*x)))),
                ] {
                    let bounds = part.bounds(&zone, ValueType::F64);
                    prop_assert!(bounds.as_doubles().contains(value), "{part:?} of {doc:?} is {value:?}, not in {bounds:?}");
                }
            }
        }

        #[test]
        fn distances_of_points_lie_in_their_bounds(
            corner in (-90.0..90.0, -180.0..180.0),
            size in prop_oneof![Just(0.0), 0.0..1e-6, 0.0..1.0, 0.0..90.0],
            points in proptest::collection::vec((0.0..=1.0, 0.0..=1.0), 1..4),
            origin in prop_oneof![(-90.0..=90.0, -180.0..=180.0), (Just(90.0), Just(0.0)), (Just(0.0), Just(180.0))],
            offset in prop_oneof![Just(0.0), 0.0..1e6],
            mode in mode(),
        ) {
            let (lat, lon): (f64, f64) = corner;
            let place = |(north, east): &(f64, f64)| ((lat + north * size).min(90.0), (lon + east * size).min(180.0));
            let points: Vec<_> = points.iter().map(place).collect();
            let distance = GeoDistance { lat: origin.0, lon: origin.1, offset, mode };
            let value = mode.combine(points.iter().map(|(lat, lon)| distance.of(*lat, *lon)));
            let zone = zone(hull(points.iter().map(|p| p.0)), hull(points.iter().map(|p| p.1)), points.len() > 1);
            let bounds = Part::GeoDistance(distance).bounds(&zone, ValueType::F64);
            prop_assert!(bounds.as_doubles().contains(value), "{value} of {points:?} is not in {bounds:?}");
        }
    }
}
