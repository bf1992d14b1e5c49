//! Runs the items of a pattern over a text, as Java's formatter does: in order, greedily, without going back.

use super::item::{DateField, Item, Number, OffsetShape, Part, Sign};
use super::zone::TimeZone;

/// What has been read so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Parsed {
    fields: [Option<i64>; DateField::COUNT],
    /// The zone or offset.
    pub(super) zone: Option<TimeZone>,
}

impl Parsed {
    /// The value of a field.
    pub(super) fn get(&self, field: DateField) -> Option<i64> {
        self.fields[field as usize]
    }

    /// Sets a field that has no other value yet.
    fn set(&mut self, field: DateField, value: i64) -> Option<()> {
        let slot = &mut self.fields[field as usize];
        match slot {
            Some(old) if *old != value => None,
            _ => {
                *slot = Some(value);
                Some(())
            }
        }
    }

    fn set_zone(&mut self, zone: TimeZone) -> Option<()> {
        if self.zone.is_some_and(|old| old != zone) {
            return None;
        }
        self.zone = Some(zone);
        Some(())
    }
}

/// Parses a whole text.
pub(super) fn parse(items: &[Item], text: &str) -> Option<Parsed> {
    let mut parsed = Parsed::default();
    let end = run(items, text, 0, &mut parsed)?;
    (end == text.len()).then_some(parsed)
}

/// Runs items from a position; gives the position behind them.
fn run(items: &[Item], text: &str, mut at: usize, parsed: &mut Parsed) -> Option<usize> {
    for item in items {
        at = match item {
            Item::Literal(literal) => text[at..].starts_with(literal.as_str()).then_some(at + literal.len())?,
            Item::Number(number) => read_number(number, text, at, parsed)?,
            Item::ReducedYear(field) => {
                let digits = text.get(at..at + 2).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
                parsed.set(*field, 2000 + digits.parse::<i64>().ok()?)?;
                at + 2
            }
            Item::Fraction { min, max, mark } => read_fraction(*min, *max, *mark, text, at, parsed)?,
            Item::Word { field, words, base } => {
                let starts = |word: &&str| text[at..].starts_with(*word);
                let (i, word) = words.iter().enumerate().filter(|(_, w)| starts(w)).max_by_key(|(_, w)| w.len())?;
                parsed.set(*field, base + i as i64)?;
                at + word.len()
            }
            Item::Offset { shape, zero } => read_offset(*shape, zero, text, at, parsed)?,
            Item::ZoneOrOffset => read_zone(text, at, parsed)?,
            Item::GmtOffset => {
                let after = text[at..].starts_with("GMT").then_some(at + 3)?;
                read_offset(OffsetShape::ID, "", text, after, parsed).or_else(|| {
                    parsed.set_zone(TimeZone::default())?;
                    Some(after)
                })?
            }
            Item::Optional(inner) => {
                let mut attempt = *parsed;
                match run(inner, text, at, &mut attempt) {
                    Some(end) => {
                        *parsed = attempt;
                        end
                    }
                    None => at,
                }
            }
        };
    }
    Some(at)
}

/// How many digits stand at a position, up to a limit.
fn digits(text: &str, at: usize, max: usize) -> usize {
    text.as_bytes()[at..].iter().take(max).take_while(|b| b.is_ascii_digit()).count()
}

fn read_number(number: &Number, text: &str, start: usize, parsed: &mut Parsed) -> Option<usize> {
    let sign = text.as_bytes().get(start).copied()?;
    let at = match (sign, number.sign) {
        (b'+', Sign::ExceedsPad) | (b'-', Sign::Minus | Sign::ExceedsPad) => start + 1,
        (b'+' | b'-', _) => return None,
        _ => start,
    };
    let mut count = digits(text, at, number.max + number.reserved);
    if number.reserved > 0 {
        count = number.min.max(count.saturating_sub(number.reserved)).min(count);
    }
    if count < number.min {
        return None;
    }
    let value: i64 = text[at..at + count].parse().ok()?;
    let value = match sign {
        b'-' if value == 0 => return None,
        b'-' => -value,
        b'+' if count <= number.min => return None,
        _ if sign != b'+' && number.sign == Sign::ExceedsPad && count > number.min => return None,
        _ => value,
    };
    parsed.set(number.field, value)?;
    Some(at + count)
}

fn read_fraction(
    min: usize,
    max: usize,
    mark: Option<u8>,
    text: &str,
    at: usize,
    parsed: &mut Parsed,
) -> Option<usize> {
    let at = match mark {
        Some(mark) => (text.as_bytes().get(at) == Some(&mark)).then_some(at + 1)?,
        None => at,
    };
    let count = digits(text, at, max);
    if count < min {
        return None;
    }
    let value: i64 = text[at..at + count].parse().ok()?;
    parsed.set(DateField::Nano, value * 10_i64.pow(9 - count as u32))?;
    Some(at + count)
}

fn read_offset(shape: OffsetShape, zero: &str, text: &str, at: usize, parsed: &mut Parsed) -> Option<usize> {
    if !zero.is_empty() && text[at..].starts_with(zero) {
        parsed.set_zone(TimeZone::default())?;
        return Some(at + zero.len());
    }
    let sign = match text.as_bytes().get(at)? {
        b'+' => 1,
        b'-' => -1,
        _ => return None,
    };
    let two = |at: usize| -> Option<(i32, usize)> {
        (digits(text, at, 2) == 2).then_some(())?;
        Some((text[at..at + 2].parse().ok()?, at + 2))
    };
    let part = |at: usize, part: Part| -> Option<(i32, usize)> {
        let found = match shape.colons {
            true if text.as_bytes().get(at) == Some(&b':') => two(at + 1),
            true => None,
            false => two(at),
        };
        match part {
            Part::Never => Some((0, at)),
            Part::Optional => Some(found.unwrap_or((0, at))),
            Part::Always => found,
        }
    };
    let (hours, at) = two(at + 1)?;
    let (minutes, at) = part(at, shape.minutes)?;
    let (seconds, at) = part(at, shape.seconds)?;
    let total = hours * 3600 + minutes * 60 + seconds;
    if minutes > 59 || seconds > 59 || total > 18 * 3600 {
        return None;
    }
    parsed.set_zone(TimeZone::Offset(sign * total))?;
    Some(at)
}

/// An offset (`+01:00`, `Z`, `UTC+1`) or the longest name of a region.
fn read_zone(text: &str, at: usize, parsed: &mut Parsed) -> Option<usize> {
    let rest = &text[at..];
    if rest.starts_with(['+', '-']) {
        return read_offset(OffsetShape::ID, "", text, at, parsed);
    }
    let name_len = rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || b"/_+-:".contains(b)).count();
    for end in (1..=name_len).rev() {
        if let Some(zone) = TimeZone::find(&rest[..end]) {
            parsed.set_zone(zone)?;
            return Some(at + end);
        }
    }
    None
}
