//! Distances on the earth: Lucene's `SloppyMath` and OpenSearch's `GeoUtils`.

use super::batch::map_n;
use super::functions;
use super::sloppy_math::haversin_meters;
use super::trigonometry::to_radians;

functions! {
    /// The great-circle distance in kilometres of two points, given as latitude, longitude, latitude, longitude.
    haversin(F64, F64, F64, F64) -> F64, cost 15.0, "haversin(1.0, 2.0, 1.0, 2.0)" => "0.0", |args, out, _| map_n(args, out, |[a, b, c, d]| haversin_meters(a, b, c, d) / 1000.0);
    /// The great-circle distance in metres of two points, given as latitude, longitude, latitude, longitude.
    arc_distance(F64, F64, F64, F64) -> F64, cost 15.0, "arc_distance(1.0, 2.0, 1.0, 2.0)" => "0.0", |args, out, _| map_n(args, out, |[a, b, c, d]| haversin_meters(a, b, c, d));
    /// The distance in metres of two near points on a plane, given as latitude, longitude, latitude, longitude.
    plane_distance(F64, F64, F64, F64) -> F64, cost 12.0, "plane_distance(1.0, 2.0, 1.0, 2.0)" => "0.0", |args, out, _| map_n(args, out, plane_meters);
}

/// `GeoUtils.planeDistance`.
fn plane_meters([lat1, lon1, lat2, lon2]: [f64; 4]) -> f64 {
    let x = to_radians(lon2 - lon1) * libm::cos(to_radians((lat2 + lat1) / 2.0));
    let y = to_radians(lat2 - lat1);
    (x * x + y * y).sqrt() * super::sloppy_math::EARTH_MEAN_RADIUS_METERS
}
