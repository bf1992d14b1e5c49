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
    let beyond = || Error::new(Code::InvalidDate, format!("date math [{math}] leads beyond the calendar"));
    let mut local = zone.to_local(start).ok_or_else(beyond)?;
    let mut chars = math.chars().peekable();
    while let Some(operator) = chars.next() {
        let sign = match operator {
            '/' => 0,
            '+' => 1,
            '-' => -1,
            _ => {
                return Err(Error::new(
                    Code::InvalidDate,
                    format!("operator [{operator}] not supported for date math [{math}]"),
                ));
            }
        };
        let mut digits = String::new();
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let count: i64 = if digits.is_empty() { 1 } else { digits.parse().map_err(|_| beyond())? };
        if sign == 0 && count != 1 {
            return Err(Error::new(
                Code::InvalidDate,
                format!("rounding `/` can only be used on single unit types [{math}]"),
            ));
        }
        let Some(unit) = chars.next() else {
            return Err(Error::new(Code::InvalidDate, format!("truncated date math [{math}]")));
        };
        if !"yMwdhHms".contains(unit) {
            return Err(Error::new(Code::InvalidDate, format!("unit [{unit}] not supported for date math [{math}]"))
                .expected("one of: y, M, w, d, h, H, m, s"));
        }
        local = match (sign, rounding) {
            (0, Rounding::Down) => floor(local, unit),
            (0, Rounding::Up) => {
                add(floor(local, unit), unit, 1).and_then(|end| end.checked_sub_signed(Duration::milliseconds(1)))
            }
            _ => count.checked_mul(sign).and_then(|count| add(Some(local), unit, count)),
        }
        .ok_or_else(beyond)?;
    }
    Ok(zone.to_utc(local))
}

/// The start of the period that a time is in.
fn floor(time: NaiveDateTime, unit: char) -> Option<NaiveDateTime> {
    let day = time.date();
    match unit {
        'y' => NaiveDate::from_ymd_opt(day.year(), 1, 1)?.and_hms_opt(0, 0, 0),
        'M' => day.with_day(1)?.and_hms_opt(0, 0, 0),
        'w' => {
            let since_monday = Duration::days(day.weekday().num_days_from_monday().into());
            day.checked_sub_signed(since_monday)?.and_hms_opt(0, 0, 0)
        }
        'd' => day.and_hms_opt(0, 0, 0),
        'h' | 'H' => day.and_hms_opt(time.hour(), 0, 0),
        'm' => day.and_hms_opt(time.hour(), time.minute(), 0),
        _ => day.and_hms_opt(time.hour(), time.minute(), time.second()),
    }
}

/// A time some periods later; a day that a month lacks becomes the month's last.
fn add(time: Option<NaiveDateTime>, unit: char, count: i64) -> Option<NaiveDateTime> {
    let time = time?;
    let months = |n: i64| -> Option<NaiveDateTime> {
        let months = Months::new(u32::try_from(n.unsigned_abs()).ok()?);
        if n < 0 { time.checked_sub_months(months) } else { time.checked_add_months(months) }
    };
    match unit {
        'y' => months(count.checked_mul(12)?),
        'M' => months(count),
        'w' => time.checked_add_signed(Duration::try_weeks(count)?),
        'd' => time.checked_add_signed(Duration::try_days(count)?),
        'h' | 'H' => time.checked_add_signed(Duration::try_hours(count)?),
        'm' => time.checked_add_signed(Duration::try_minutes(count)?),
        _ => time.checked_add_signed(Duration::try_seconds(count)?),
    }
}
