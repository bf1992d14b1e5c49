//! `geo_point`: a latitude and a longitude, kept as one long of 32 bits each, as Lucene encodes them.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::error::Result;
use crate::plan::field::number::parse_java_double;
use crate::plan::mapping::Field;
use crate::plan::value::Value;

/// A point on earth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GeoPoint {
    /// The value of explicit nulls, encoded.
    pub null_value: Option<i64>,
    /// Whether malformed values of documents are left out instead of refusing the document.
    pub ignore_malformed: bool,
    /// Whether a third coordinate is refused (`"ignore_z_value": false`).
    pub refuse_z: bool,
}

const LAT_SCALE: f64 = 4_294_967_296.0 / 180.0;
const LON_SCALE: f64 = 4_294_967_296.0 / 360.0;

/// A point as one long: the latitude's 32 bits above the longitude's.
pub fn encode(lat: f64, lon: f64) -> i64 {
    // The highest coordinate would need one step more than there is.
    let lat = if lat == 90.0 { lat.next_down() } else { lat };
    let lon = if lon == 180.0 { lon.next_down() } else { lon };
    let lat = (lat * LAT_SCALE).floor() as i32;
    let lon = (lon * LON_SCALE).floor() as i32;
    (i64::from(lat) << 32) | i64::from(lon as u32)
}

/// The latitude and longitude that an encoded point stands for.
pub fn decode(encoded: i64) -> (f64, f64) {
    let (lat, lon) = ((encoded >> 32) as i32, encoded as i32);
    (f64::from(lat) / LAT_SCALE, f64::from(lon) / LON_SCALE)
}

impl GeoPoint {
    pub(crate) fn parse_doc(&self, field: &Field, value: &Json) -> Result<Option<Value>> {
        if value.is_null() {
            return Ok(self.null_value.map(Value::I64));
        }
        let parsed = parse_any(value).and_then(|point| match point {
            Point { z: Some(_), .. } if self.refuse_z => Err(format!("{value} has a third coordinate")),
            point if self.ignore_malformed => Ok(point.wrapped()),
            point => point.checked(),
        });
        match parsed {
            Ok((lat, lon)) => Ok(Some(Value::I64(encode(lat, lon)))),
            Err(_) if self.ignore_malformed => Ok(None),
            Err(reason) => Err(field.bad_value(reason)),
        }
    }
}

/// Parses a point in any of the forms that documents and queries use: an object of `lat` and `lon` or `geohash`, an
/// array `[lon, lat]`, the strings `"lat,lon"`, `"POINT (lon lat)"` and a geohash, GeoJSON.
///
/// # Errors
/// The text says why it is no point.
pub fn parse(value: &Json) -> Result<(f64, f64), String> {
    parse_any(value)?.checked()
}

/// A point as it is written.
#[derive(Clone, Copy)]
struct Point {
    lat: f64,
    lon: f64,
    z: Option<f64>,
}

impl Point {
    fn of(coordinates: &[f64]) -> Option<Self> {
        match *coordinates {
            [lon, lat] => Some(Self { lat, lon, z: None }),
            [lon, lat, z] => Some(Self { lat, lon, z: Some(z) }),
            _ => None,
        }
    }

    /// Latitude and longitude, if they are on earth.
    fn checked(self) -> Result<(f64, f64), String> {
        if !(-90.0..=90.0).contains(&self.lat) {
            return Err(format!("illegal latitude value [{}]", self.lat));
        }
        if !(-180.0..=180.0).contains(&self.lon) {
            return Err(format!("illegal longitude value [{}]", self.lon));
        }
        Ok((self.lat, self.lon))
    }

    /// Latitude and longitude, brought onto the earth by going on around it.
    fn wrapped(self) -> (f64, f64) {
        let Self { mut lat, mut lon, .. } = self;
        if !lat.is_finite() || !lon.is_finite() {
            return (0.0, 0.0);
        }
        let centered = |value: f64| {
            let rest = value.rem_euclid(360.0);
            if rest > 180.0 { rest - 360.0 } else { rest }
        };
        if !(-90.0..=90.0).contains(&lat) {
            lat = centered(lat);
            if lat.abs() > 90.0 {
                // Beyond a pole the other side begins.
                lat = 180_f64.copysign(lat) - lat;
                lon += 180.0;
            }
            lon = centered(lon);
        }
        if !(-180.0..=180.0).contains(&lon) {
            lon = centered(lon);
        }
        (lat, lon)
    }
}

fn parse_any(value: &Json) -> Result<Point, String> {
    match value {
        Json::Object(object) if object.contains_key("coordinates") => match object.get("type").and_then(Json::as_str) {
            Some(ty) if ty.eq_ignore_ascii_case("point") => parse_any(&object["coordinates"]),
            _ => Err(format!("{value} is no GeoJSON point")),
        },
        Json::Object(object) => parse_object(object),
        Json::Array(items) => items
            .iter()
            .map(Json::as_f64)
            .collect::<Option<Vec<_>>>()
            .and_then(|numbers| Point::of(&numbers))
            .ok_or_else(|| format!("{value} is no point: an array is [longitude, latitude]")),
        Json::String(text) => parse_text(text),
        _ => Err(format!("{value} is no point")),
    }
}

fn parse_object(object: &Map<String, Json>) -> Result<Point, String> {
    if let Some(key) = object.keys().find(|key| !matches!(key.as_str(), "lat" | "lon" | "geohash")) {
        return Err(format!("`{key}` is no part of a point: the parts are `lat`, `lon` or `geohash`"));
    }
    if let Some(hash) = object.get("geohash") {
        return match hash {
            _ if object.len() > 1 => Err("a point is either `lat` and `lon` or `geohash`".to_owned()),
            Json::String(hash) => parse_geohash(hash),
            _ => Err("`geohash` must be a string".to_owned()),
        };
    }
    let part = |key: &str| {
        let value = object.get(key).ok_or_else(|| format!("`{key}` is missing"))?;
        match value {
            Json::String(text) => parse_java_double(text),
            other => other.as_f64(),
        }
        .ok_or_else(|| format!("`{key}` must be a number, found {value}"))
    };
    Ok(Point { lat: part("lat")?, lon: part("lon")?, z: None })
}

fn parse_text(text: &str) -> Result<Point, String> {
    let no_point = || format!("`{text}` is no point");
    let numbers = |parts: &mut dyn Iterator<Item = &str>| parts.map(parse_java_double).collect::<Option<Vec<_>>>();
    if text.contains(',') {
        let mut parts = numbers(&mut text.split(',')).ok_or_else(no_point)?;
        if parts.len() > 1 {
            parts.swap(0, 1);
        }
        return Point::of(&parts).ok_or_else(no_point);
    }
    let trimmed = text.trim();
    if trimmed.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("point")) {
        let inside =
            trimmed[5..].trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).ok_or_else(no_point)?;
        let parts = numbers(&mut inside.split_whitespace()).ok_or_else(no_point)?;
        return Point::of(&parts).ok_or_else(no_point);
    }
    parse_geohash(text)
}

/// The south-western corner of a geohash's cell.
fn parse_geohash(hash: &str) -> Result<Point, String> {
    const DIGITS: &[u8] = b"0123456789bcdefghjkmnpqrstuvwxyz";
    if hash.is_empty() {
        return Err("an empty string is no point".to_owned());
    }
    let (mut lat, mut lon) = ((-90.0, 90.0), (-180.0, 180.0));
    let mut is_lon = true;
    // Twelve digits are as exact as a point is kept.
    for byte in hash.bytes().take(12) {
        let digit = DIGITS
            .iter()
            .position(|d| *d == byte.to_ascii_lowercase())
            .ok_or_else(|| format!("`{hash}` is no point: `{}` is no digit of a geohash", char::from(byte)))?;
        for bit in (0..5).rev() {
            let range: &mut (f64, f64) = if is_lon { &mut lon } else { &mut lat };
            let middle = f64::midpoint(range.0, range.1);
            if digit >> bit & 1 == 1 {
                range.0 = middle;
            } else {
                range.1 = middle;
            }
            is_lon = !is_lon;
        }
    }
    Ok(Point { lat: lat.0, lon: lon.0, z: None })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::field::FieldType;

    #[test]
    fn all_forms_of_a_point() {
        for (value, expected) in [
            (json!({"lat": 41.12, "lon": -71.34}), (41.12, -71.34)),
            (json!({"lat": "41.12", "lon": "-71.34"}), (41.12, -71.34)),
            (json!("41.12, -71.34"), (41.12, -71.34)),
            (json!([-71.34, 41.12]), (41.12, -71.34)),
            (json!([-71.34, 41.12, 5]), (41.12, -71.34)),
            (json!("POINT (-71.34 41.12)"), (41.12, -71.34)),
            (json!({"type": "Point", "coordinates": [-71.34, 41.12]}), (41.12, -71.34)),
            (json!("u"), (45.0, 0.0)),
            (json!({"geohash": "ezs42"}), (42.5830078125, -5.625)),
        ] {
            assert_eq!(parse(&value), Ok(expected), "{value}");
        }
        for value in [
            json!("91,0"),
            json!([0]),
            json!({"lat": 1}),
            json!({"lat": 1, "lat_": 2}),
            json!("a"),
            json!(""),
            json!("POINT (1)"),
            json!([181, 0]),
            json!(true),
            json!({"type": "LineString", "coordinates": []}),
            json!("1,2,3,4"),
            json!({"geohash": "u", "lat": 1}),
        ] {
            assert!(parse(&value).is_err(), "{value}");
        }
    }

    #[test]
    fn encodes_as_lucene() {
        let (lat, lon) = decode(encode(-24.688, 121.7613));
        assert_eq!((lat, lon), (-24.688000017777085, 121.7612999305129));
        for (lat, lon) in [(90.0, 180.0), (-90.0, -180.0), (0.0, 0.0)] {
            let (lat2, lon2) = decode(encode(lat, lon));
            assert!((lat - lat2).abs() < 1e-7 && (lon - lon2).abs() < 1e-7);
        }
    }

    #[test]
    fn malformed_points_wrap_around() {
        let field = Field::new("p", FieldType::GeoPoint(GeoPoint { ignore_malformed: true, ..GeoPoint::default() }));
        for (value, expected) in [(json!([190, 0]), (0.0, -170.0)), (json!([0, 100]), (80.0, 180.0))] {
            let Some(Value::I64(encoded)) = field.parse_doc(&value).unwrap() else { panic!("{value}") };
            let (lat, lon) = decode(encoded);
            assert!((lat - expected.0).abs() < 1e-6 && (lon - expected.1).abs() < 1e-6, "{value}: {lat} {lon}");
        }
        assert_eq!(field.parse_doc(&json!("nowhere")), Ok(None));
    }
}
