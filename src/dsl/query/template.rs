//! `template`: an inner query as it stands. Variables of search pipelines (`"${name}"`) are refused: there are none.

use serde_json::Value as Json;

use super::{QueryShape, read as read_query};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};

/// Reads the inner query.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    refuse_variables(at)?;
    read_query(at)
}

fn refuse_variables(at: Cursor<'_>) -> Result<()> {
    match at.value {
        Json::String(text) if text.starts_with("${") && text.ends_with('}') => Err(at
            .error(Code::Unsupported, format!("variable `{text}` of a template found"))
            .hint("search pipelines do not run here; write the value itself")),
        Json::Array(_) => at.each_element(refuse_variables),
        Json::Object(_) => at.each_key(|_, value| refuse_variables(value)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
    }
}
