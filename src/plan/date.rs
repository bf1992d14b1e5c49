//! Dates as OpenSearch reads them: formats (named ones and Java patterns), date math, time zones.

mod epoch;
mod item;
pub mod math;
mod names;
mod parse;
mod pattern;
mod resolve;
pub mod zone;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result, did_you_mean};
use epoch::Epoch;
use item::Item;
use math::Rounding;
use resolve::Resolver;
use zone::TimeZone;

/// How dates are written: alternatives, tried in order (`strict_date_optional_time||epoch_millis`).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateFormat {
    source: String,
    alternatives: Vec<Alternative>,
}

/// The format of date fields that name none.
pub const DEFAULT_FORMAT: &str = "strict_date_optional_time||epoch_millis";

/// One way to write a date.
#[derive(Clone, Debug)]
enum Alternative {
    /// As a count.
    Epoch(Epoch),
    /// By a pattern.
    Pattern(Vec<Item>, Resolver),
}

impl Default for DateFormat {
    fn default() -> Self {
        Self::new(DEFAULT_FORMAT).expect("the default format is valid")
    }
}

impl PartialEq for DateFormat {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl From<DateFormat> for String {
    fn from(format: DateFormat) -> Self {
        format.source
    }
}

impl TryFrom<String> for DateFormat {
    type Error = Error;

    fn try_from(source: String) -> Result<Self> {
        Self::new(&source)
    }
}

impl DateFormat {
    /// Reads a format: named formats and Java patterns, with `||` between alternatives.
    ///
    /// # Errors
    /// A name or pattern is not known.
    pub fn new(source: &str) -> Result<Self> {
        let mut alternatives = Vec::new();
        for part in source.split("||") {
            match part.trim() {
                "" => {
                    return Err(Error::new(Code::InvalidDate, format!("no date pattern provided in [{source}]"))
                        .with_type("illegal_argument_exception"));
                }
                part => match (Epoch::of(part), names::named(part)) {
                    (Some(epoch), _) => alternatives.push(Alternative::Epoch(epoch)),
                    (None, Some(named)) => {
                        for pattern in named.patterns {
                            alternatives.push(Alternative::Pattern(pattern::compile(pattern)?, named.resolver));
                        }
                    }
                    (None, None) => alternatives.push(Alternative::Pattern(compile_custom(part)?, Resolver::Strict)),
                },
            }
        }
        Ok(Self { source: source.to_owned(), alternatives })
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
        self.alternatives.iter().find_map(|alternative| alternative.parse(text, zone, rounding)).ok_or_else(|| {
            let format = &self.source;
            Error::new(Code::InvalidDate, format!("failed to parse date field [{text}] with format [{format}]"))
        })
    }
}

/// Compiles a pattern that a user wrote.
fn compile_custom(text: &str) -> Result<Vec<Item>> {
    if text.contains(['{', '}']) {
        return Err(Error::new(Code::InvalidDate, format!("invalid format [{text}]: braces are reserved"))
            .with_type("illegal_argument_exception"));
    }
    pattern::compile(text).map_err(|e| {
        let looks_like_a_name = text.len() > 3 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        match did_you_mean(text, names::names().chain(["epoch_millis", "epoch_second"])) {
            Some(near) if looks_like_a_name => e.hint(format!("did you mean `{near}`?")),
            _ => e,
        }
    })
}

impl Alternative {
    fn parse(&self, text: &str, zone: &TimeZone, rounding: Rounding) -> Option<i64> {
        match self {
            // The count is taken for local time where a zone is asked for, as OpenSearch does.
            Self::Epoch(epoch) => zone.to_utc(epoch.parse(text, rounding)?),
            Self::Pattern(items, resolver) => {
                let parsed = parse::parse(items, text)?;
                resolve::resolve(&parsed, *resolver, zone, rounding)
            }
        }
    }
}

/// An instant as answers show it: `2024-12-22T06:31:31.000Z`.
pub fn iso_millis(millis: i64) -> String {
    match chrono::DateTime::from_timestamp_millis(millis) {
        Some(date) => date.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string(),
        None => millis.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ends of what a text means: "-" where it is refused.
    fn ends(format: &str, text: &str) -> (String, String) {
        let format = DateFormat::new(format).unwrap();
        let end = |rounding| {
            let millis = format.parse_rounded(text, &TimeZone::default(), rounding);
            millis.map_or_else(|_| "-".to_owned(), iso_millis)
        };
        (end(Rounding::Down), end(Rounding::Up))
    }

    #[test]
    fn default_format() {
        for (text, down, up) in [
            ("2024-02", "2024-02-01T00:00:00.000Z", "2024-02-01T23:59:59.999Z"),
            ("2024", "2024-01-01T00:00:00.000Z", "2024-01-01T23:59:59.999Z"),
            ("2024-08-23", "2024-08-23T00:00:00.000Z", "2024-08-23T23:59:59.999Z"),
            ("2024-08-23T10", "2024-08-23T10:00:00.000Z", "2024-08-23T10:59:59.999Z"),
            ("2024-08-23T10:05:01.5+02:00", "2024-08-23T08:05:01.500Z", "2024-08-23T08:05:01.500Z"),
            ("2024-08-23T10:05:01+0200", "2024-08-23T08:05:01.000Z", "2024-08-23T08:05:01.999Z"),
            ("2024-08-23T10:05:01,25", "2024-08-23T10:05:01.250Z", "2024-08-23T10:05:01.250Z"),
            ("2024-08-23T10:05:01Europe/Berlin", "2024-08-23T08:05:01.000Z", "2024-08-23T08:05:01.999Z"),
            ("1766600000000", "2025-12-24T18:13:20.000Z", "2025-12-24T18:13:20.000Z"),
            ("-1.5", "1969-12-31T23:59:59.998Z", "1969-12-31T23:59:59.998Z"),
            ("+12000-01-01", "+12000-01-01T00:00:00.000Z", "+12000-01-01T23:59:59.999Z"),
            ("12000-01-01", "-", "-"),
            ("2024-2-1", "-", "-"),
            ("2024-02-30", "-", "2024-02-29T23:59:59.999Z"),
            ("2025-12-24T24:00:00Z", "-", "-"),
            ("2024-06-01 10:00:00", "-", "-"),
            ("2025-W50-1", "-", "-"),
            ("not-a-date", "-", "-"),
            ("", "-", "-"),
        ] {
            assert_eq!(ends(DEFAULT_FORMAT, text), (down.into(), up.into()), "{text}");
        }
    }

    #[test]
    fn other_formats() {
        for (format, text, down) in [
            ("MMM dd yyyy||MMM d yyyy||yyyy-MM-dd||yyyy", "Jun 12 1998", "1998-06-12T00:00:00.000Z"),
            ("MMM dd yyyy||MMM d yyyy||yyyy-MM-dd||yyyy", "Jun 2 1998", "1998-06-02T00:00:00.000Z"),
            ("MMM dd yyyy||MMM d yyyy||yyyy-MM-dd||yyyy", "2010", "2010-01-01T00:00:00.000Z"),
            ("MMM dd yyyy||MMM d yyyy||yyyy-MM-dd||yyyy", "2010-01-01T00:00:00Z", "-"),
            ("dd/MM/yyyy", "23/08/2024", "2024-08-23T00:00:00.000Z"),
            ("dd.MM.yyyy||yyyy", "24.02.2024", "2024-02-24T00:00:00.000Z"),
            ("yyyyMMddHHmmssSSS", "20240823100501123", "2024-08-23T10:05:01.123Z"),
            ("basic_date", "20240823", "2024-08-23T00:00:00.000Z"),
            ("basicDateTime", "20240823T100501.1Z", "2024-08-23T10:05:01.100Z"),
            ("EEE, dd MMM yyyy HH:mm:ss Z", "Fri, 23 Aug 2024 10:05:01 +0200", "2024-08-23T08:05:01.000Z"),
            ("uuuu-MM-dd hh:mm a", "2024-08-23 12:05 AM", "2024-08-23T00:05:00.000Z"),
            ("d 'of' MMMM yy", "3 of May 24", "2024-05-03T00:00:00.000Z"),
            ("yyyy-MM-dd[ HH:mm]", "2024-08-23", "2024-08-23T00:00:00.000Z"),
            ("yyyy-MM-dd[ HH:mm]", "2024-08-23 10:05", "2024-08-23T10:05:00.000Z"),
            ("yyyy-MM-dd'T'HH:mm:ssXXX", "2024-08-23T10:05:01-03:30", "2024-08-23T13:35:01.000Z"),
            ("week_date", "2020-W01-1", "2019-12-30T00:00:00.000Z"),
            ("ordinal_date", "2024-060", "2024-02-29T00:00:00.000Z"),
            ("date_optional_time", "2024-2-3T4:5", "2024-02-03T04:05:00.000Z"),
            ("strict_date", "2024-02-30", "2024-03-01T00:00:00.000Z"),
            ("epoch_second", "1724400000.5", "2024-08-23T08:00:00.500Z"),
            ("epoch_millis", "2024-01-01", "-"),
            ("HH:mm", "10:05", "1970-01-01T10:05:00.000Z"),
        ] {
            assert_eq!(ends(format, text).0, down, "{format} {text}");
        }
        assert_eq!(ends("epoch_second", "1724400000").1, "2024-08-23T08:00:00.999Z");
    }

    #[test]
    fn wrong_formats_are_named() {
        for (format, reason) in [
            ("yyyy-MM-ddTHH", "invalid format [yyyy-MM-ddTHH]: unknown pattern letter `T`"),
            ("yyyy-MM-dd'T", "invalid format [yyyy-MM-dd'T]: a quote is not closed"),
            ("{u}", "invalid format [{u}]: braces are reserved"),
            ("yyyy||", "no date pattern provided in [yyyy||]"),
            ("strict_date_optional_tim", "invalid format [strict_date_optional_tim]: unknown pattern letter `t`"),
        ] {
            assert_eq!(DateFormat::new(format).unwrap_err().reason(), reason);
        }
    }

    #[test]
    fn every_named_format_compiles() {
        for name in names::names() {
            DateFormat::new(name).unwrap();
        }
    }
}
