//! Distances on the earth: Lucene's `SloppyMath` and OpenSearch's `GeoUtils`.

use super::batch::{Batch, BatchMut, Scalar, constant, map_n};
use super::bounds::{double, wave};
use super::functions;
use super::geo_bounds::meters_between;
use super::sloppy_math::{EARTH_MEAN_RADIUS_METERS, haversin_meters};
use super::trigonometry::to_radians;
use super::wide::meters_from;
use crate::plan::interval::{Doubles, Interval};

functions! {
    /// The great-circle distance in kilometres of two points, given as latitude, longitude, latitude, longitude.
    haversin(F64, F64, F64, F64) -> F64, cost 15.0, "haversin(1.0, 2.0, 1.0, 2.0)" => "0.0", |args, out, _| distances(args, out, |meters| meters / 1000.0), |a| distance_bounds(a).increasing(|meters| meters / 1000.0).into();
    /// The great-circle distance in metres of two points, given as latitude, longitude, latitude, longitude.
    arc_distance(F64, F64, F64, F64) -> F64, cost 15.0, "arc_distance(1.0, 2.0, 1.0, 2.0)" => "0.0", |args, out, _| distances(args, out, |meters| meters), |a| distance_bounds(a).into();
    /// The distance in metres of two near points on a plane, given as latitude, longitude, latitude, longitude.
    plane_distance(F64, F64, F64, F64) -> F64, cost 12.0, "plane_distance(1.0, 2.0, 1.0, 2.0)" => "0.0", |args, out, _| map_n(args, out, plane_meters), |a| plane_bounds([0, 1, 2, 3].map(|i| double(a, i))).into();
}

/// Distances along great circles. The second point is mostly the same in all rows: then they are computed side by side.
fn distances(args: &[Batch<'_>], out: &mut BatchMut<'_>, unit: impl Fn(f64) -> f64) {
    let [lats, lons, to_lats, to_lons] = [0, 1, 2, 3].map(|i| f64::column(&args[i]));
    match (constant(to_lats), constant(to_lons)) {
        (Some(lat), Some(lon)) => {
            let out = f64::column_mut(out);
            meters_from((lat, lon), lats, lons, out);
            out.iter_mut().for_each(|meters| *meters = unit(*meters));
        }
        _ => map_n(args, out, |[lat, lon, to_lat, to_lon]| unit(haversin_meters(lat, lon, to_lat, to_lon))),
    }
}

/// `GeoUtils.planeDistance`.
fn plane_meters([lat1, lon1, lat2, lon2]: [f64; 4]) -> f64 {
    let x = to_radians(lon2 - lon1) * libm::cos(to_radians((lat2 + lat1) / 2.0));
    let y = to_radians(lat2 - lat1);
    (x * x + y * y).sqrt() * EARTH_MEAN_RADIUS_METERS
}

fn distance_bounds(args: &[Interval]) -> Doubles {
    let [lat, lon, to_lat, to_lon] = [0, 1, 2, 3].map(|i| double(args, i));
    meters_between((lat, lon), (to_lat, to_lon))
}

/// The operations of [`plane_meters`], one by one.
fn plane_bounds([lat1, lon1, lat2, lon2]: [Doubles; 4]) -> Doubles {
    let radians = |degrees: Doubles| degrees.increasing(to_radians);
    let square = |x: Doubles| x.abs() * x.abs();
    let middle = radians((lat2 + lat1) / Doubles::point(2.0));
    let x = radians(lon2 - lon1) * wave(middle, 0.0, libm::cos);
    let y = radians(lat2 - lat1);
    (square(x) + square(y)).increasing(f64::sqrt) * Doubles::point(EARTH_MEAN_RADIUS_METERS)
}
