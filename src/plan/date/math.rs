//! Date math: `now-1d/d`, `2024-01-31||+1M/M`.

use chrono::{Datelike, Duration, Months, NaiveDate, NaiveDateTime, Timelike};

use super::{DateFormat, TimeZone};
use crate::error::{Code, Error, Result};

/// Which end of a period stands for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rounding {
    /// Its first millisecond.
    Down,
    /// Its last millisecond.
    Up,
}

/// Parses a date with date math into milliseconds since the epoch.
///
/// # Errors
/// The date, an operator or a unit is wrong, or the result is beyond the calendar.
pub fn parse_date_math(
    text: &str,
    format: &DateFormat,
    zone: &TimeZone,
    now_ms: i64,
    rounding: Rounding,
) -> Result<i64> {
    if let Some(math) = text.strip_prefix("now") {
        return evaluate(math, now_ms, zone, rounding);
    }
    match text.find("||") {
        None => format.parse_rounded(text, zone, rounding),
        Some(i) => {
            let math = &text[i + 2..];
            // With math behind it the date is an instant; rounding is the math's business.
            let start = format.parse_rounded(&text[..i], zone, Rounding::Down)?;
            evaluate(math, start, zone, rounding)
        }
    }
}

/// Applies operations such as `+1M-2d/d` to an instant.
fn evaluate(math: &str, start: i64, zone: &TimeZone, rounding: Rounding) -> Result<i64> {
    let beyond = || invalid(format!("date math [{math}] leads beyond the calendar"));
    let mut instant = start;
    let mut chars = math.chars().peekable();
    while let Some(operator) = chars.next() {
        let sign = match operator {
            '/' => 0,
            '+' => 1,
            '-' => -1,
            _ => return Err(invalid(format!("operator not supported for date math [{math}]"))),
        };
        let mut digits = String::new();
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let count: i64 = if digits.is_empty() { 1 } else { digits.parse().map_err(|_| beyond())? };
        let unit = match chars.next() {
            Some(unit) => Unit::of(unit).ok_or_else(|| {
                invalid(format!("unit [{unit}] not supported for date math [{math}]"))
                    .expected("one of: y, M, w, d, h, H, m, s")
            })?,
            None => return Err(invalid(format!("truncated date math [{math}]"))),
        };
        if sign == 0 && count != 1 {
            return Err(invalid(format!("rounding `/` can only be used on single unit types [{math}]")));
        }
        instant = match (sign, rounding) {
            (0, Rounding::Down) => floor(instant, unit, zone),
            (0, Rounding::Up) => floor(instant, unit, zone)
                .and_then(|start| add(start, unit, 1, zone))
                .and_then(|end| end.checked_sub(1)),
            _ => add(instant, unit, count * sign, zone),
        }
        .ok_or_else(beyond)?;
    }
    Ok(instant)
}

fn invalid(reason: String) -> Error {
    Error::new(Code::InvalidDate, reason)
}

/// A period of date math.
#[derive(Clone, Copy)]
enum Unit {
    Year,
    Month,
    Week,
    Day,
    Hour,
    Minute,
    Second,
}

impl Unit {
    fn of(letter: char) -> Option<Self> {
        Some(match letter {
            'y' => Self::Year,
            'M' => Self::Month,
            'w' => Self::Week,
            'd' => Self::Day,
            'h' | 'H' => Self::Hour,
            'm' => Self::Minute,
            's' => Self::Second,
            _ => return None,
        })
    }
}

/// The start of the period that an instant is in, by the zone's calendar.
fn floor(instant: i64, unit: Unit, zone: &TimeZone) -> Option<i64> {
    let time = local(instant, zone)?;
    let day = time.date();
    let start = match unit {
        Unit::Year => NaiveDate::from_ymd_opt(day.year(), 1, 1)?.and_hms_opt(0, 0, 0),
        Unit::Month => day.with_day(1)?.and_hms_opt(0, 0, 0),
        Unit::Week => {
            let since_monday = Duration::days(day.weekday().num_days_from_monday().into());
            day.checked_sub_signed(since_monday)?.and_hms_opt(0, 0, 0)
        }
        Unit::Day => day.and_hms_opt(0, 0, 0),
        Unit::Hour => day.and_hms_opt(time.hour(), 0, 0),
        Unit::Minute => day.and_hms_opt(time.hour(), time.minute(), 0),
        Unit::Second => day.and_hms_opt(time.hour(), time.minute(), time.second()),
    }?;
    zone.to_utc(start.and_utc().timestamp_millis())
}

/// An instant some periods later. Days and longer follow the zone's calendar, and a day that a month lacks becomes the
/// month's last; hours and shorter are time that passes.
fn add(instant: i64, unit: Unit, count: i64, zone: &TimeZone) -> Option<i64> {
    let months = |n: i64| -> Option<NaiveDateTime> {
        let months = Months::new(u32::try_from(n.unsigned_abs()).ok()?);
        let time = local(instant, zone)?;
        if n < 0 { time.checked_sub_months(months) } else { time.checked_add_months(months) }
    };
    let days = |n: i64| local(instant, zone)?.checked_add_signed(Duration::try_days(n)?);
    let later = match unit {
        Unit::Year => months(count.checked_mul(12)?),
        Unit::Month => months(count),
        Unit::Week => days(count.checked_mul(7)?),
        Unit::Day => days(count),
        Unit::Hour => return instant.checked_add(count.checked_mul(3_600_000)?),
        Unit::Minute => return instant.checked_add(count.checked_mul(60_000)?),
        Unit::Second => return instant.checked_add(count.checked_mul(1000)?),
    }?;
    zone.to_utc(later.and_utc().timestamp_millis())
}

fn local(instant: i64, zone: &TimeZone) -> Option<NaiveDateTime> {
    Some(chrono::DateTime::from_timestamp_millis(zone.to_local(instant)?)?.naive_utc())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::date::iso_millis;

    #[test]
    fn math_rounds_in_the_zone() {
        let now = 1_724_400_000_000; // 2024-08-23T08:00:00Z
        for (text, zone, down, up) in [
            ("now", "Z", "2024-08-23T08:00:00.000Z", "2024-08-23T08:00:00.000Z"),
            ("now/d", "Z", "2024-08-23T00:00:00.000Z", "2024-08-23T23:59:59.999Z"),
            ("now/d", "-09:00", "2024-08-22T09:00:00.000Z", "2024-08-23T08:59:59.999Z"),
            ("now-1w/w", "Z", "2024-08-12T00:00:00.000Z", "2024-08-18T23:59:59.999Z"),
            ("2024-01-31||+1M", "Z", "2024-02-29T00:00:00.000Z", "2024-02-29T00:00:00.000Z"),
            ("2024-02-18||/d", "Z", "2024-02-18T00:00:00.000Z", "2024-02-18T23:59:59.999Z"),
            ("2024-01-01||/d/M", "Z", "2024-01-01T00:00:00.000Z", "2024-01-31T23:59:59.999Z"),
            ("2025-12-25||", "Z", "2025-12-25T00:00:00.000Z", "2025-12-25T00:00:00.000Z"),
            ("2024-01-01||+1y-2M+3w-4d+5h-6m+7s", "Z", "2024-11-18T04:54:07.000Z", "2024-11-18T04:54:07.000Z"),
            ("2024-03-31T02:30", "Europe/Berlin", "2024-03-31T01:30:00.000Z", "2024-03-31T01:30:59.999Z"),
            ("2024-03-30T12:00||+1d", "Europe/Berlin", "2024-03-31T10:00:00.000Z", "2024-03-31T10:00:00.000Z"),
            ("2024-03-30T12:00||+24h", "Europe/Berlin", "2024-03-31T11:00:00.000Z", "2024-03-31T11:00:00.000Z"),
        ] {
            let zone = TimeZone::parse(zone).unwrap();
            let end = |r| iso_millis(parse_date_math(text, &DateFormat::default(), &zone, now, r).unwrap());
            assert_eq!((end(Rounding::Down).as_str(), end(Rounding::Up).as_str()), (down, up), "{text}");
        }
    }

    #[test]
    fn wrong_math_is_named() {
        for (text, reason) in [
            ("2024-01-01||+1q", "unit [q] not supported for date math [+1q]"),
            ("now*1d", "operator not supported for date math [*1d]"),
            ("now/2d", "rounding `/` can only be used on single unit types [/2d]"),
            ("now+1", "truncated date math [+1]"),
            ("now+99999999999y", "date math [+99999999999y] leads beyond the calendar"),
            ("||+1d", "cannot parse empty date"),
        ] {
            let parsed = parse_date_math(text, &DateFormat::default(), &TimeZone::default(), 0, Rounding::Down);
            assert_eq!(parsed.unwrap_err().reason(), reason);
        }
    }
}
