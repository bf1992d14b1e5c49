//! Java's date patterns (`yyyy-MM-dd'T'HH:mm[:ss]`), compiled into items that a parser runs in order.
//!
//! Beside Java's letters, which users write, the patterns of the named formats use braces, which Java reserves:
//! `{M}` is a number of one or two digits, `{u}` a year of one to five, `{U}` of one to four, `{S}` a fraction with a
//! point, `{,}` one with a comma, `{Z}` an offset or region, `{X}` an offset without colon.

use super::item::{DateField, Item, Number, OffsetShape, Sign};
use crate::error::{Code, Error, Result};

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const SHORT_MONTHS: &[&str] = &["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const WEEKDAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const SHORT_WEEKDAYS: &[&str] = &["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const HALVES: &[&str] = &["AM", "PM"];
const ERAS: &[&str] = &["BC", "AD"];
const LONG_ERAS: &[&str] = &["Before Christ", "Anno Domini"];

/// Compiles a pattern.
pub(super) fn compile(pattern: &str) -> Result<Vec<Item>> {
    let mut compiler = Compiler { pattern, rest: pattern.chars().collect::<Vec<_>>().into_iter().peekable() };
    let items = compiler.sequence(0)?;
    Ok(items)
}

struct Compiler<'a> {
    pattern: &'a str,
    rest: std::iter::Peekable<std::vec::IntoIter<char>>,
}

/// How deep optional sections may stand in each other.
const MAX_DEPTH: usize = 32;

impl Compiler<'_> {
    fn error(&self, reason: impl std::fmt::Display) -> Error {
        Error::new(Code::InvalidDate, format!("invalid format [{}]: {reason}", self.pattern))
            .with_type("illegal_argument_exception")
    }

    /// Reads items up to the end of the pattern or of an optional section.
    fn sequence(&mut self, depth: usize) -> Result<Vec<Item>> {
        if depth > MAX_DEPTH {
            return Err(self.error("optional sections are nested too deeply"));
        }
        let mut items = Vec::new();
        while let Some(c) = self.rest.next() {
            match c {
                '[' => items.push(Item::Optional(self.sequence(depth + 1)?)),
                ']' if depth > 0 => break,
                ']' => return Err(self.error("`]` without `[`")),
                '\'' => items.push(Item::Literal(self.quoted()?)),
                '{' => items.push(self.braced()?),
                '}' | '#' => return Err(self.error(format!("`{c}` is reserved"))),
                'A'..='Z' | 'a'..='z' => {
                    let mut count = 1;
                    while self.rest.next_if_eq(&c).is_some() {
                        count += 1;
                    }
                    items.push(self.letters(c, count)?);
                }
                _ => items.push(Item::Literal(c.to_string())),
            }
        }
        reserve_digits(&mut items);
        Ok(items)
    }

    /// A text in quotes; two quotes are one.
    fn quoted(&mut self) -> Result<String> {
        let mut text = String::new();
        while let Some(c) = self.rest.next() {
            match c {
                '\'' if self.rest.next_if_eq(&'\'').is_some() => text.push('\''),
                '\'' if text.is_empty() => return Ok("'".to_owned()),
                '\'' => return Ok(text),
                _ => text.push(c),
            }
        }
        Err(self.error("a quote is not closed"))
    }

    /// One of the forms that only named formats use.
    fn braced(&mut self) -> Result<Item> {
        let (letter, close) = (self.rest.next(), self.rest.next());
        let lenient = |field| Item::Number(Number { field, min: 1, max: 2, sign: Sign::Never, reserved: 0 });
        let year = |max| Item::Number(Number { field: DateField::Year, min: 1, max, sign: Sign::Minus, reserved: 0 });
        match (letter, close) {
            (Some('u'), Some('}')) => Ok(year(5)),
            (Some('U'), Some('}')) => Ok(year(4)),
            (Some('M'), Some('}')) => Ok(lenient(DateField::Month)),
            (Some('d'), Some('}')) => Ok(lenient(DateField::Day)),
            (Some('H'), Some('}')) => Ok(lenient(DateField::Hour)),
            (Some('m'), Some('}')) => Ok(lenient(DateField::Minute)),
            (Some('s'), Some('}')) => Ok(lenient(DateField::Second)),
            (Some('w'), Some('}')) => Ok(lenient(DateField::Week)),
            (Some('D'), Some('}')) => {
                Ok(Item::Number(Number { field: DateField::DayOfYear, min: 1, max: 3, sign: Sign::Never, reserved: 0 }))
            }
            (Some('S'), Some('}')) => Ok(Item::Fraction { min: 1, max: 9, mark: Some(b'.') }),
            (Some(','), Some('}')) => Ok(Item::Fraction { min: 1, max: 9, mark: Some(b',') }),
            (Some('Z'), Some('}')) => Ok(Item::ZoneOrOffset),
            (Some('X'), Some('}')) => Ok(Item::Offset { shape: OffsetShape::SHORT, zero: "Z" }),
            _ => Err(self.error("`{` is reserved")),
        }
    }

    /// A run of one letter, as Java reads it.
    fn letters(&self, letter: char, count: usize) -> Result<Item> {
        let number = |field, min, max, sign| Item::Number(Number { field, min, max, sign, reserved: 0 });
        let too_many = || self.error(format!("too many pattern letters: {letter}"));
        let one_or_two = |field| match count {
            1 => Ok(number(field, 1, 19, Sign::Minus)),
            2 => Ok(number(field, 2, 2, Sign::Never)),
            _ => Err(too_many()),
        };
        let word = |field, words, base| Item::Word { field, words, base };
        match letter {
            'u' | 'y' | 'Y' => {
                let field = match letter {
                    'u' => DateField::Year,
                    'y' => DateField::YearOfEra,
                    _ => DateField::WeekYear,
                };
                Ok(match count {
                    2 => Item::ReducedYear(field),
                    1 | 3 => number(field, count, 19, Sign::Minus),
                    ..=19 => number(field, count, 19, Sign::ExceedsPad),
                    _ => return Err(too_many()),
                })
            }
            'M' | 'L' => match count {
                1 | 2 => one_or_two(DateField::Month),
                3 => Ok(word(DateField::Month, SHORT_MONTHS, 1)),
                4 => Ok(word(DateField::Month, MONTHS, 1)),
                _ => Err(too_many()),
            },
            'E' => match count {
                1..=3 => Ok(word(DateField::Weekday, SHORT_WEEKDAYS, 1)),
                4 => Ok(word(DateField::Weekday, WEEKDAYS, 1)),
                _ => Err(too_many()),
            },
            'e' | 'c' => match count {
                1 => Ok(number(DateField::Weekday, 1, 1, Sign::Never)),
                3 => Ok(word(DateField::Weekday, SHORT_WEEKDAYS, 1)),
                4 => Ok(word(DateField::Weekday, WEEKDAYS, 1)),
                _ => Err(too_many()),
            },
            'G' => match count {
                1..=3 => Ok(word(DateField::Era, ERAS, 0)),
                4 => Ok(word(DateField::Era, LONG_ERAS, 0)),
                _ => Err(too_many()),
            },
            'a' if count == 1 => Ok(word(DateField::Half, HALVES, 0)),
            'D' => match count {
                1 => Ok(number(DateField::DayOfYear, 1, 19, Sign::Minus)),
                2 | 3 => Ok(number(DateField::DayOfYear, count, 3, Sign::Never)),
                _ => Err(too_many()),
            },
            'w' if count <= 2 => Ok(number(DateField::Week, count, 2, Sign::Never)),
            'd' => one_or_two(DateField::Day),
            'H' => one_or_two(DateField::Hour),
            'k' => one_or_two(DateField::ClockHour),
            'K' => one_or_two(DateField::HourOfHalf),
            'h' => one_or_two(DateField::ClockHourOfHalf),
            'm' => one_or_two(DateField::Minute),
            's' => one_or_two(DateField::Second),
            'S' if count <= 9 => Ok(Item::Fraction { min: count, max: count, mark: None }),
            'n' if count <= 19 => Ok(number(DateField::Nano, count, 19, Sign::Never)),
            'A' if count <= 19 => Ok(number(DateField::MilliOfDay, count, 19, Sign::Never)),
            'N' if count <= 19 => Ok(number(DateField::NanoOfDay, count, 19, Sign::Never)),
            'X' | 'x' => {
                let shape = OffsetShape::of_letters(count).ok_or_else(too_many)?;
                let zero = match (letter, count) {
                    ('X', _) => "Z",
                    (_, 1) => "+00",
                    (_, 2 | 4) => "+0000",
                    _ => "+00:00",
                };
                Ok(Item::Offset { shape, zero })
            }
            'Z' => match count {
                1..=3 => Ok(Item::Offset { shape: OffsetShape::BASIC, zero: "+0000" }),
                4 => Ok(Item::GmtOffset),
                5 => Ok(Item::Offset { shape: OffsetShape::ID, zero: "Z" }),
                _ => Err(too_many()),
            },
            'O' if count == 1 || count == 4 => Ok(Item::GmtOffset),
            'V' if count == 2 => Ok(Item::ZoneOrOffset),
            'z' | 'v' if count <= 4 => Ok(Item::ZoneOrOffset),
            'a' | 'w' | 'S' | 'n' | 'A' | 'N' | 'O' | 'V' | 'z' | 'v' => Err(too_many()),
            'Q' | 'q' | 'W' | 'F' | 'g' | 'B' | 'p' => Err(Error::new(
                Code::Unsupported,
                format!("pattern letter `{letter}` is not supported yet in date formats"),
            )),
            _ => Err(self.error(format!("unknown pattern letter `{letter}`"))),
        }
    }
}

/// Numbers of fixed width directly behind a number take their digits from it.
fn reserve_digits(items: &mut [Item]) {
    let mut first = None;
    for i in 0..items.len() {
        let width = match &items[i] {
            Item::Number(n) if n.min == n.max && n.sign == Sign::Never => Some(n.max),
            Item::Fraction { min, max, mark: None } if min == max => Some(*max),
            Item::Number(_) | Item::ReducedYear(_) => None,
            _ => {
                first = None;
                continue;
            }
        };
        match (first, width) {
            (Some(first), Some(width)) => {
                if let Item::Number(number) = &mut items[first] {
                    number.reserved += width;
                }
            }
            _ => first = Some(i),
        }
    }
}
