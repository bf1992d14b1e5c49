//! Reads the settings of an index: analyzers and normalizers of its own, made of standard parts.

mod filter;

use std::collections::BTreeMap;

use serde_json::Value as Json;

use super::params::Params;
use crate::dsl::read::{Cursor, Path};
use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::analysis::filter::TokenFilter;
use crate::plan::analysis::tokenizer::Tokenizer;
use crate::plan::analysis::{Analyzer, CustomAnalyzer, Normalizer};
use filter::{Filters, read_stop_words};

/// The analyzers and normalizers that the settings define.
#[derive(Debug, Default)]
pub(super) struct Analysis {
    analyzers: BTreeMap<String, Analyzer>,
    normalizers: BTreeMap<String, Normalizer>,
}

impl Analysis {
    /// The normalizer of a name.
    pub(super) fn normalizer(&self, cursor: Cursor<'_>) -> Result<Normalizer> {
        let name = cursor.string()?;
        if let Some(normalizer) = self.normalizers.get(name) {
            return Ok(normalizer.clone());
        }
        if name == "lowercase" {
            return Ok(Normalizer { name: name.to_owned(), filters: vec![TokenFilter::Lowercase] });
        }
        Err(not_found(cursor, "normalizer", name, self.normalizers.keys().map(String::as_str).chain(["lowercase"])))
    }

    /// The analyzer of a name.
    pub(super) fn analyzer(&self, cursor: Cursor<'_>) -> Result<Analyzer> {
        let name = cursor.string()?;
        if let Some(analyzer) = self.analyzers.get(name) {
            return Ok(analyzer.clone());
        }
        if name == "default" {
            return Ok(Analyzer::Standard);
        }
        if let Some(analyzer) = Analyzer::built_in(name) {
            return Ok(analyzer);
        }
        if LANGUAGES.contains(&name) || ["pattern", "fingerprint", "snowball"].contains(&name) {
            return Err(cursor.error(Code::Unsupported, format!("analyzer [{name}] is not supported yet")));
        }
        let built_in = Analyzer::BUILT_IN.iter().map(Analyzer::name);
        Err(not_found(cursor, "analyzer", name, self.analyzers.keys().map(String::as_str).chain(built_in)))
    }

    /// The analyzer of text fields that name none.
    pub(super) fn default_analyzer(&self) -> Analyzer {
        self.analyzers.get("default").cloned().unwrap_or_default()
    }

    /// The analyzer of queries on text fields that name none.
    pub(super) fn default_search_analyzer(&self) -> Option<Analyzer> {
        self.analyzers.get("default_search").cloned()
    }
}

/// The language analyzers of OpenSearch that do not work here yet.
const LANGUAGES: &[&str] = &[
    "arabic",
    "armenian",
    "basque",
    "bengali",
    "brazilian",
    "bulgarian",
    "catalan",
    "cjk",
    "czech",
    "danish",
    "dutch",
    "estonian",
    "finnish",
    "french",
    "galician",
    "german",
    "greek",
    "hindi",
    "hungarian",
    "indonesian",
    "irish",
    "italian",
    "latvian",
    "lithuanian",
    "norwegian",
    "persian",
    "polish",
    "portuguese",
    "romanian",
    "russian",
    "sorani",
    "spanish",
    "swedish",
    "thai",
    "turkish",
    "ukrainian",
];

fn not_found<'a>(cursor: Cursor<'_>, what: &str, name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.collect();
    let e = cursor
        .error(Code::InvalidMapping, format!("{what} [{name}] not found"))
        .expected(format!("one of: {}", known.join(", ")));
    match did_you_mean(name, known) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => e,
    }
}

/// Reads `settings.analysis`.
pub(super) fn read_analysis(cursor: Cursor<'_>, analysis: &mut Analysis) -> Result<()> {
    let mut params = Params::new(cursor, "analysis");
    let mut filters = Filters::default();
    let mut tokenizers = BTreeMap::new();
    params.read("filter", |c| c.each_key(|name, c| filters.define(name, c)))?;
    params.read("tokenizer", |c| {
        c.each_key(|name, c| {
            tokenizers.insert(name.to_owned(), read_tokenizer(c)?);
            Ok(())
        })
    })?;
    params.refuse("char_filter")?;
    params.read("normalizer", |c| {
        c.each_key(|name, c| {
            let normalizer = read_normalizer(name, c, &filters)?;
            analysis.normalizers.insert(name.to_owned(), normalizer);
            Ok(())
        })
    })?;
    params.read("analyzer", |c| {
        c.each_key(|name, c| {
            let analyzer = read_analyzer(name, c, &filters, &tokenizers)?;
            analysis.analyzers.insert(name.to_owned(), analyzer);
            Ok(())
        })
    })?;
    params.finish()
}

fn read_normalizer(name: &str, cursor: Cursor<'_>, filters: &Filters) -> Result<Normalizer> {
    let mut params = Params::new(cursor, "normalizer");
    params.read("type", |c| match c.string()? {
        "custom" => Ok(()),
        other => {
            let reason = format!("a normalizer cannot be of type `{other}`");
            Err(c.error(Code::InvalidMapping, reason).expected("custom"))
        }
    })?;
    let used = params.read("filter", |c| filters.list(c))?.unwrap_or_default();
    params.refuse("char_filter")?;
    params.finish()?;
    if !used.iter().all(TokenFilter::is_for_characters) {
        return Err(cursor
            .error(
                Code::InvalidMapping,
                format!("normalizer `{name}` has a filter that does more than change characters"),
            )
            .expected("only lowercase, uppercase, asciifolding and trim"));
    }
    Ok(Normalizer { name: name.to_owned(), filters: used })
}

fn read_analyzer(
    name: &str,
    cursor: Cursor<'_>,
    filters: &Filters,
    tokenizers: &BTreeMap<String, Tokenizer>,
) -> Result<Analyzer> {
    let object = cursor.object()?;
    let ty = object.get("type").and_then(Json::as_str).unwrap_or("custom");
    let mut params = Params::new(cursor, "analyzer");
    params.accept(&["type"]);
    let (tokenizer, used) = if ty == "custom" {
        let tokenizer = params.read("tokenizer", |c| tokenizer_of(c, tokenizers))?;
        let tokenizer = tokenizer
            .ok_or_else(|| cursor.error(Code::InvalidMapping, format!("analyzer `{name}` must have a tokenizer")))?;
        params.refuse("char_filter")?;
        params.accept(&["position_increment_gap"]);
        (tokenizer, params.read("filter", |c| filters.list(c))?.unwrap_or_default())
    } else {
        let Some(base) = Analyzer::built_in(ty) else {
            let path = Path::Key(cursor.path, "type");
            let value = object.get("type").unwrap_or(cursor.value);
            return Analysis::default().analyzer(Cursor::new(value, &path));
        };
        let (mut tokenizer, used) = base.parts();
        let mut used = used.to_vec();
        if let Some(words) = params.read("stopwords", |c| read_stop_words(c, false))? {
            used.retain(|f| !matches!(f, TokenFilter::Stop(_)));
            // Behind lower case, before stems.
            let at = used.iter().position(|f| *f == TokenFilter::PorterStem).unwrap_or(used.len());
            used.insert(at, TokenFilter::Stop(words));
        }
        params.refuse("stem_exclusion")?;
        if let (Tokenizer::Standard { max_token_length }, Some(max)) =
            (&mut tokenizer, params.read("max_token_length", read_token_length)?)
        {
            *max_token_length = max;
        }
        (tokenizer, used)
    };
    params.finish()?;
    Ok(Analyzer::Custom(Box::new(CustomAnalyzer { name: name.to_owned(), tokenizer, filters: used })))
}

fn tokenizer_of(cursor: Cursor<'_>, defined: &BTreeMap<String, Tokenizer>) -> Result<Tokenizer> {
    let name = cursor.string()?;
    match defined.get(name) {
        Some(tokenizer) => Ok(*tokenizer),
        None => built_in_tokenizer(name, cursor),
    }
}

fn built_in_tokenizer(name: &str, cursor: Cursor<'_>) -> Result<Tokenizer> {
    const OTHERS: &[&str] = &[
        "lowercase",
        "ngram",
        "edge_ngram",
        "pattern",
        "char_group",
        "simple_pattern",
        "simple_pattern_split",
        "path_hierarchy",
        "uax_url_email",
        "classic",
        "thai",
    ];
    const KNOWN: &[&str] = &["standard", "whitespace", "letter", "keyword"];
    Ok(match name {
        "standard" => Tokenizer::Standard { max_token_length: 255 },
        "whitespace" => Tokenizer::Whitespace,
        "letter" => Tokenizer::Letter,
        "keyword" => Tokenizer::Keyword,
        _ if OTHERS.contains(&name) => {
            return Err(cursor.error(Code::Unsupported, format!("tokenizer [{name}] is not supported yet")));
        }
        _ => return Err(not_found(cursor, "tokenizer", name, KNOWN.iter().copied())),
    })
}

fn read_tokenizer(cursor: Cursor<'_>) -> Result<Tokenizer> {
    let mut params = Params::new(cursor, "tokenizer");
    let tokenizer = params.read("type", |c| built_in_tokenizer(c.string()?, c))?;
    let mut tokenizer = tokenizer.ok_or_else(|| cursor.error(Code::InvalidMapping, "a tokenizer needs a `type`"))?;
    if let Tokenizer::Standard { max_token_length } = &mut tokenizer {
        if let Some(max) = params.read("max_token_length", read_token_length)? {
            *max_token_length = max;
        }
    } else {
        params.refuse("max_token_length")?;
        params.refuse("buffer_size")?;
    }
    params.finish()?;
    Ok(tokenizer)
}

fn read_token_length(cursor: Cursor<'_>) -> Result<usize> {
    match cursor.integer()? {
        length @ 1..=1_048_576 => Ok(length as usize),
        _ => Err(cursor.error(Code::InvalidMapping, "`max_token_length` must be from 1 to 1048576")),
    }
}
