//! What `prefix` and `wildcard` share: their options, and which fields they work on.

use super::common::{Common, read_value, value_text};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};

const KEYS: &[&str] = &["value", "case_insensitive", "rewrite"];

/// How matching terms are rewritten into a query; those that score each term do not run here.
const REWRITES: &[(&str, bool)] = &[
    ("constant_score", true),
    ("constant_score_blended", true),
    ("constant_score_boolean", true),
    ("scoring_boolean", false),
];

/// A pattern for the terms of a field.
#[derive(Debug)]
pub(super) struct Pattern {
    pub(super) field: String,
    pub(super) value: String,
    pub(super) case_insensitive: bool,
    pub(super) common: Common,
    pub(super) at: String,
}

impl Pattern {
    /// Reads `{"FIELD": TEXT}` or `{"FIELD": {"value": TEXT, ..}}`; `alias` is another name for `value`.
    pub(super) fn read(at: Cursor<'_>, owner: &str, alias: &str) -> Result<Self> {
        at.one_key("one field", |field, inner| {
            let (mut value, mut case_insensitive, mut common) = (None, false, Common::default());
            if inner.value.is_object() {
                inner.each_key(|key, option| {
                    match key {
                        "case_insensitive" => case_insensitive = option.boolean()?,
                        "rewrite" => read_rewrite(option)?,
                        _ if key == "value" || key == alias => value = Some(value_text(&read_value(option)?)),
                        _ => common.read(key, option, owner, KEYS)?,
                    }
                    Ok(())
                })?;
            } else {
                value = Some(value_text(&read_value(inner)?));
            }
            let value = value.ok_or_else(|| {
                inner.error(Code::MissingKey, format!("`{owner}` without `value` found")).expected("`value`, a text")
            })?;
            Ok(Self { field: field.to_owned(), value, case_insensitive, common, at: inner.path.to_string() })
        })
    }
}

fn read_rewrite(at: Cursor<'_>) -> Result<()> {
    if at.value.is_null() {
        return Ok(());
    }
    let name = at.text()?;
    let scores_terms = ["top_terms_", "top_terms_boost_", "top_terms_blended_freqs_"]
        .iter()
        .any(|prefix| name.strip_prefix(prefix).is_some_and(|n| n.parse::<u32>().is_ok()));
    if scores_terms || !at.word(REWRITES)? {
        return Err(at.error(Code::Unsupported, format!("rewrite `{name}`, which scores terms, does not run yet")));
    }
    Ok(())
}
