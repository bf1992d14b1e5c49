//! What a date pattern is compiled into: steps that a parser runs in order.

/// A step of parsing.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Item {
    /// Exactly this text.
    Literal(String),
    /// A number.
    Number(Number),
    /// A year of two digits, from 2000 to 2099.
    ReducedYear(DateField),
    /// The digits behind a second; the mark that must stand before them.
    Fraction { min: usize, max: usize, mark: Option<u8> },
    /// A word: its position in the list, from `base`, is the field's value.
    Word { field: DateField, words: &'static [&'static str], base: i64 },
    /// An offset from UTC; the text that means none.
    Offset { shape: OffsetShape, zero: &'static str },
    /// An offset, or the name of a region.
    ZoneOrOffset,
    /// `GMT`, perhaps with an offset.
    GmtOffset,
    /// Steps that may be left out together.
    Optional(Vec<Self>),
}

/// A number of a width.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Number {
    pub(super) field: DateField,
    pub(super) min: usize,
    pub(super) max: usize,
    pub(super) sign: Sign,
    /// How many digits the numbers directly behind it need.
    pub(super) reserved: usize,
}

/// Which signs a number may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// None.
    Never,
    /// A minus.
    Minus,
    /// A minus; a plus exactly where there are more digits than the least.
    ExceedsPad,
}

/// How an offset is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct OffsetShape {
    pub(super) colons: bool,
    pub(super) minutes: Part,
    pub(super) seconds: Part,
}

/// Whether a part of an offset is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Never,
    Optional,
    Always,
}

/// What a pattern may set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateField {
    Year,
    YearOfEra,
    Era,
    Month,
    Day,
    DayOfYear,
    WeekYear,
    Week,
    Weekday,
    /// AM or PM.
    Half,
    /// 0 to 23.
    Hour,
    /// 1 to 24.
    ClockHour,
    /// 0 to 11.
    HourOfHalf,
    /// 1 to 12.
    ClockHourOfHalf,
    Minute,
    Second,
    Nano,
    MilliOfDay,
    NanoOfDay,
}

impl DateField {
    /// How many there are.
    pub(super) const COUNT: usize = Self::NanoOfDay as usize + 1;
}

impl OffsetShape {
    /// `+HH:MM:ss`, as offsets are written where nothing else is said.
    pub(super) const ID: Self = Self { colons: true, minutes: Part::Always, seconds: Part::Optional };
    /// `+HHmm`.
    pub(super) const SHORT: Self = Self { colons: false, minutes: Part::Optional, seconds: Part::Never };
    /// `+HHMM`.
    pub(super) const BASIC: Self = Self { colons: false, minutes: Part::Always, seconds: Part::Never };
    /// `+HH:MM`.
    const COLON: Self = Self { colons: true, minutes: Part::Always, seconds: Part::Never };
    /// `+HHMMss`.
    const BASIC_SECONDS: Self = Self { colons: false, minutes: Part::Always, seconds: Part::Optional };

    /// The shape that so many letters `X` or `x` mean.
    pub(super) fn of_letters(count: usize) -> Option<Self> {
        Some(match count {
            1 => Self::SHORT,
            2 => Self::BASIC,
            3 => Self::COLON,
            4 => Self::BASIC_SECONDS,
            5 => Self::ID,
            _ => return None,
        })
    }
}
