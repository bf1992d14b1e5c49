//! Reads the token filters of an index's settings.

use std::collections::BTreeMap;

use super::not_found;
use crate::dsl::mapping::params::Params;
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::analysis::filter::TokenFilter;
use crate::plan::analysis::stop::StopWords;

/// The filters that the settings define, by name.
#[derive(Debug, Default)]
pub(super) struct Filters {
    defined: BTreeMap<String, TokenFilter>,
}

/// Filters that work without settings of their own.
const KNOWN: &[&str] = &["lowercase", "uppercase", "asciifolding", "trim", "stop", "porter_stem", "stemmer", "reverse"];

/// Filters that OpenSearch knows and that do not work here yet.
const OTHERS: &[&str] = &[
    "apostrophe",
    "arabic_normalization",
    "cjk_bigram",
    "cjk_width",
    "classic",
    "common_grams",
    "condition",
    "decimal_digit",
    "delimited_payload",
    "dictionary_decompounder",
    "edge_ngram",
    "elision",
    "fingerprint",
    "flatten_graph",
    "german_normalization",
    "hunspell",
    "hyphenation_decompounder",
    "keep",
    "keep_types",
    "keyword_marker",
    "keyword_repeat",
    "kstem",
    "limit",
    "min_hash",
    "multiplexer",
    "ngram",
    "pattern_capture",
    "pattern_replace",
    "phonetic",
    "predicate_token_filter",
    "remove_duplicates",
    "scandinavian_folding",
    "shingle",
    "snowball",
    "stemmer_override",
    "synonym",
    "synonym_graph",
    "unique",
    "word_delimiter",
    "word_delimiter_graph",
];

impl Filters {
    /// Reads the definition of a filter.
    pub(super) fn define(&mut self, name: &str, cursor: Cursor<'_>) -> Result<()> {
        let mut params = Params::new(cursor, "filter");
        let ty = params.read("type", |c| c.string().map(str::to_owned))?;
        let ty = ty.ok_or_else(|| cursor.error(Code::InvalidMapping, format!("filter `{name}` needs a `type`")))?;
        let filter = match ty.as_str() {
            "lowercase" => {
                params.refuse("language")?;
                TokenFilter::Lowercase
            }
            "asciifolding" => {
                if params.boolean("preserve_original", false)? {
                    return Err(cursor.error(Code::Unsupported, "`preserve_original` is not supported yet"));
                }
                TokenFilter::AsciiFolding
            }
            "stop" => {
                let ignore_case = params.boolean("ignore_case", false)?;
                let words = params.read("stopwords", |c| read_stop_words(c, ignore_case))?;
                params.refuse("stopwords_path")?;
                if !params.boolean("remove_trailing", true)? {
                    return Err(cursor.error(Code::Unsupported, "`remove_trailing` is not supported yet"));
                }
                TokenFilter::Stop(words.unwrap_or(StopWords::English))
            }
            "stemmer" => {
                let language = params.read("language", read_stemmer)?.or(params.read("name", read_stemmer)?);
                language.unwrap_or(TokenFilter::PorterStem)
            }
            "length" => TokenFilter::Length {
                min: params.read("min", read_count)?.unwrap_or(0),
                max: params.read("max", read_count)?.unwrap_or(usize::MAX),
            },
            "truncate" => TokenFilter::Truncate(params.read("length", read_count)?.unwrap_or(10)),
            other => built_in(other, cursor)?,
        };
        params.finish()?;
        self.defined.insert(name.to_owned(), filter);
        Ok(())
    }

    /// Reads a list of filter names.
    pub(super) fn list(&self, cursor: Cursor<'_>) -> Result<Vec<TokenFilter>> {
        let mut filters = Vec::new();
        cursor.one_or_many(|c| {
            let name = c.string()?;
            filters.push(match self.defined.get(name) {
                Some(filter) => filter.clone(),
                None => built_in(name, c)?,
            });
            Ok(())
        })?;
        Ok(filters)
    }
}

fn built_in(name: &str, cursor: Cursor<'_>) -> Result<TokenFilter> {
    Ok(match name {
        "lowercase" => TokenFilter::Lowercase,
        "uppercase" => TokenFilter::Uppercase,
        "asciifolding" => TokenFilter::AsciiFolding,
        "trim" => TokenFilter::Trim,
        "stop" => TokenFilter::Stop(StopWords::English),
        "porter_stem" | "stemmer" => TokenFilter::PorterStem,
        "reverse" => TokenFilter::Reverse,
        "length" => TokenFilter::Length { min: 0, max: usize::MAX },
        "truncate" => TokenFilter::Truncate(10),
        _ if OTHERS.contains(&name) || name.ends_with("_stem") || name.ends_with("_normalization") => {
            return Err(cursor.error(Code::Unsupported, format!("filter [{name}] is not supported yet")));
        }
        _ => return Err(not_found(cursor, "filter", name, KNOWN.iter().copied())),
    })
}

/// Reads stop words: `_english_`, `_none_`, or the words.
pub(super) fn read_stop_words(cursor: Cursor<'_>, ignore_case: bool) -> Result<StopWords> {
    let mut words = Vec::new();
    let mut is_english = false;
    cursor.one_or_many(|c| {
        match c.string()? {
            "_english_" => is_english = true,
            "_none_" => {}
            name if name.len() > 2 && name.starts_with('_') && name.ends_with('_') => {
                return Err(c.error(Code::Unsupported, format!("stop words {name} are not supported yet")));
            }
            text => words.extend(text.split(',').map(|w| if ignore_case { w.to_lowercase() } else { w.to_owned() })),
        }
        Ok(())
    })?;
    match (is_english, words.is_empty()) {
        (true, true) => Ok(StopWords::English),
        (true, false) => {
            Err(cursor.error(Code::Unsupported, "`_english_` together with other words is not supported yet"))
        }
        (false, _) => Ok(StopWords::List { words, ignore_case }),
    }
}

fn read_stemmer(cursor: Cursor<'_>) -> Result<TokenFilter> {
    match cursor.string()? {
        "english" | "porter" => Ok(TokenFilter::PorterStem),
        "possessive_english" => Ok(TokenFilter::Possessive),
        other => Err(cursor.error(Code::Unsupported, format!("stemmer `{other}` is not supported yet"))),
    }
}

fn read_count(cursor: Cursor<'_>) -> Result<usize> {
    usize::try_from(cursor.integer()?).map_err(|_| cursor.error(Code::InvalidMapping, "a count must not be negative"))
}
