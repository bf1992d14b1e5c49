//! Reads the settings of an index that change what its mapping means; all others (shards, refreshes, ..) are accepted.

use super::analysis::{Analysis, read_analysis};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::field::number::NumberOptions;

/// What the settings say about fields.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Analyzers and normalizers.
    pub(super) analysis: Analysis,
    /// What number fields that say nothing do with malformed values; other fields follow `ignore_malformed`, too.
    pub(super) defaults: NumberOptions,
}

/// Reads `settings`; keys may be objects in each other or have dots.
pub(super) fn read_settings(cursor: Cursor<'_>, settings: &mut Settings) -> Result<()> {
    cursor.each_key(|key, c| read_setting(key.strip_prefix("index.").unwrap_or(key), c, settings))
}

fn read_setting(key: &str, cursor: Cursor<'_>, settings: &mut Settings) -> Result<()> {
    match key {
        "index" => read_settings(cursor, settings),
        "analysis" => read_analysis(cursor, &mut settings.analysis),
        "mapping" => cursor.each_key(|key, c| read_setting(&format!("mapping.{key}"), c, settings)),
        "mapping.ignore_malformed" => {
            settings.defaults.ignore_malformed = cursor.boolean()?;
            Ok(())
        }
        "mapping.coerce" => {
            settings.defaults.is_strict = !cursor.boolean()?;
            Ok(())
        }
        _ if key.starts_with("analysis.") => {
            let reason = "settings of analysis with dots in their keys are not supported yet";
            Err(cursor.error(Code::Unsupported, reason).hint("write them as objects in each other"))
        }
        _ => Ok(()),
    }
}
