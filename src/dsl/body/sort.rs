//! `sort`: the order of the hits, in all its forms.
//!
//! `"price"`, `["price", "_score"]`, `{"price": "desc", "sku": "asc"}`, `[{"price": {"order": "desc", "mode": "avg"}}]`.
//! The names `_score`, `_doc`, `_id` and `_script` are not fields.

mod field;
mod nested;
mod script;

use serde_json::Value as Json;

use crate::dsl::lower::Lowering;
use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::error::{Code, Error, Result};
use crate::plan::node::{SortBy, SortKey, SortMode};
use field::FieldSortShape;
use script::ScriptSortShape;

/// One key of a sort as the body gives it.
#[derive(Debug)]
pub enum SortShape {
    /// By score.
    Score {
        /// Highest first, as scores are where nothing is said.
        descending: bool,
    },
    /// By the order in the index.
    Doc {
        /// Last first.
        descending: bool,
    },
    /// By the documents' `_id`s.
    Id {
        /// Highest first.
        descending: bool,
    },
    /// By a field's values.
    Field(Box<FieldSortShape>),
    /// By a script's value.
    Script(Box<ScriptSortShape>),
}

/// Reads `sort`.
pub(crate) fn read(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    match value.value {
        Json::String(_) | Json::Object(_) => read_element(value, &mut request.sort),
        Json::Array(_) => value.each_element(|element| read_element(element, &mut request.sort)),
        _ => Err(value.wrong_type("a field name, an object, or a list of them")),
    }
}

/// Reads a name, or an object of names and their options.
fn read_element(element: Cursor<'_>, sort: &mut Vec<SortShape>) -> Result<()> {
    match element.value {
        Json::String(name) => sort.push(named(name, None, element.path.to_string())),
        Json::Object(_) => element.each_key(|name, options| {
            sort.push(match options.value {
                Json::String(_) => named(name, Some(read_order(options)?), options.path.to_string()),
                _ => match name {
                    "_score" => read_score(options)?,
                    "_script" => SortShape::Script(Box::new(ScriptSortShape::read(options)?)),
                    "_geo_distance" => {
                        return Err(options
                            .error(Code::Unsupported, "sorting by `_geo_distance` does not run yet")
                            .hint("sort by a `_script` of type `number` that returns doc['field'].arcDistance(lat, lon)"));
                    }
                    _ => {
                        let shape = FieldSortShape::read(name, options)?;
                        if name == "_id" {
                            shape.check_text_mode()?;
                        }
                        field_or_meta(shape)
                    }
                },
            });
            Ok(())
        })?,
        _ => return Err(element.wrong_type("a field name, or an object such as {\"price\": \"desc\"}")),
    }
    Ok(())
}

/// A sort that says no more than a name and perhaps an order.
pub(crate) fn named(name: &str, descending: Option<bool>, at: String) -> SortShape {
    match name {
        "_score" => SortShape::Score { descending: descending.unwrap_or(true) },
        _ => {
            let mut shape = FieldSortShape::new(name, at);
            shape.descending = descending.unwrap_or(false);
            field_or_meta(shape)
        }
    }
}

/// `_doc` and `_id` take every option of a field, and only the order means something.
fn field_or_meta(shape: FieldSortShape) -> SortShape {
    match shape.field.as_str() {
        "_doc" => SortShape::Doc { descending: shape.descending },
        "_id" => SortShape::Id { descending: shape.descending },
        _ => SortShape::Field(Box::new(shape)),
    }
}

/// Reads the options of `_score`: its order alone.
fn read_score(options: Cursor<'_>) -> Result<SortShape> {
    let mut descending = true;
    options.each_key(|key, value| match key {
        "order" => {
            descending = read_order(value)?;
            Ok(())
        }
        _ => Err(value.unknown_key(key, "_score", &["order"])),
    })?;
    Ok(SortShape::Score { descending })
}

/// Reads `asc` or `desc`, in any case: whether the highest comes first.
fn read_order(value: Cursor<'_>) -> Result<bool> {
    let order = value.string()?;
    match order.to_ascii_lowercase().as_str() {
        "asc" => Ok(false),
        "desc" => Ok(true),
        _ => Err(unknown_word(value, order, "order", &["asc", "desc"])),
    }
}

/// Reads which of several values counts.
fn read_mode(value: Cursor<'_>) -> Result<SortMode> {
    let mode = value.string()?;
    match mode.to_ascii_lowercase().as_str() {
        "min" => Ok(SortMode::Min),
        "max" => Ok(SortMode::Max),
        "sum" => Ok(SortMode::Sum),
        "avg" => Ok(SortMode::Avg),
        "median" => Ok(SortMode::Median),
        _ => Err(unknown_word(value, mode, "mode", &["min", "max", "sum", "avg", "median"])),
    }
}

/// The error for a word that an option does not know.
fn unknown_word(value: Cursor<'_>, word: &str, option: &str, known: &[&str]) -> Error {
    let e = value
        .error(Code::InvalidValue, format!("unknown {option} `{word}`"))
        .expected(format!("one of: {}", known.join(", ")));
    match crate::error::did_you_mean(word, known.iter().copied()) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => e,
    }
}

impl SortShape {
    /// The sort key under a mapping.
    pub(crate) fn lower(&self, cx: &mut Lowering<'_>) -> Result<SortKey> {
        Ok(match self {
            Self::Score { descending } => SortKey { by: SortBy::Score, descending: *descending },
            Self::Doc { descending } => SortKey { by: SortBy::Doc, descending: *descending },
            Self::Id { descending } => SortKey { by: SortBy::Id, descending: *descending },
            Self::Field(shape) => SortKey { by: SortBy::Field(shape.lower(cx)?), descending: shape.descending },
            Self::Script(shape) => SortKey { by: shape.lower(cx)?, descending: shape.descending },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::dsl::mapping::read_mapping;
    use crate::dsl::request::SearchRequest;
    use crate::error::Result;
    use crate::plan::node::Node;
    use crate::plan::script::scope::ScriptScope;
    use crate::plan::text::plan::sort_text;

    /// The sort of a body, as explain shows it.
    fn lowered(sort: &serde_json::Value) -> Result<String> {
        let mapping = read_mapping(&json!({"properties": {
            "price": {"type": "double"}, "stock": {"type": "short"}, "sku": {"type": "keyword"}, "on": {"type": "date"},
            "at": {"type": "alias", "path": "on"},
            "parts": {"type": "nested", "properties": {"n": {"type": "long"}}},
        }}))?;
        let plan = SearchRequest::read(&json!({"sort": sort}), "")?.lower(ScriptScope::without_udfs(&mapping), 0)?;
        let sorts = plan.graph.node_weights().filter_map(|node| match node {
            Node::TopHits(top_hits) => Some(sort_text(&top_hits.sort)),
            _ => None,
        });
        Ok(sorts.collect())
    }

    #[test]
    fn reads_every_form() {
        for (sort, expected) in [
            (json!([]), "_score desc"),
            (json!("_score"), "_score desc"),
            (json!([{"_score": "asc"}]), "_score asc"),
            (json!(["_score", "sku"]), "_score desc, sku asc min of keyword"),
            (json!({"price": "DESC", "sku": {}}), "price desc max of double, sku asc min of keyword"),
            (json!([{"_doc": {"order": "desc", "missing": 5}}, "_id"]), "_doc desc, _id asc"),
            (json!([{"at": {"mode": "Avg", "missing": "_first"}}]), "on asc avg of date missing first"),
            (json!([{"stock": {"missing": 7.9}}]), "stock asc min of int missing as 7"),
            (json!([{"stock": {"numeric_type": "Double"}}]), "stock asc min of double"),
            (json!([{"none": {"unmapped_type": "long", "order": "desc"}}]), "none desc max of long unmapped"),
            (json!("parts.n"), "parts.n asc min of long"),
            (json!([{"parts.n": {"nested": {"path": "parts"}}}]), "parts.n asc min of long nested in parts"),
            (json!([{"parts.n": {"nested_path": "parts", "mode": "sum"}}]), "parts.n asc sum of long nested in parts"),
        ] {
            assert_eq!(lowered(&sort).unwrap_or_else(|e| e.to_string()), expected, "{sort}");
        }
    }

    #[test]
    fn refuses_what_means_nothing() {
        for (sort, path) in [
            (json!(5), "sort"),
            (json!([{"price": null}]), "sort[0].price"),
            (json!([{"sku": {"mode": "sum"}}]), "sort[0].sku"),
            (json!([{"sku": {"numeric_type": "long"}}]), "sort[0].sku"),
            (json!([{"on": {"missing": "2020-01-01"}}]), "sort[0].on"),
            (json!([{"_id": {"mode": "sum"}}]), "sort[0]._id"),
            (json!([{"parts.n": {"mode": "median", "nested": {"path": "parts"}}}]), "sort[0].parts.n"),
            (json!([{"parts.n": {"nested_filter": {"match_all": {}}}}]), "sort[0].parts.n"),
            (
                json!([{"parts.n": {"nested": {"path": "parts", "max_children": 1}}}]),
                "sort[0].parts.n.nested.max_children",
            ),
            (json!([{"_script": {"type": "string", "mode": "avg", "script": "'a'"}}]), "sort[0]._script.mode"),
        ] {
            let error = lowered(&sort).unwrap_err();
            assert_eq!(error.to_json()["path"], path, "{sort}: {error}");
        }
    }
}
