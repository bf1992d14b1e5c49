//! `script_fields`: values that scripts compute for each hit.

use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::dsl::script::ScriptShape;
use crate::error::{Code, Result};

/// How many script fields a body may have (`index.max_script_fields`).
const MAX_SCRIPT_FIELDS: usize = 32;

/// One script field.
#[derive(Debug)]
pub struct ScriptFieldShape {
    /// Its name in `fields`.
    pub name: String,
    /// The script.
    pub script: ScriptShape,
    /// Whether a failure drops the field instead of failing the request.
    pub ignore_failure: bool,
}

/// Reads `{"name": {"script": .., "ignore_failure": ..}}`.
pub(crate) fn read(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    let count = value.object()?.len();
    if count > MAX_SCRIPT_FIELDS {
        return Err(value
            .error(Code::TooLarge, format!("{count} script fields found"))
            .with_type("illegal_argument_exception")
            .expected(format!("at most {MAX_SCRIPT_FIELDS}"))
            .hint("ask for some of them in a second request"));
    }
    value.each_key(|name, field| {
        let (mut script, mut ignore_failure) = (None, false);
        field.each_key(|key, option| {
            match key {
                "script" => script = Some(ScriptShape::read(option)?),
                "ignore_failure" => ignore_failure = option.boolean()?,
                _ => return Err(option.unknown_key(key, "script_fields", &["script", "ignore_failure"])),
            }
            Ok(())
        })?;
        let script = script.ok_or_else(|| {
            field
                .error(Code::MissingKey, format!("script field `{name}` has no `script`"))
                .hint("write {\"script\": {\"source\": \"...\"}}")
        })?;
        request.script_fields.push(ScriptFieldShape { name: name.to_owned(), script, ignore_failure });
        Ok(())
    })
}
