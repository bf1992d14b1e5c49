//! `timeout`: after which time the answer is what was found until then.

use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::dsl::unit::TIMES;
use crate::error::{Code, Error, Result};

/// Reads `"10s"`, `"500ms"`, `"-1"` (none) or `"0"`.
pub(crate) fn read(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.timeout_ms = parse(&value.text()?).map_err(|e| e.at(value.path.to_string()))?;
    Ok(())
}

/// A duration in milliseconds, rounded up; `None` where there is no limit.
pub(crate) fn parse(text: &str) -> Result<Option<u64>> {
    let lower = text.trim().to_ascii_lowercase();
    match lower.as_str() {
        "-1" => return Ok(None),
        "0" => return Ok(Some(0)),
        _ => {}
    }
    let found = TIMES.iter().find_map(|(suffix, unit)| Some((lower.strip_suffix(suffix)?.trim_end(), *unit)));
    let (number, unit) = found.ok_or_else(|| wrong(format!("duration `{text}` has no unit")))?;
    let number: i64 = number.parse().map_err(|_| wrong(format!("duration `{text}` is no whole number with a unit")))?;
    let number = u64::try_from(number).map_err(|_| wrong(format!("duration `{text}` is negative")))?;
    let milliseconds = (u128::from(number) * unit.unsigned_abs()).div_ceil(1_000_000);
    Ok(Some(u64::try_from(milliseconds).unwrap_or(u64::MAX)))
}

fn wrong(reason: String) -> Error {
    Error::new(Code::InvalidValue, reason)
        .expected("a whole number and a unit: nanos, micros, ms, s, m, h or d")
        .hint("write `10s` for ten seconds, `-1` for no limit")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_durations() {
        for (text, expected) in [
            ("10s", Some(10_000)),
            ("5 MS", Some(5)),
            ("1nanos", Some(1)),
            ("1500micros", Some(2)),
            ("2d", Some(172_800_000)),
            ("-1", None),
            ("0", Some(0)),
        ] {
            assert_eq!(parse(text).unwrap(), expected, "{text}");
        }
        for text in ["10", "-5s", "1.5s", "s", "", "10 parsecs", "99999999999999999999s"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
