//! Tokenizers: where words begin and end.

use serde::{Deserialize, Serialize};

use super::filter::utf16_prefix;
use super::standard;

/// How text is cut into words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tokenizer {
    /// By Unicode's rules for word boundaries; longer words are cut.
    Standard {
        /// The most UTF-16 units a word may have.
        max_token_length: usize,
    },
    /// At white space.
    Whitespace,
    /// At everything that is no letter.
    Letter,
    /// Not at all.
    Keyword,
}

impl Tokenizer {
    /// Calls `word` with the start and end of each word.
    pub(super) fn split(self, text: &str, word: &mut dyn FnMut(usize, usize)) {
        match self {
            Self::Standard { max_token_length } => {
                standard::words(text, &mut |start, end| cut(text, start, end, max_token_length, word));
            }
            // Lucene's character tokenizers cut at 255 units, too.
            Self::Whitespace => runs(text, |c| !is_java_whitespace(c), &mut |s, e| cut(text, s, e, 255, word)),
            Self::Letter => runs(text, char::is_alphabetic, &mut |s, e| cut(text, s, e, 255, word)),
            Self::Keyword if text.is_empty() => {}
            Self::Keyword => word(0, text.len()),
        }
    }
}

/// Java's white space: spaces that may break a line, and control characters that separate.
fn is_java_whitespace(c: char) -> bool {
    match c {
        '\u{a0}' | '\u{2007}' | '\u{202f}' | '\u{85}' => false,
        '\u{1c}'..='\u{1f}' => true,
        _ => c.is_whitespace(),
    }
}

/// Calls `word` with each run of characters that belong to words.
fn runs(text: &str, belongs: impl Fn(char) -> bool, word: &mut dyn FnMut(usize, usize)) {
    let mut start = None;
    for (i, c) in text.char_indices() {
        match (start, belongs(c)) {
            (None, true) => start = Some(i),
            (Some(from), false) => {
                word(from, i);
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        word(from, text.len());
    }
}

/// Cuts a word into pieces of at most `max` UTF-16 units.
fn cut(text: &str, mut start: usize, end: usize, max: usize, word: &mut dyn FnMut(usize, usize)) {
    while end - start > max {
        let piece = utf16_prefix(&text[start..end], max);
        if piece == 0 || start + piece == end {
            break;
        }
        word(start, start + piece);
        start += piece;
    }
    word(start, end);
}
