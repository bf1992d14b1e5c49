//! Reads the settings of an index: analyzers and normalizers of its own.

use std::collections::BTreeMap;

use crate::dsl::read::Cursor;
use crate::error::{Code, Result, did_you_mean};
use crate::plan::analysis::{Analyzer, CharacterFilter, Normalizer};

use super::params::Params;

/// The analyzers and normalizers that the settings define.
#[derive(Debug, Default)]
pub(super) struct Analysis {
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
            return Ok(Normalizer { name: name.to_owned(), filters: vec![CharacterFilter::Lowercase] });
        }
        let known: Vec<&str> = self.normalizers.keys().map(String::as_str).chain(["lowercase"]).collect();
        Err(not_found(cursor, "normalizer", name, &known))
    }

    /// The analyzer of a name.
    pub(super) fn analyzer(&self, cursor: Cursor<'_>) -> Result<Analyzer> {
        let name = cursor.string()?;
        Ok(match name {
            "default" | "standard" => Analyzer::Standard,
            "english" => Analyzer::English,
            "simple" => Analyzer::Simple,
            "whitespace" => Analyzer::Whitespace,
            "keyword" => Analyzer::Keyword,
            "stop" => Analyzer::Stop,
            _ => {
                let known = ["standard", "english", "simple", "whitespace", "keyword", "stop"];
                return Err(not_found(cursor, "analyzer", name, &known));
            }
        })
    }
}

fn not_found(cursor: Cursor<'_>, what: &str, name: &str, known: &[&str]) -> crate::error::Error {
    let e = cursor
        .error(Code::InvalidMapping, format!("{what} [{name}] not found"))
        .expected(format!("one of: {}", known.join(", ")));
    match did_you_mean(name, known.iter().copied()) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => e,
    }
}

/// Reads `settings`. What has nothing to do with the meaning of fields (shards, refreshes, ..) is accepted as it is.
pub(super) fn read_settings(cursor: Cursor<'_>, analysis: &mut Analysis) -> Result<()> {
    cursor.each_key(|key, c| match key {
        "index" => read_settings(c, analysis),
        "analysis" => read_analysis(c, analysis),
        _ => Ok(()),
    })
}

fn read_analysis(cursor: Cursor<'_>, analysis: &mut Analysis) -> Result<()> {
    let mut params = Params::new(cursor, "analysis");
    params.read("normalizer", |c| {
        c.each_key(|name, c| {
            let normalizer = read_normalizer(name, c)?;
            analysis.normalizers.insert(name.to_owned(), normalizer);
            Ok(())
        })
    })?;
    for key in ["analyzer", "tokenizer", "filter", "char_filter"] {
        params.refuse(key)?;
    }
    params.finish()
}

fn read_normalizer(name: &str, cursor: Cursor<'_>) -> Result<Normalizer> {
    let mut params = Params::new(cursor, "normalizer");
    params.read("type", |c| match c.string()? {
        "custom" => Ok(()),
        other => {
            Err(c.error(Code::InvalidMapping, format!("a normalizer cannot be of type `{other}`")).expected("custom"))
        }
    })?;
    let mut filters = Vec::new();
    params.read("filter", |c| {
        c.one_or_many(|c| {
            filters.push(match c.string()? {
                "lowercase" => CharacterFilter::Lowercase,
                "uppercase" => CharacterFilter::Uppercase,
                "asciifolding" => CharacterFilter::AsciiFolding,
                "trim" => CharacterFilter::Trim,
                other => {
                    return Err(
                        c.error(Code::Unsupported, format!("filter `{other}` is not supported in normalizers yet"))
                    );
                }
            });
            Ok(())
        })
    })?;
    params.refuse("char_filter")?;
    params.finish()?;
    Ok(Normalizer { name: name.to_owned(), filters })
}
