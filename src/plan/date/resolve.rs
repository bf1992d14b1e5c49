//! From the parts of a date that a text gave to an instant: missing parts are filled, wrong ones refused.

use super::item::DateField as F;
use super::math::Rounding;
use super::parse::Parsed;
use super::zone::TimeZone;

/// How exact the parts of a date must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resolver {
    /// 30 February is wrong, and so is 24:00.
    Strict,
    /// 30 February is the last of February, 24:00 the next day.
    Smart,
    /// 30 February is 1 or 2 March.
    Lenient,
}

const DAY_MS: i64 = 86_400_000;

/// The instant of a parsed date, in milliseconds since the epoch.
///
/// The zone is the text's own, else the given one. Rounding up fills a missing time of day with its last moment.
pub(super) fn resolve(parsed: &Parsed, resolver: Resolver, zone: &TimeZone, rounding: Rounding) -> Option<i64> {
    // Java's rounding parsers are built anew, and forget how strict the original was.
    let resolver = match rounding {
        Rounding::Down => resolver,
        Rounding::Up => Resolver::Smart,
    };
    let time = time_of_day(parsed, resolver, rounding)?;
    let day = epoch_day(parsed, resolver)?;
    let local = day.checked_mul(DAY_MS)?.checked_add(time)?;
    parsed.zone.as_ref().unwrap_or(zone).to_utc(local)
}

/// Milliseconds since midnight; 86,400,000 is the next midnight.
fn time_of_day(parsed: &Parsed, resolver: Resolver, rounding: Rounding) -> Option<i64> {
    let within = |field: F, min: i64, max: i64| match parsed.get(field) {
        Some(v) if !(min..=max).contains(&v) => None,
        v => Some(v),
    };
    if let Some(milli) = within(F::MilliOfDay, 0, DAY_MS - 1)? {
        return Some(milli);
    }
    if let Some(nano) = within(F::NanoOfDay, 0, DAY_MS * 1_000_000 - 1)? {
        return Some(nano / 1_000_000);
    }
    let half = within(F::Half, 0, 1)?;
    let of_half = match within(F::ClockHourOfHalf, 1, 12)? {
        Some(clock) => Some(clock % 12),
        None => within(F::HourOfHalf, 0, 11)?,
    };
    let max_hour = if resolver == Resolver::Strict { 23 } else { 24 };
    let hour = match (within(F::Hour, 0, max_hour)?, within(F::ClockHour, 1, 24)?, half, of_half) {
        (Some(hour), ..) => Some(hour),
        (None, Some(clock), ..) => Some(clock % 24),
        (None, None, Some(half), Some(of_half)) => Some(half * 12 + of_half),
        _ => None,
    };
    let (minute, second) = (within(F::Minute, 0, 59)?, within(F::Second, 0, 59)?);
    let milli = within(F::Nano, 0, 999_999_999)?.map(|nano| nano / 1_000_000);
    let (hour, minute, second, milli) = match rounding {
        Rounding::Up => (hour.unwrap_or(23), minute.unwrap_or(59), second.unwrap_or(59), milli.unwrap_or(999)),
        // Minutes without an hour are no time.
        Rounding::Down if hour.is_none() => (0, 0, 0, 0),
        Rounding::Down => (hour.unwrap_or(0), minute.unwrap_or(0), second.unwrap_or(0), milli.unwrap_or(0)),
    };
    if hour == 24 && (minute, second, milli) != (0, 0, 0) {
        return None;
    }
    Some(((hour * 60 + minute) * 60 + second) * 1000 + milli)
}

/// Days since 1970-01-01.
fn epoch_day(parsed: &Parsed, resolver: Resolver) -> Option<i64> {
    if let Some(year) = parsed.get(F::WeekYear) {
        return week_day(year, parsed.get(F::Week).unwrap_or(1), parsed.get(F::Weekday).unwrap_or(1));
    }
    let era_year = parsed.get(F::YearOfEra).map(|year| if parsed.get(F::Era) == Some(0) { 1 - year } else { year });
    let year = parsed.get(F::Year).or(era_year).unwrap_or(1970);
    if year.unsigned_abs() > 999_999_999 {
        return None;
    }
    if let Some(day) = parsed.get(F::DayOfYear) {
        let days = if is_leap(year) { 366 } else { 365 };
        return (1..=days).contains(&day).then(|| days_from_civil(year, 1, 1) + day - 1);
    }
    let (month, day) = (parsed.get(F::Month).unwrap_or(1), parsed.get(F::Day).unwrap_or(1));
    if resolver == Resolver::Lenient {
        let months = month.checked_sub(1)?;
        let first = days_from_civil(year + months.div_euclid(12), months.rem_euclid(12) + 1, 1);
        return first.checked_add(day.checked_sub(1)?);
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let last = month_length(year, month);
    let day = match resolver {
        Resolver::Strict if day > last => return None,
        _ => day.min(last),
    };
    let days = days_from_civil(year, month, day);
    // The weekday is checked where the date is complete; a strict year of era leaves that open.
    let is_complete = parsed.get(F::Year).is_some() || parsed.get(F::Era).is_some() || resolver != Resolver::Strict;
    match parsed.get(F::Weekday) {
        Some(weekday) if is_complete && weekday != (days + 3).rem_euclid(7) + 1 => None,
        _ => Some(days),
    }
}

/// The day of an ISO week.
fn week_day(year: i64, week: i64, weekday: i64) -> Option<i64> {
    if year.unsigned_abs() > 999_999_999 || !(1..=53).contains(&week) || !(1..=7).contains(&weekday) {
        return None;
    }
    // 4 January is always in the first week.
    let fourth = days_from_civil(year, 1, 4);
    let monday = fourth - (fourth + 3).rem_euclid(7);
    Some(monday + (week - 1) * 7 + weekday - 1)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years that start in March end with the leap day.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}
