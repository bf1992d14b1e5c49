//! The named formats, as patterns. Each name has several where one pattern cannot say it; they are tried in order.
//!
//! How strict the parts are is part of the name's meaning: see [`Resolver`].

use super::resolve::Resolver::{self, Lenient, Smart, Strict};

/// A named format.
pub(super) struct Named {
    /// Its name.
    pub(super) name: &'static str,
    /// How exact the parts must be.
    pub(super) resolver: Resolver,
    /// Its patterns, see [`super::pattern`].
    pub(super) patterns: &'static [&'static str],
}

/// The format of a name; the old names in camel case are known, too.
pub(super) fn named(name: &str) -> Option<&'static Named> {
    let snake: String = name
        .chars()
        .flat_map(|c| c.is_ascii_uppercase().then_some('_').into_iter().chain([c.to_ascii_lowercase()]))
        .collect();
    NAMES.iter().find(|n| n.name == name || n.name == snake)
}

/// The names of all formats.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    NAMES.iter().map(|n| n.name)
}

const fn format(name: &'static str, resolver: Resolver, patterns: &'static [&'static str]) -> Named {
    Named { name, resolver, patterns }
}

#[rustfmt::skip]
const NAMES: &[Named] = &[
    format("strict_date_optional_time", Strict, &["uuuu[-MM[-dd]]['T'[HH[:mm[:ss[{S}][{,}]]][{Z}][{X}]]]"]),
    format("strict_date_optional_time_nanos", Strict, &["uuuu[-MM[-dd]]['T'HH:mm:ss[{S}][{,}][{Z}][{X}]]"]),
    format("date_optional_time", Strict, &["{u}[-{M}[-{d}]]['T'[{H}[:{m}[:{s}][{S}][{,}][{Z}][{X}]]]]"]),
    format("iso8601", Strict, &["uuuu[-MM[-dd]]['T'[HH[:mm[:ss[{S}][{,}]]]][{Z}][{X}]]"]),
    format("rfc3339_lenient", Strict, &["{u}[-{M}[-{d}]]['T'{H}:{m}[:{s}[{S}][{,}]XXXXX]]", "{u}[-{M}[-{d}]]['T'{H}:{m}XXXXX]"]),
    format("basic_date", Strict, &["{U}{M}{d}"]),
    format("basic_date_time", Strict, &["uuuuMMdd'T'HHmmss{S}{Z}", "uuuuMMdd'T'HHmmss{S}{X}"]),
    format("basic_date_time_no_millis", Strict, &["uuuuMMdd'T'HHmmss{Z}", "uuuuMMdd'T'HHmmss{X}"]),
    format("basic_ordinal_date", Smart, &["uuuuDDD"]),
    format("basic_ordinal_date_time", Strict, &["yyyyDDD'T'HHmmss{S}{Z}", "yyyyDDD'T'HHmmss{S}{X}"]),
    format("basic_ordinal_date_time_no_millis", Strict, &["uuuuDDD'T'HHmmss{Z}", "uuuuDDD'T'HHmmss{X}"]),
    format("basic_time", Strict, &["HHmmss{S}{Z}", "HHmmss{S}{X}"]),
    format("basic_time_no_millis", Strict, &["HHmmss{Z}", "HHmmss{X}"]),
    format("basic_t_time", Strict, &["'T'HHmmss{S}{Z}", "'T'HHmmss{S}{X}"]),
    format("basic_t_time_no_millis", Strict, &["'T'HHmmss{Z}", "'T'HHmmss{X}"]),
    format("basic_week_date", Strict, &["Y'W'{w}e"]),
    format("basic_week_date_time", Strict, &["Y'W'{w}e'T'HHmmss{S}{Z}", "Y'W'{w}e'T'HHmmss{S}{X}"]),
    format("basic_week_date_time_no_millis", Strict, &["Y'W'{w}e'T'HHmmss{Z}", "Y'W'{w}e'T'HHmmss{X}"]),
    format("strict_basic_week_date", Strict, &["YYYY'W'{w}e"]),
    format("strict_basic_week_date_time", Strict, &["YYYY'W'{w}e'T'HHmmss{S}{Z}", "YYYY'W'{w}e'T'HHmmss{S}{X}"]),
    format("strict_basic_week_date_time_no_millis", Strict, &["YYYY'W'wwe'T'HHmmss{Z}", "YYYY'W'wwe'T'HHmmss{X}"]),
    format("date", Strict, &["{u}[-{M}[-{d}]]"]),
    format("date_hour", Strict, &["{u}[-{M}[-{d}]]'T'{H}"]),
    format("date_hour_minute", Strict, &["{u}[-{M}[-{d}]]'T'{H}:{m}"]),
    format("date_hour_minute_second", Strict, &["{u}[-{M}[-{d}]]'T'{H}:{m}:{s}"]),
    format("date_hour_minute_second_fraction", Strict, &["{u}[-{M}[-{d}]]'T'{H}:{m}:{s}{S}"]),
    format("date_hour_minute_second_millis", Strict, &["{u}[-{M}[-{d}]]'T'{H}:{m}:{s}{S}"]),
    format("date_time", Strict, &["{u}[-{M}[-{d}]]'T'{H}:{m}[:{s}{S}]XXX", "{u}[-{M}[-{d}]]'T'{H}:{m}[:{s}{S}]{X}"]),
    format("date_time_no_millis", Strict, &["{u}[-{M}[-{d}]]'T'{H}:{m}[:{s}]XXX", "{u}[-{M}[-{d}]]'T'{H}:{m}[:{s}]{X}", "{u}[-{M}[-{d}]]'T'{H}:{m}[:{s}][{Z}]"]),
    format("hour", Strict, &["{H}"]),
    format("hour_minute", Strict, &["{H}:{m}"]),
    format("hour_minute_second", Strict, &["{H}:{m}:{s}"]),
    format("hour_minute_second_fraction", Strict, &["{H}:{m}:{s}{S}"]),
    format("hour_minute_second_millis", Strict, &["{H}:{m}:{s}{S}"]),
    format("ordinal_date", Strict, &["uuuu-{D}"]),
    format("ordinal_date_time", Strict, &["uuuu-{D}'T'{H}:{m}[:{s}{S}]{Z}", "uuuu-{D}'T'{H}:{m}[:{s}{S}]{X}"]),
    format("ordinal_date_time_no_millis", Strict, &["uuuu-{D}'T'{H}:{m}:{s}{Z}", "uuuu-{D}'T'{H}:{m}:{s}{X}"]),
    format("time", Strict, &["{H}:{m}:{s}{S}{Z}", "{H}:{m}:{s}{S}{X}"]),
    format("time_no_millis", Strict, &["{H}:{m}:{s}{Z}", "{H}:{m}:{s}{X}"]),
    format("t_time", Strict, &["'T'{H}:{m}:{s}{S}{Z}", "'T'{H}:{m}:{s}{S}{X}"]),
    format("t_time_no_millis", Strict, &["'T'{H}:{m}:{s}{Z}", "'T'{H}:{m}:{s}{X}"]),
    format("week_date", Strict, &["YYYY-'W'{w}-e"]),
    format("week_date_time", Strict, &["YYYY-'W'{w}-e'T'{H}:{m}:{s}{S}{Z}", "YYYY-'W'{w}-e'T'{H}:{m}:{s}{S}{X}"]),
    format("week_date_time_no_millis", Strict, &["YYYY-'W'{w}-e'T'{H}:{m}:{s}{Z}", "YYYY-'W'{w}-e'T'{H}:{m}:{s}{X}"]),
    format("week_year", Strict, &["Y"]),
    format("weekyear", Strict, &["Y"]),
    format("weekyear_week", Strict, &["Y-'W'{w}"]),
    format("weekyear_week_day", Strict, &["Y-'W'{w}-e"]),
    format("year", Strict, &["u"]),
    format("year_month", Strict, &["u-M"]),
    format("year_month_day", Strict, &["u-M-d"]),
    format("strict_date", Lenient, &["uuuu-MM-dd"]),
    format("strict_date_hour", Smart, &["uuuu-MM-dd'T'HH"]),
    format("strict_date_hour_minute", Smart, &["uuuu-MM-dd'T'HH:mm"]),
    format("strict_date_hour_minute_second", Smart, &["uuuu-MM-dd'T'HH:mm:ss"]),
    format("strict_date_hour_minute_second_fraction", Strict, &["uuuu[-MM[-dd]]'T'HH:mm:ss{S}"]),
    format("strict_date_hour_minute_second_millis", Strict, &["uuuu[-MM[-dd]]'T'HH:mm:ss{S}"]),
    format("strict_date_time", Strict, &["uuuu[-MM[-dd]]'T'HH:mm:ss[{S}]{Z}", "uuuu[-MM[-dd]]'T'HH:mm:ss[{S}]{X}"]),
    format("strict_date_time_no_millis", Strict, &["uuuu[-MM[-dd]]'T'HH:mm:ss{Z}", "uuuu[-MM[-dd]]'T'HH:mm:ss{X}"]),
    format("strict_hour", Smart, &["HH"]),
    format("strict_hour_minute", Smart, &["HH:mm"]),
    format("strict_hour_minute_second", Strict, &["HH:mm:ss"]),
    format("strict_hour_minute_second_fraction", Strict, &["HH:mm:ss{S}"]),
    format("strict_hour_minute_second_millis", Strict, &["HH:mm:ss{S}"]),
    format("strict_ordinal_date", Strict, &["uuuu-DDD"]),
    format("strict_ordinal_date_time", Strict, &["uuuu-DDD'T'HH:mm[:ss{S}]{Z}", "uuuu-DDD'T'HH:mm[:ss{S}]{X}"]),
    format("strict_ordinal_date_time_no_millis", Strict, &["uuuu-DDD'T'HH:mm:ss{Z}", "uuuu-DDD'T'HH:mm:ss{X}"]),
    format("strict_time", Strict, &["HH:mm:ss{S}{Z}", "HH:mm:ss{S}{X}"]),
    format("strict_time_no_millis", Strict, &["HH:mm:ss{Z}", "HH:mm:ss{X}"]),
    format("strict_t_time", Strict, &["'T'HH:mm:ss{S}{Z}", "'T'HH:mm:ss{S}{X}"]),
    format("strict_t_time_no_millis", Strict, &["'T'HH:mm:ss{Z}", "'T'HH:mm:ss{X}"]),
    format("strict_week_date", Strict, &["YYYY-'W'ww-e"]),
    format("strict_week_date_time", Strict, &["YYYY-'W'ww-e'T'HH:mm:ss{S}{Z}", "YYYY-'W'ww-e'T'HH:mm:ss{S}{X}"]),
    format("strict_week_date_time_no_millis", Strict, &["YYYY-'W'ww-e'T'HH:mm:ss{Z}", "YYYY-'W'ww-e'T'HH:mm:ss{X}"]),
    format("strict_weekyear", Strict, &["YYYY"]),
    format("strict_weekyear_week", Strict, &["YYYY-'W'ww"]),
    format("strict_weekyear_week_day", Strict, &["YYYY-'W'ww-e"]),
    format("strict_year", Strict, &["uuuu"]),
    format("strict_year_month", Strict, &["uuuu-MM"]),
    format("strict_year_month_day", Strict, &["uuuu[-MM[-dd]]"]),
];
