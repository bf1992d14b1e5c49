//! Numbers with units, as texts: durations and distances.

use crate::error::{Code, Error, Result};
use crate::plan::field::number::parse_java_double;

/// Units of time by their suffix, in nanoseconds; those whose end is another one's suffix stand before it.
pub(crate) const TIMES: &[(&str, i128)] = &[
    ("nanos", 1),
    ("micros", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", 86_400_000_000_000),
];

/// Units of distance by their suffix, in metres, in the order in which OpenSearch's `DistanceUnit` tries them.
const DISTANCES: &[(&str, f64)] = &[
    ("inch", 0.0254),
    ("in", 0.0254),
    ("yards", 0.9144),
    ("yd", 0.9144),
    ("feet", 0.3048),
    ("ft", 0.3048),
    ("kilometers", 1000.0),
    ("km", 1000.0),
    ("nauticalmiles", 1852.0),
    ("NM", 1852.0),
    ("nmi", 1852.0),
    ("millimeters", 0.001),
    ("mm", 0.001),
    ("centimeters", 0.01),
    ("cm", 0.01),
    ("miles", 1609.344),
    ("mi", 1609.344),
    ("meters", 1.0),
    ("m", 1.0),
];

/// A duration such as `30d` in milliseconds; what is less than one is cut off.
pub(crate) fn milliseconds(text: &str) -> Result<i64> {
    let lower = text.trim().to_ascii_lowercase();
    if matches!(lower.as_str(), "0" | "-1") {
        return Ok(if lower == "0" { 0 } else { -1 });
    }
    let found = TIMES.iter().find_map(|(suffix, unit)| Some((lower.strip_suffix(suffix)?.trim_end(), *unit)));
    let duration = found.and_then(|(number, unit)| Some(i128::from(number.parse::<i64>().ok()?) * unit / 1_000_000));
    duration.and_then(|ms| i64::try_from(ms).ok()).ok_or_else(|| {
        Error::new(Code::InvalidValue, format!("`{text}` is no duration"))
            .expected("a whole number and a unit: nanos, micros, ms, s, m, h or d")
    })
}

/// A distance such as `20mi` in metres; without a unit it is in metres.
pub(crate) fn metres(text: &str) -> Result<f64> {
    let found = DISTANCES.iter().find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)));
    let (number, unit) = found.unwrap_or((text, 1.0));
    parse_java_double(number.trim()).filter(|n| n.is_finite()).map(|n| n * unit).ok_or_else(|| {
        Error::new(Code::InvalidValue, format!("`{text}` is no distance"))
            .expected("a number and a unit: m, km, mi, yd, ft, in, cm, mm, nmi")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, expected) in [("30d", 2_592_000_000), ("12h", 43_200_000), ("1m", 60_000), ("5 ms", 5), ("0", 0)] {
            assert_eq!(milliseconds(text).unwrap(), expected, "{text}");
        }
        for text in ["", "d", "1.5d", "5", "5 weeks", "99999999999999999999d"] {
            assert!(milliseconds(text).is_err(), "{text}");
        }
    }

    #[test]
    fn distances() {
        for (text, expected) in
            [("20mi", 32_186.88), ("5km", 5_000.0), ("100", 100.0), ("50 kilometers", 50_000.0), ("2NM", 3_704.0)]
        {
            assert_eq!(metres(text).unwrap(), expected, "{text}");
        }
        for text in ["", "km", "far", "5 parsecs", "NaN", "1e999km"] {
            assert!(metres(text).is_err(), "{text}");
        }
    }
}
