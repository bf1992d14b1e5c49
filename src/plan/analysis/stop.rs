//! Words that are left out.

use serde::{Deserialize, Serialize};

/// Words that are left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum StopWords {
    /// Lucene's 33 English words.
    English,
    /// A list of the settings.
    List {
        /// The words; in lower case where case is ignored.
        words: Vec<String>,
        /// Whether case is ignored.
        ignore_case: bool,
    },
}

const ENGLISH: &[&str] = &[
    "a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not", "of",
    "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was", "will", "with",
];

impl StopWords {
    /// Whether a word is left out.
    pub fn contains(&self, word: &str) -> bool {
        match self {
            Self::English => ENGLISH.binary_search(&word).is_ok(),
            Self::List { words, ignore_case: false } => words.iter().any(|w| w == word),
            Self::List { words, ignore_case: true } => {
                let word = super::case::lowercase(word);
                words.contains(&word)
            }
        }
    }
}
