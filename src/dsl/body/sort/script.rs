//! Sort by a script: `{"_script": {"type": "number", "script": .., "order": ..}}`.

use crate::dsl::body::sort::{read_mode, read_order};
use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::dsl::script::ScriptShape;
use crate::error::{Code, Error, Result};
use crate::plan::node::{SortBy, SortMode};
use crate::plan::script::ScriptContext;

const KEYS: &[&str] = &["script", "type", "order", "mode", "nested"];

/// A script sort as the body gives it.
#[derive(Debug)]
pub struct ScriptSortShape {
    script: ScriptShape,
    of_strings: bool,
    pub(super) descending: bool,
}

impl ScriptSortShape {
    /// Reads the value of `_script`.
    pub(super) fn read(value: Cursor<'_>) -> Result<Self> {
        let (mut script, mut of_strings, mut descending) = (None, None, false);
        let mut numeric_mode = None;
        value.each_key(|key, option| {
            match key {
                "script" => script = Some(ScriptShape::read(option)?),
                "type" => of_strings = Some(read_type(option)?),
                "order" => descending = read_order(option)?,
                // A script has one value a document: without `nested` there is nothing to choose from.
                "mode" => match read_mode(option)? {
                    SortMode::Min | SortMode::Max => {}
                    SortMode::Sum | SortMode::Avg | SortMode::Median => numeric_mode = Some(option.path.to_string()),
                },
                "nested" | "nested_path" | "nested_filter" => {
                    return Err(option
                        .error(Code::Unsupported, format!("`{key}` of a script sort does not run yet"))
                        .hint("sort by a field of the nested object, which takes `nested`"));
                }
                _ => return Err(option.unknown_key(key, "_script", KEYS)),
            }
            Ok(())
        })?;
        let missing =
            |key: &str, hint: &str| value.error(Code::MissingKey, format!("`_script` has no `{key}`")).hint(hint);
        let script = script.ok_or_else(|| missing("script", "write \"script\": {\"source\": \"...\"}"))?;
        let of_strings = of_strings.ok_or_else(|| missing("type", "write \"type\": \"number\" or \"string\""))?;
        if let (Some(at), true) = (numeric_mode, of_strings) {
            return Err(Error::new(Code::ConflictingKeys, "this mode needs numbers, the sort is of strings")
                .at(at)
                .expected("min or max"));
        }
        Ok(Self { script, of_strings, descending })
    }

    /// What is compared.
    pub(super) fn lower(&self, cx: &mut Lowering<'_>) -> Result<SortBy> {
        Ok(if self.of_strings {
            SortBy::StringScript(self.script.lower(cx, ScriptContext::StringSort)?)
        } else {
            SortBy::NumberScript(self.script.lower(cx, ScriptContext::NumberSort)?)
        })
    }
}

/// Whether the sort is of strings.
fn read_type(value: Cursor<'_>) -> Result<bool> {
    let ty = value.string()?;
    match ty.to_ascii_lowercase().as_str() {
        "number" => Ok(false),
        "string" => Ok(true),
        _ => Err(value
            .error(Code::InvalidValue, format!("a script sort of type `{ty}` found"))
            .expected("one of: number, string")),
    }
}
