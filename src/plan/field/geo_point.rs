//! `geo_point`: a latitude and a longitude, kept as one long of 32 bits each, as Lucene encodes them.

use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

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
        match parse(value) {
            Ok((lat, lon)) => Ok(Some(Value::I64(encode(lat, lon)))),
            Err(_) if self.ignore_malformed => Ok(None),
            Err(reason) => Err(field.bad_value(reason)),
        }
    }
}

/// Parses a point in any of the forms that documents and queries use.
///
/// # Errors
/// The text says why it is no point.
pub fn parse(value: &Json) -> Result<(f64, f64), String> {
    let (lat, lon) = match value {
        Json::Object(object) => {
            let part =
                |key: &str| object.get(key).and_then(number).ok_or_else(|| format!("`{key}` is missing or no number"));
            (part("lat")?, part("lon")?)
        }
        Json::Array(items) => match items.iter().map(number).collect::<Option<Vec<_>>>().as_deref() {
            Some([lon, lat] | [lon, lat, _]) => (*lat, *lon),
            _ => return Err(format!("{value} is no point: an array is [longitude, latitude]")),
        },
        Json::String(text) => match text.split(',').map(parse_java_double).collect::<Option<Vec<_>>>().as_deref() {
            Some([lat, lon] | [lat, lon, _]) => (*lat, *lon),
            _ => return Err(format!("{value} is no point")),
        },
        _ => return Err(format!("{value} is no point")),
    };
    if !(-90.0..=90.0).contains(&lat) {
        return Err(format!("latitude {lat} is not between -90 and 90"));
    }
    if !(-180.0..=180.0).contains(&lon) {
        return Err(format!("longitude {lon} is not between -180 and 180"));
    }
    Ok((lat, lon))
}

fn number(value: &Json) -> Option<f64> {
    match value {
        Json::String(text) => parse_java_double(text),
        other => other.as_f64(),
    }
}
