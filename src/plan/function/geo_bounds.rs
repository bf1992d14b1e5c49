//! Bounds of distances on the earth between two boxes of latitudes and longitudes.
//!
//! The haversine of a distance is `(1 - cos(latitudes apart)) + cos * cos * (1 - cos(longitudes apart))`. Each of its parts
//! is bounded alone, so the least distance is no more than the true one, and near it for boxes that are small or far.

use std::f64::consts::{FRAC_PI_2, PI};

use super::sloppy_math::{EARTH_MEAN_RADIUS_METERS, haversin_meters};
use super::trigonometry::to_radians;
use crate::plan::interval::Doubles;

/// What the tables of cosines and arc sines may be off, all together.
const SLACK: f64 = 4e-15;

/// By how much that may change an angle at most: twice the arc sine of the root of [`SLACK`], which is the change from zero.
const SLACK_OF_ANGLE: f64 = 1.3e-7;

/// Relative slack of what follows from the haversine.
const RELATIVE: f64 = 1e-11;

/// The distances in metres, as `haversin_meters` computes them, of points whose latitudes and longitudes lie in intervals.
pub(crate) fn meters_between((lat, lon): (Doubles, Doubles), (to_lat, to_lon): (Doubles, Doubles)) -> Doubles {
    let all = [lat, lon, to_lat, to_lon];
    let nan = all.iter().any(|x| x.nan | x.has_infinity());
    if all.iter().any(|x| x.is_empty()) {
        return Doubles { nan, ..Doubles::NAN };
    }
    if let [Some(lat), Some(lon), Some(to_lat), Some(to_lon)] = all.map(Doubles::as_point) {
        return Doubles::point(haversin_meters(lat, lon, to_lat, to_lon));
    }
    let turns = lon - to_lon;
    let ends = |x: Doubles| (x.lo, x.hi);
    if nan || !is_latitude(ends(lat)) || !is_latitude(ends(to_lat)) || turns.lo < -360.0 || turns.hi > 360.0 {
        return Doubles { lo: 0.0, hi: farthest(), nan: true };
    }
    if let Some(most) = most_where_boxes_meet((ends(lat), ends(lon)), (ends(to_lat), ends(to_lon))) {
        return Doubles::new(0.0, most);
    }
    let radians = |degrees: Doubles| degrees.increasing(to_radians);
    let (x, to_x) = (radians(lat), radians(to_lat));
    let apart = one_minus_cos((x - to_x).abs());
    let across = one_minus_cos(radians(turns).abs());
    let (cos, to_cos) = (x.abs().decreasing(libm::cos), to_x.abs().decreasing(libm::cos));
    let least = apart.lo + cos.lo * to_cos.lo * across.lo - SLACK;
    let most = apart.hi + cos.hi * to_cos.hi * across.hi + SLACK;
    Doubles::new(meters(least) * (1.0 - RELATIVE), (meters(most) * (1.0 + RELATIVE)).min(farthest()))
}

/// The farthest that points of two boxes may be apart, whose latitudes and longitudes lie between ends; none where the boxes do not
/// meet, or an end is no place. Most zones of places in no order meet any box.
#[inline(always)]
pub(crate) fn most_where_boxes_meet((lat, lon): (Ends, Ends), (to_lat, to_lon): (Ends, Ends)) -> Option<f64> {
    let north = (lat.0 - to_lat.1, lat.1 - to_lat.0);
    let east = (lon.0 - to_lon.1, lon.1 - to_lon.0);
    let contains_zero = |(lo, hi): Ends| (lo <= 0.0) & (hi >= 0.0);
    let meet = contains_zero(north) & contains_zero(east);
    let are_places = is_latitude(lat) & is_latitude(to_lat) & (east.0 >= -360.0) & (east.1 <= 360.0);
    let way = |(lo, hi): Ends| if -lo > hi { -lo } else { hi };
    // No way is longer than one to the north and one to the east, but near ones may come out longer.
    let most = EARTH_MEAN_RADIUS_METERS * (to_radians(way(north) + way(east)) * (1.0 + RELATIVE) + SLACK_OF_ANGLE);
    let most = if most < farthest() { most } else { farthest() };
    (meet & are_places).then_some(most)
}

/// At a pole a cosine may be rounded below 0, and the root of what follows from it is NaN.
#[inline(always)]
fn is_latitude((lo, hi): Ends) -> bool {
    (lo > -89.99) & (hi < 89.99)
}

/// The ends of an interval.
type Ends = (f64, f64);

/// `1 - cos` of angles from 0 to a full turn: it grows to the half, then falls.
fn one_minus_cos(angle: Doubles) -> Doubles {
    let ends = (1.0 - libm::cos(angle.lo), 1.0 - libm::cos(angle.hi));
    let hi = if angle.lo <= PI && angle.hi >= PI { 2.0 } else { ends.0.max(ends.1) };
    Doubles::new(ends.0.min(ends.1), hi)
}

/// The distance of a haversine.
fn meters(haversine: f64) -> f64 {
    let half_chord = (haversine.clamp(0.0, 2.0) * 0.5).sqrt().min(1.0);
    EARTH_MEAN_RADIUS_METERS * 2.0 * libm::asin(half_chord)
}

/// Half around the earth, and what rounding may add.
fn farthest() -> f64 {
    EARTH_MEAN_RADIUS_METERS * 2.0 * FRAC_PI_2 * (1.0 + RELATIVE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_places_may_come_out_farther_than_they_are() {
        for step in 0..20_000 {
            let (north, east) = (10f64.powf(-12.0 + f64::from(step) * 6e-4), f64::from(step % 7) * 0.009_542_7);
            for (lat, lon) in [(0.0, 0.0), (45.0, 90.0), (-80.0, 179.0)] {
                let boxed = (Doubles::new(lat, lat + north), Doubles::new(lon, lon + east));
                let from = (Doubles::point(lat), Doubles::point(lon));
                let found = meters_between(boxed, from);
                let real = haversin_meters(lat + north, lon + east, lat, lon);
                assert!(found.lo <= real && real <= found.hi, "{real} is not in {found:?}");
            }
        }
    }
}
