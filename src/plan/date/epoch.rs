//! Dates as a count since 1970-01-01: seconds, milliseconds, microseconds, perhaps with a fraction.

use super::math::Rounding;

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Epoch {
    Seconds,
    Millis,
    Micros,
}

impl Epoch {
    /// The unit of a format's name.
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "epoch_second" => Self::Seconds,
            "epoch_millis" => Self::Millis,
            "epoch_micros" => Self::Micros,
            _ => return None,
        })
    }

    /// The milliseconds that a text means. A second without fraction that is rounded up ends with its last millisecond.
    pub(super) fn parse(self, text: &str, rounding: Rounding) -> Option<i64> {
        match self {
            Self::Seconds => {
                let (whole, part) = count(text, 9)?;
                let millis = match (part, rounding) {
                    (None, Rounding::Up) => 999,
                    (part, _) => part.unwrap_or(0).div_euclid(1_000_000),
                };
                whole.checked_mul(1000)?.checked_add(millis)
            }
            Self::Millis => {
                let (whole, part) = count(text, 6)?;
                whole.checked_sub(i64::from(part.is_some_and(|p| p < 0)))
            }
            Self::Micros => count(text, 3).map(|(whole, _)| whole.div_euclid(1000)),
        }
    }
}

/// A number with a fraction of at most so many digits: the whole part, and the fraction in 10^-9, each with the sign.
fn count(text: &str, max_fraction: usize) -> Option<(i64, Option<i64>)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_number = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if digits.is_empty() || !is_number(digits) {
        return None;
    }
    let fraction = match fraction {
        None | Some("") => None,
        Some(fraction) if fraction.len() <= max_fraction && is_number(fraction) => {
            let part = fraction.parse::<i64>().ok()? * 10_i64.pow(9 - fraction.len() as u32);
            Some(if text.starts_with('-') { -part } else { part })
        }
        Some(_) => return None,
    };
    Some((whole.parse().ok()?, fraction))
}
