//! `prefix` and `wildcard`: the documents of the terms of a dictionary that fit a pattern.

use super::set::PostingsCollector;
use super::{BoxMatcher, all};
use crate::error::Result;
use crate::exec::index::storage_error;
use crate::exec::segment::SegmentContext;

/// Prepares a `prefix` query.
pub(super) fn prefix<'a>(
    segment: SegmentContext<'_>,
    path: &str,
    prefix: &str,
    case_insensitive: bool,
) -> Result<BoxMatcher<'a>> {
    let mut parts: Vec<_> = prefix.chars().map(|c| Part::Char(c, case_insensitive)).collect();
    parts.push(Part::Any);
    collect(segment, path, &parts)
}

/// Prepares a `wildcard` query.
pub(super) fn wildcard<'a>(
    segment: SegmentContext<'_>,
    path: &str,
    pattern: &str,
    case_insensitive: bool,
) -> Result<BoxMatcher<'a>> {
    collect(segment, path, &parse(pattern, case_insensitive))
}

/// A part of a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// A character, and whether its case is ignored.
    Char(char, bool),
    /// `?`: any one character.
    One,
    /// `*`: any characters, also none.
    Any,
}

impl Part {
    fn fits(self, c: char) -> bool {
        match self {
            Self::Char(own, false) => own == c,
            // As Lucene: both simple case variants of the pattern's character, one code point each.
            Self::Char(own, true) => own == c || own.to_lowercase().eq([c]) || own.to_uppercase().eq([c]),
            Self::One | Self::Any => true,
        }
    }
}

/// Reads a wildcard pattern; `\` takes the next character as it is.
fn parse(pattern: &str, case_insensitive: bool) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        parts.push(match c {
            '*' => Part::Any,
            '?' => Part::One,
            '\\' => Part::Char(chars.next().unwrap_or('\\'), case_insensitive),
            c => Part::Char(c, case_insensitive),
        });
    }
    parts
}

/// Whether a text fits a pattern, in time of at most their product.
fn fits(parts: &[Part], text: &str) -> bool {
    let (mut part, mut rest) = (0, text.chars());
    // Where to go on when a guess about the last `*` fails: the part after it, and the text it has not taken yet.
    let mut retry: Option<(usize, std::str::Chars<'_>)> = None;
    loop {
        match parts.get(part) {
            Some(Part::Any) => {
                part += 1;
                retry = Some((part, rest.clone()));
                continue;
            }
            Some(one) => {
                let mut ahead = rest.clone();
                if ahead.next().is_some_and(|c| one.fits(c)) {
                    (part, rest) = (part + 1, ahead);
                    continue;
                }
            }
            None if rest.as_str().is_empty() => return true,
            None => {}
        }
        let Some((after, untaken)) = &mut retry else { return false };
        if untaken.next().is_none() {
            return false;
        }
        (part, rest) = (*after, untaken.clone());
    }
}

/// Collects the documents of the terms that fit; a literal beginning narrows which terms are looked at.
fn collect<'a>(segment: SegmentContext<'_>, path: &str, parts: &[Part]) -> Result<BoxMatcher<'a>> {
    let Some(index) = segment.inverted(path)? else { return Ok(Box::new(all::Nothing)) };
    let literal: String =
        parts.iter().map_while(|p| if let Part::Char(c, false) = p { Some(*c) } else { None }).collect();
    let only_prefix = parts.len() == literal.chars().count() + 1 && parts.last() == Some(&Part::Any);
    let mut collector = PostingsCollector::new(segment, Some(path), &index);
    let mut terms = index.reader.terms().range().ge(literal.as_bytes()).into_stream().map_err(storage_error)?;
    while terms.advance() && terms.key().starts_with(literal.as_bytes()) {
        if only_prefix || std::str::from_utf8(terms.key()).is_ok_and(|term| fits(parts, term)) {
            collector.add(terms.value())?;
        }
    }
    Ok(Box::new(collector.finish()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_lucene() {
        let cases = [
            ("", false, "", true),
            ("", false, "a", false),
            ("*", false, "", true),
            ("a*b?d", false, "axxbcd", true),
            ("a*b?d", false, "abd", false),
            ("*ab*ab*", false, "xabyabz", true),
            ("*ab*ab*", false, "xaby", false),
            (r"a\*", false, "a*", true),
            (r"a\*", false, "ab", false),
            (r"a\", false, r"a\", true),
            ("ÄpFel*", true, "äPfelmus", true),
            ("ÄpFel*", false, "äPfelmus", false),
            ("?", false, "日", true),
        ];
        for (pattern, case_insensitive, text, expected) in cases {
            assert_eq!(fits(&parse(pattern, case_insensitive), text), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_stay_fast() {
        let pattern = parse(&"*a".repeat(200), false);
        assert!(!fits(&pattern, &"a".repeat(199)));
        assert!(fits(&pattern, &"a".repeat(5000)));
    }
}
