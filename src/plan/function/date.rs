//! Parts of a date, from milliseconds since 1970 in UTC: `java.time`'s and Joda's names for them.

use super::batch::{Batch, BatchMut, Scalar, map1, write_str};
use super::bounds::{any_text, increasing_long, long, periodic};
use super::functions;
use crate::plan::date::iso_millis;
use crate::plan::interval::{Bounds, Interval, Longs};

functions! {
    /// The year.
    date_year(I64) -> I64, cost 10.0, "date_year(1709248530123)" => "2024", |args, out, _| civil_part(args, out, |(year, _, _)| year), |a| increasing_long(a, |ms| civil(days(ms)).0);
    /// The month, from 1.
    date_month(I64) -> I64, cost 10.0, "date_month(1709248530123)" => "2", |args, out, _| civil_part(args, out, |(_, month, _)| month), |a| part_of_year(a, 12, |ms| civil(days(ms)).1);
    /// The day of the month, from 1.
    date_day(I64) -> I64, cost 10.0, "date_day(1709248530123)" => "29", |args, out, _| civil_part(args, out, |(_, _, day)| day), |a| part_of_month(a, 31, |ms| civil(days(ms)).2);
    /// The day of the year, from 1.
    date_day_of_year(I64) -> I64, cost 12.0, "date_day_of_year(1709248530123)" => "60", |args, out, _| map1(args, out, day_of_year), |a| part_of_year(a, 366, day_of_year);
    /// The day of the week, from Monday 1 to Sunday 7.
    date_day_of_week(I64) -> I64, cost 1.5, "date_day_of_week(1709248530123)" => "4", |args, out, _| map1(args, out, |ms| day_of_week(days(ms))), |a| periodic(a, MILLIS_PER_DAY, Longs::new(1, 7), |ms| day_of_week(days(ms)));
    /// The week of the year as ISO 8601 counts them.
    date_week(I64) -> I64, cost 8.0, "date_week(1709248530123)" => "9", |args, out, _| map1(args, out, |ms| iso_week(days(ms)).1), |a| periodic(a, MILLIS_PER_DAY, Longs::new(1, 53), |ms| iso_week(days(ms)).1);
    /// The year that the week belongs to as ISO 8601 counts them.
    date_week_year(I64) -> I64, cost 8.0, "date_week_year(1704067199999)" => "2023", |args, out, _| map1(args, out, |ms| iso_week(days(ms)).0), |a| increasing_long(a, |ms| iso_week(days(ms)).0);
    /// The hour of the day.
    date_hour(I64) -> I64, cost 1.5, "date_hour(1709248530123)" => "23", |args, out, _| map1(args, out, |ms| of_day(ms) / 3_600_000), |a| periodic(a, MILLIS_PER_DAY, Longs::new(0, 23), |ms| of_day(ms) / 3_600_000);
    /// The minute of the hour.
    date_minute(I64) -> I64, cost 1.5, "date_minute(1709248530123)" => "15", |args, out, _| map1(args, out, |ms| of_day(ms) / 60_000 % 60), |a| periodic(a, 3_600_000, Longs::new(0, 59), |ms| of_day(ms) / 60_000 % 60);
    /// The second of the minute.
    date_second(I64) -> I64, cost 1.5, "date_second(1709248530123)" => "30", |args, out, _| map1(args, out, |ms| of_day(ms) / 1000 % 60), |a| periodic(a, 60_000, Longs::new(0, 59), |ms| of_day(ms) / 1000 % 60);
    /// The millisecond of the second.
    date_milli(I64) -> I64, cost 1.5, "date_milli(1709248530123)" => "123", |args, out, _| map1(args, out, |ms| of_day(ms) % 1000), |a| periodic(a, 1000, Longs::new(0, 999), |ms| of_day(ms) % 1000);
    /// The millisecond of the day.
    date_milli_of_day(I64) -> I64, cost 1.0, "date_milli_of_day(1709248530123)" => "83730123", |args, out, _| map1(args, out, of_day), |a| periodic(a, MILLIS_PER_DAY, Longs::new(0, MILLIS_PER_DAY - 1), of_day);
    /// The seconds since 1970, rounded down.
    date_epoch_second(I64) -> I64, cost 1.0, "date_epoch_second(-1)" => "-1", |args, out, _| map1(args, out, |ms: i64| ms.div_euclid(1000)), |a| increasing_long(a, |ms| ms.div_euclid(1000));
    /// The days since 1970, rounded down.
    date_epoch_day(I64) -> I64, cost 1.0, "date_epoch_day(-1)" => "-1", |args, out, _| map1(args, out, days), |a| increasing_long(a, days);
    /// The name of a month, from 1.
    month_name(I64) -> Str, cost 4.0, "month_name(2)" => "'FEBRUARY'", |args, out, _| name(args, out, &MONTHS), any_text;
    /// The name of a day of the week, from Monday 1.
    day_name(I64) -> Str, cost 4.0, "day_name(4)" => "'THURSDAY'", |args, out, _| name(args, out, &DAYS), any_text;
    /// A date in ISO 8601, as `ZonedDateTime.toString` writes it in UTC.
    date_to_text(I64) -> Str, cost 100.0, "date_to_text(1709248530123)" => "'2024-02-29T23:15:30.123Z'", |args, out, _| iso(args, out, true), any_text;
    /// A date in ISO 8601, as `Instant.toString` writes it.
    instant_to_text(I64) -> Str, cost 100.0, "instant_to_text(0)" => "'1970-01-01T00:00:00Z'", |args, out, _| iso(args, out, false), any_text;
    /// A date as script fields show it: always with milliseconds.
    date_as_shown(I64) -> Str, cost 290.0, "date_as_shown(0)" => "'1970-01-01T00:00:00.000Z'", |args, out, _| as_shown(args, out), any_text;
}

const MILLIS_PER_DAY: i64 = 86_400_000;

/// The names of `java.time.Month`.
pub(crate) const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];

/// The names of `java.time.DayOfWeek`.
pub(crate) const DAYS: [&str; 7] = ["MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY"];

fn days(millis: i64) -> i64 {
    millis.div_euclid(MILLIS_PER_DAY)
}

fn of_day(millis: i64) -> i64 {
    millis.rem_euclid(MILLIS_PER_DAY)
}

/// Year, month and day of a day since 1970 (Hinnant's algorithm: eras of 400 years that start in March).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, day_of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

/// The day since 1970 on which a year starts.
fn year_start(year: i64) -> i64 {
    let y = year - 1;
    y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400) - 719_162
}

fn civil_part(args: &[Batch<'_>], out: &mut BatchMut<'_>, part: impl Fn((i64, i64, i64)) -> i64) {
    map1(args, out, |ms| part(civil(days(ms))));
}

fn day_of_year(millis: i64) -> i64 {
    let day = days(millis);
    day - year_start(civil(day).0) + 1
}

fn day_of_week(day: i64) -> i64 {
    (day + 3).rem_euclid(7) + 1
}

/// Year and week: the week belongs to the year that its Thursday is in.
fn iso_week(day: i64) -> (i64, i64) {
    let thursday = day + 4 - day_of_week(day);
    let year = civil(thursday).0;
    (year, (thursday - year_start(year)) / 7 + 1)
}

fn name(args: &[Batch<'_>], out: &mut BatchMut<'_>, names: &[&str]) {
    let numbers = i64::column(&args[0]);
    write_str(args, out, |row, text| {
        let index = usize::try_from(numbers[row].saturating_sub(1)).unwrap_or(usize::MAX);
        text.push_str(names.get(index).unwrap_or(&"?"));
    });
}

fn as_shown(args: &[Batch<'_>], out: &mut BatchMut<'_>) {
    let dates = i64::column(&args[0]);
    write_str(args, out, |row, text| text.push_str(&iso_millis(dates[row])));
}

/// `ZonedDateTime` leaves out seconds that are zero, `Instant` does not.
fn iso(args: &[Batch<'_>], out: &mut BatchMut<'_>, zoned: bool) {
    use std::fmt::Write;
    let dates = i64::column(&args[0]);
    write_str(args, out, |row, text| {
        let ((year, month, day), time) = (civil(days(dates[row])), of_day(dates[row]));
        let sign = if year > 9999 {
            "+"
        } else if year < 0 {
            "-"
        } else {
            ""
        };
        let year = year.abs();
        let (hour, minute, second, milli) = (time / 3_600_000, time / 60_000 % 60, time / 1000 % 60, time % 1000);
        let mut written = write!(text, "{sign}{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}");
        if !zoned || time % 60_000 != 0 {
            written = written.and_then(|()| write!(text, ":{second:02}"));
        }
        if milli != 0 {
            written = written.and_then(|()| write!(text, ".{milli:03}"));
        }
        debug_assert!(written.is_ok(), "a string takes everything");
        text.push('Z');
    });
}

/// A part that counts from 1 within a year.
fn part_of_year(args: &[Interval], most: i64, part: impl Fn(i64) -> i64) -> Bounds {
    within_one(args, most, part, |(year, _, _)| (year, 0))
}

/// A part that counts from 1 within a month.
fn part_of_month(args: &[Interval], most: i64, part: impl Fn(i64) -> i64) -> Bounds {
    within_one(args, most, part, |(year, month, _)| (year, month))
}

fn within_one(
    args: &[Interval],
    most: i64,
    part: impl Fn(i64) -> i64,
    of: impl Fn((i64, i64, i64)) -> (i64, i64),
) -> Bounds {
    let dates = long(args, 0);
    let same = of(civil(days(dates.lo))) == of(civil(days(dates.hi)));
    if same { dates.increasing(part).into() } else { Longs::new(1, most).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calendars_agree_with_chrono() {
        use chrono::Datelike;
        let epoch = chrono::NaiveDate::from_ymd_opt(1970, 1, 1).unwrap();
        for day in (-900_000..900_000).step_by(97) {
            let date = epoch + chrono::Duration::days(day);
            assert_eq!(civil(day), (i64::from(date.year()), i64::from(date.month()), i64::from(date.day())));
            assert_eq!(day_of_year(day * MILLIS_PER_DAY), i64::from(date.ordinal()));
            assert_eq!(iso_week(day), (i64::from(date.iso_week().year()), i64::from(date.iso_week().week())));
        }
    }
}
