//! Time zones: a fixed offset (`+01:00`) or a zone with rules (`Europe/Berlin`).

use chrono::offset::LocalResult;
use chrono::{Duration, Offset, TimeZone as _};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result, did_you_mean};

/// A time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TimeZone {
    /// Always as many seconds ahead of UTC.
    Offset(i32),
    /// The rules of a region.
    Region(Tz),
}

impl Default for TimeZone {
    fn default() -> Self {
        Self::Offset(0)
    }
}

impl TimeZone {
    /// Reads a zone as Java's `ZoneId.of` does: an offset, `Z`, `UTC+1`, or the name of a region.
    ///
    /// # Errors
    /// The zone is not known.
    pub fn parse(text: &str) -> Result<Self> {
        Self::find(text).ok_or_else(|| {
            let e = Error::new(Code::InvalidDate, format!("time zone `{text}` is not known"))
                .with_type("illegal_argument_exception")
                .expected("an offset such as +01:00, or a region such as Europe/Berlin");
            match did_you_mean(text, chrono_tz::TZ_VARIANTS.iter().map(|tz| tz.name())) {
                Some(near) => e.hint(format!("did you mean `{near}`?")),
                None => e,
            }
        })
    }

    /// The zone of a text, if it is one.
    pub(super) fn find(text: &str) -> Option<Self> {
        if let Some(seconds) = parse_offset(text) {
            return Some(Self::Offset(seconds));
        }
        for prefix in ["UTC", "GMT", "UT"] {
            match text.strip_prefix(prefix) {
                Some("") => return Some(Self::Offset(0)),
                Some(rest) if rest.starts_with(['+', '-']) => {
                    if let Some(seconds) = parse_offset(rest) {
                        return Some(Self::Offset(seconds));
                    }
                }
                _ => {}
            }
        }
        text.parse().ok().map(Self::Region)
    }

    /// The instant of a local time, both in milliseconds since the epoch; `None` where it is beyond the calendar.
    ///
    /// In the gap of a change a time moves forward by the gap's length; of two it takes the earlier instant.
    pub fn to_utc(&self, local: i64) -> Option<i64> {
        let seconds = match self {
            Self::Offset(seconds) => *seconds,
            Self::Region(tz) => {
                let time = chrono::DateTime::from_timestamp_millis(local)?.naive_utc();
                match tz.offset_from_local_datetime(&time) {
                    LocalResult::Single(offset) | LocalResult::Ambiguous(offset, _) => offset.fix().local_minus_utc(),
                    // The offset before the gap, applied to a time in the gap, is an instant after it.
                    LocalResult::None => {
                        let before = time.checked_sub_signed(Duration::days(1))?;
                        tz.offset_from_local_datetime(&before).earliest()?.fix().local_minus_utc()
                    }
                }
            }
        };
        local.checked_sub(i64::from(seconds) * 1000)
    }

    /// The local time of an instant, both in milliseconds since the epoch.
    pub fn to_local(&self, millis: i64) -> Option<i64> {
        let seconds = match self {
            Self::Offset(seconds) => *seconds,
            Self::Region(tz) => {
                let utc = chrono::DateTime::from_timestamp_millis(millis)?.naive_utc();
                tz.offset_from_utc_datetime(&utc).fix().local_minus_utc()
            }
        };
        millis.checked_add(i64::from(seconds) * 1000)
    }
}

/// An offset in seconds, as Java's `ZoneOffset.of` reads it: `Z`, `+h`, `+hh`, `+hh:mm`, `+hhmm`, `+hh:mm:ss`, `+hhmmss`.
fn parse_offset(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let sign = match text.as_bytes().first()? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let rest = &text[1..];
    let digits: String = match (rest.len(), rest.contains(':')) {
        (1, _) => format!("0{rest}"),
        (5, true) if rest.as_bytes()[2] == b':' => rest.replace(':', ""),
        (8, true) if rest.as_bytes()[2] == b':' && rest.as_bytes()[5] == b':' => rest.replace(':', ""),
        (2 | 4 | 6, false) => rest.to_owned(),
        _ => return None,
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |i: usize| digits.get(i..i + 2).map_or(Some(0), |d| d.parse::<i32>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    let total = hours * 3600 + minutes * 60 + seconds;
    (minutes < 60 && seconds < 60 && total <= 18 * 3600).then_some(sign * total)
}

impl From<TimeZone> for String {
    fn from(zone: TimeZone) -> Self {
        match zone {
            TimeZone::Region(tz) => tz.name().to_owned(),
            TimeZone::Offset(0) => "Z".to_owned(),
            TimeZone::Offset(s) => {
                let sign = if s < 0 { '-' } else { '+' };
                format!("{sign}{:02}:{:02}:{:02}", s.abs() / 3600, s.abs() / 60 % 60, s.abs() % 60)
            }
        }
    }
}

impl TryFrom<String> for TimeZone {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        Self::parse(&text)
    }
}
