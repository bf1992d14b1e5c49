//! `search_after`: only hits after these sort values, as the last hit of the page before showed them.

use serde_json::Value as Json;

use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::error::{Code, Error, Result};
use crate::plan::date::DateFormat;
use crate::plan::field::FieldType;
use crate::plan::node::{SortBy, SortKey, SortType};
use crate::plan::value::Value;

/// Reads a list of sort values; what they must be depends on the sort.
pub(crate) fn read(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    let values = value.array()?;
    if values.is_empty() {
        return Err(value.error(Code::InvalidSearchAfter, "no value found").expected("one value for each sort key"));
    }
    value.each_element(|element| match element.value {
        Json::Array(_) | Json::Object(_) => {
            Err(element.wrong_type("a sort value: a number, a string, a boolean or null"))
        }
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => Ok(()),
    })?;
    request.search_after = Some(values.iter().map(Value::from_json).collect());
    Ok(())
}

/// The values, typed as the sort keys are.
pub(crate) fn lower(values: &[Value], sort: &[SortKey], cx: &Lowering<'_>) -> Result<Vec<Value>> {
    if sort.is_empty() {
        return Err(Error::new(Code::InvalidSearchAfter, "`search_after` found without `sort`")
            .at("search_after")
            .hint("name the sort keys that its values belong to; one of them should be unique"));
    }
    if values.len() != sort.len() {
        let reason = format!("{} values found for {} sort keys", values.len(), sort.len());
        return Err(Error::new(Code::InvalidSearchAfter, reason)
            .at("search_after")
            .expected("one value for each sort key"));
    }
    values.iter().zip(sort).enumerate().map(|(i, (value, key))| typed(value, key, i, cx)).collect()
}

fn typed(value: &Value, key: &SortKey, position: usize, cx: &Lowering<'_>) -> Result<Value> {
    let (ty, name) = match &key.by {
        SortBy::Score => (SortType::Float, "_score"),
        SortBy::Doc => (SortType::Int, "_doc"),
        SortBy::Id => (SortType::Keyword, "_id"),
        SortBy::NumberScript(_) => (SortType::Double, "_script"),
        SortBy::StringScript(_) => (SortType::Keyword, "_script"),
        SortBy::Field(field) => (field.ty, field.field.as_str()),
    };
    let format = match cx.mapping.field(name).map(|field| &field.ty) {
        Some(FieldType::Date(date)) => &date.format,
        _ => &DateFormat::default(),
    };
    ty.parse_search_after(value, format, &cx.values()).map_err(|e| {
        Error::new(Code::InvalidSearchAfter, format!("{value} found for sort key `{name}`"))
            .at(format!("search_after[{position}]"))
            .hint("take the values from `sort` of the last hit of the page before")
            .because(e)
    })
}
