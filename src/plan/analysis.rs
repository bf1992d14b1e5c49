//! Analysis: text into terms with positions, as Lucene 10 does it.
//!
//! An analyzer is a tokenizer and a list of filters. A filter changes terms or drops them; a dropped term leaves a gap
//! in the positions, which phrases respect.

mod case;
pub mod filter;
mod folding;
mod porter;
mod standard;
pub mod stop;
pub mod tokenizer;

use serde::{Deserialize, Serialize};

use filter::TokenFilter;
use stop::StopWords;
use tokenizer::Tokenizer;

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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
    /// An analyzer of the index's settings.
    Custom(Box<CustomAnalyzer>),
}

/// An analyzer that the settings of an index define.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomAnalyzer {
    /// Its name.
    pub name: String,
    /// How text is cut into words.
    pub tokenizer: Tokenizer,
    /// What then happens with each word, in order.
    pub filters: Vec<TokenFilter>,
}

const STANDARD: Tokenizer = Tokenizer::Standard { max_token_length: 255 };

impl Analyzer {
    /// The name, as in a mapping.
    pub fn name(&self) -> &str {
        match self {
            Self::Standard => "standard",
            Self::English => "english",
            Self::Simple => "simple",
            Self::Whitespace => "whitespace",
            Self::Keyword => "keyword",
            Self::Stop => "stop",
            Self::Custom(custom) => &custom.name,
        }
    }

    /// The analyzer of a name that needs no settings.
    pub fn built_in(name: &str) -> Option<Self> {
        Self::BUILT_IN.iter().find(|a| a.name() == name).cloned()
    }

    /// The analyzers that need no settings.
    pub const BUILT_IN: &'static [Self] =
        &[Self::Standard, Self::English, Self::Simple, Self::Whitespace, Self::Keyword, Self::Stop];

    /// Its parts.
    pub fn parts(&self) -> (Tokenizer, &[TokenFilter]) {
        match self {
            Self::Standard => (STANDARD, &[TokenFilter::Lowercase]),
            Self::English => (
                STANDARD,
                &[
                    TokenFilter::Possessive,
                    TokenFilter::Lowercase,
                    TokenFilter::Stop(StopWords::English),
                    TokenFilter::PorterStem,
                ],
            ),
            Self::Simple => (Tokenizer::Letter, &[TokenFilter::Lowercase]),
            Self::Whitespace => (Tokenizer::Whitespace, &[]),
            Self::Keyword => (Tokenizer::Keyword, &[]),
            Self::Stop => (Tokenizer::Letter, &[TokenFilter::Lowercase, TokenFilter::Stop(StopWords::English)]),
            Self::Custom(custom) => (custom.tokenizer, &custom.filters),
        }
    }

    /// The terms of a text.
    pub fn tokens(&self, text: &str) -> Vec<Token> {
        let (tokenizer, filters) = self.parts();
        let mut tokens = Vec::new();
        let mut position = 0;
        tokenizer.split(text, &mut |start, end| {
            if let Some(term) = filter_word(filters, &text[start..end]) {
                tokens.push(Token { term, position, start, end });
            }
            position += 1;
        });
        tokens
    }
}

/// The term that a word becomes; `None` where a filter drops it.
fn filter_word(filters: &[TokenFilter], word: &str) -> Option<String> {
    filters.iter().try_fold(word.to_owned(), |word, filter| filter.apply(word))
}

/// How a keyword is changed before it becomes a term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Normalizer {
    /// The name in the mapping.
    pub name: String,
    /// What is done, in order; only filters that change characters.
    pub filters: Vec<TokenFilter>,
}

impl Normalizer {
    /// The term that a text becomes.
    pub fn apply(&self, text: &str) -> String {
        filter_word(&self.filters, text).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(analyzer: &Analyzer, text: &str) -> Vec<(String, u32)> {
        analyzer.tokens(text).into_iter().map(|t| (t.term, t.position)).collect()
    }

    fn line(analyzer: &Analyzer, text: &str) -> String {
        terms(analyzer, text).iter().map(|(t, p)| format!("{t}@{p}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_of_each_analyzer() {
        for (analyzer, text, expected) in [
            (Analyzer::Standard, "The Café-au-lait, isn't it?", "the@0 café@1 au@2 lait@3 isn't@4 it@5"),
            (Analyzer::Standard, "v1.5 costs 3,50 at foo_bar.com:80", "v1.5@0 costs@1 3,50@2 at@3 foo_bar.com@4 80@5"),
            (Analyzer::Standard, "日本語テスト ひら 한국어", "日@0 本@1 語@2 テスト@3 ひ@4 ら@5 한국어@6"),
            (Analyzer::Standard, "emoji 🚀 rocket 👩‍👩‍👧 © #️⃣ # 🇩🇪", "emoji@0 🚀@1 rocket@2 👩‍👩‍👧@3 ©@4 #️⃣@5 🇩🇪@6"),
            (Analyzer::Standard, "a:b 1:2 x: y m³ ___", "a:b@0 1@1 2@2 x@3 y@4 m@5"),
            (Analyzer::Standard, "สวัสดีครับ ok", "สวัสดีครับ@0 ok@1"),
            (Analyzer::Standard, "re\u{200b}d \u{202e}table", "re@0 d@1 table@2"),
            (Analyzer::Standard, "GRÖSSER ẞ İ ΣΑΣ", "grösser@0 ß@1 i@2 σασ@3"),
            (Analyzer::English, "The runner's running into the kitchens", "runner@1 run@2 kitchen@5"),
            (Analyzer::English, "runs running runner", "run@0 run@1 runner@2"),
            (Analyzer::Simple, "Foo2Bar's", "foo@0 bar@1 s@2"),
            (Analyzer::Whitespace, "Foo-Bar  baz", "Foo-Bar@0 baz@1"),
            (Analyzer::Keyword, "Foo bar", "Foo bar@0"),
            (Analyzer::Stop, "The quick AND the dead", "quick@1 dead@4"),
        ] {
            assert_eq!(line(&analyzer, text), expected, "{analyzer:?}: {text}");
        }
    }

    #[test]
    fn long_words_are_cut() {
        let word = "x".repeat(600);
        let lengths: Vec<_> = Analyzer::Standard.tokens(&word).iter().map(|t| (t.term.len(), t.position)).collect();
        assert_eq!(lengths, [(255, 0), (255, 1), (90, 2)]);
    }

    #[test]
    fn normalizers_fold() {
        let filters = vec![TokenFilter::Lowercase, TokenFilter::AsciiFolding];
        let normalizer = Normalizer { name: "lower".into(), filters };
        assert_eq!(normalizer.apply("CAFÉ Straße Œuvre “x” ½ ①"), "cafe strasse oeuvre \"x\" ½ 1");
    }
}
