//! Token filters: what becomes of a word.

use serde::{Deserialize, Serialize};

use super::stop::StopWords;
use super::{case, folding, porter};

/// What happens with each word.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TokenFilter {
    /// To lower case.
    Lowercase,
    /// To upper case.
    Uppercase,
    /// Letters with marks become plain ASCII letters.
    AsciiFolding,
    /// White space around the word goes.
    Trim,
    /// An English `'s` at the end goes.
    Possessive,
    /// Some words go.
    Stop(StopWords),
    /// English words become their stems by Porter's algorithm.
    PorterStem,
    /// Words that are too short or too long go.
    Length {
        /// The fewest UTF-16 units.
        min: usize,
        /// The most UTF-16 units.
        max: usize,
    },
    /// Words are cut to so many UTF-16 units.
    Truncate(usize),
    /// Words are written backwards.
    Reverse,
}

impl TokenFilter {
    /// Whether it changes characters wherever they stand, so that it fits parts of words too.
    pub fn is_for_characters(&self) -> bool {
        match self {
            Self::Lowercase | Self::Uppercase | Self::AsciiFolding | Self::Trim => true,
            Self::Possessive
            | Self::Stop(_)
            | Self::PorterStem
            | Self::Length { .. }
            | Self::Truncate(_)
            | Self::Reverse => false,
        }
    }

    /// The word that it becomes; `None` where it is dropped.
    pub(super) fn apply(&self, word: String) -> Option<String> {
        Some(match self {
            Self::Lowercase => case::lowercase(&word),
            Self::Uppercase => case::uppercase(&word),
            Self::AsciiFolding => folding::fold(&word),
            Self::Trim => word.trim().to_owned(),
            Self::Possessive => case::without_possessive(word),
            Self::Stop(words) => return (!words.contains(&word)).then_some(word),
            Self::PorterStem => porter::stem(&word),
            Self::Length { min, max } => {
                return (*min..=*max).contains(&word.encode_utf16().count()).then_some(word);
            }
            Self::Truncate(units) => word[..utf16_prefix(&word, *units)].to_owned(),
            Self::Reverse => word.chars().rev().collect(),
        })
    }
}

/// How many bytes the first `units` UTF-16 units of a text take; a pair is never cut.
pub(super) fn utf16_prefix(text: &str, units: usize) -> usize {
    let mut seen = 0;
    for (i, c) in text.char_indices() {
        seen += c.len_utf16();
        if seen > units {
            return i;
        }
    }
    text.len()
}
