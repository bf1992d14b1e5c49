//! Reads a mapping: an index-creation body, `{"mappings": ..}`, or a bare `{"properties": ..}`.

mod analysis;
mod field;
mod field_type;
mod params;
mod settings;

use serde_json::Value as Json;

use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::date::DateFormat;
use crate::plan::mapping::{Dynamic, Mapping, Object};
use params::Params;
use settings::{Settings, read_settings};

/// Reads the mapping of an index.
///
/// ```
/// use serde_json::json;
/// let mapping = shardscript::dsl::mapping::read_mapping(&json!({"properties": {"price": {"type": "double"}}}))?;
/// assert_eq!(mapping.field("price").map(|f| f.ty.name()), Some("double"));
/// # Ok::<(), shardscript::Error>(())
/// ```
///
/// # Errors
/// A key, type or parameter is unknown or has a wrong value.
pub fn read_mapping(body: &Json) -> Result<Mapping> {
    let cursor = Cursor::root(body);
    let mut reader =
        Reader { mapping: Mapping::default(), settings: Settings::default(), aliases: Vec::new(), copies: Vec::new() };
    let object = cursor.object()?;
    if object.contains_key("mappings") || object.contains_key("settings") {
        let mut params = Params::new(cursor, "index");
        params.read("settings", |c| read_settings(c, &mut reader.settings))?;
        params.read("mappings", |c| reader.root(c))?;
        params.read("aliases", |c| c.object().map(|_| ()))?;
        params.finish()?;
    } else {
        reader.root(cursor)?;
    }
    reader.finish()
}

/// What is gathered while the mapping is read.
struct Reader {
    mapping: Mapping,
    settings: Settings,
    /// Aliases with their targets and places: targets may stand after them.
    aliases: Vec<(String, String, String)>,
    /// Targets of `copy_to` with their places.
    copies: Vec<(String, String)>,
}

impl Reader {
    fn root(&mut self, cursor: Cursor<'_>) -> Result<()> {
        // A mapping may stand under its type's name, as before version 7.
        if let Some(inner) = cursor.object()?.get("_doc").filter(|_| cursor.object().is_ok_and(|o| o.len() == 1)) {
            return self.root(Cursor::new(inner, &crate::dsl::read::Path::Key(cursor.path, "_doc")));
        }
        let mut params = Params::new(cursor, "mappings");
        let mut root = Object { dynamic: Some(Dynamic::True), ..Object::new("") };
        if let Some(dynamic) = params.read("dynamic", read_dynamic)? {
            root.dynamic = Some(dynamic);
        }
        if let Some(enabled) = params.read("enabled", |c| c.boolean())? {
            root.enabled = enabled;
        }
        self.mapping.set_root(root);
        if let Some(dates) = params.read("date_detection", |c| c.boolean())? {
            self.mapping.detection.dates = dates;
        }
        if let Some(numbers) = params.read("numeric_detection", |c| c.boolean())? {
            self.mapping.detection.numbers = numbers;
        }
        params.read("dynamic_date_formats", |c| {
            self.mapping.detection.date_formats.clear();
            c.one_or_many(|c| {
                let format = DateFormat::new(c.string()?).map_err(|e| e.at(c.path.to_string()))?;
                self.mapping.detection.date_formats.push(format);
                Ok(())
            })
        })?;
        params.read("dynamic_templates", |c| match c.array()? {
            [] => Ok(()),
            _ => Err(c.error(Code::Unsupported, "`dynamic_templates` is not supported yet")),
        })?;
        params.read("_source", |c| {
            let mut source = Params::new(c, "_source");
            if source.read("enabled", |c| c.boolean())? == Some(false) {
                return Err(c.error(Code::Unsupported, "`_source` that is not enabled is not supported yet"));
            }
            source.refuse("includes")?;
            source.refuse("excludes")?;
            source.finish()
        })?;
        params.read("_meta", |c| c.object().map(|_| ()))?;
        params.read("_routing", |c| c.object().map(|_| ()))?;
        params.refuse("runtime")?;
        params.refuse("derived")?;
        params.read("properties", |c| self.properties("", c))?;
        params.finish()
    }

    /// Reads `properties`, the fields of an object.
    fn properties(&mut self, parent: &str, cursor: Cursor<'_>) -> Result<()> {
        cursor.each_key(|name, c| {
            if name.is_empty() || name.split('.').any(|part| part.trim().is_empty()) {
                return Err(c.error(Code::InvalidMapping, format!("field name `{name}` has an empty part")));
            }
            let mut path = parent.to_owned();
            let mut parts = name.split('.').peekable();
            while let Some(part) = parts.next() {
                path = if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") };
                if parts.peek().is_some() && self.mapping.object(&path).is_none() {
                    self.mapping.add_object(Object::new(&path)).map_err(|e| e.at(c.path.to_string()))?;
                }
            }
            self.property(&path, c)
        })
    }

    fn finish(mut self) -> Result<Mapping> {
        for (alias, target, place) in &self.aliases {
            self.mapping.add_alias(alias, target).map_err(|e| e.at(place))?;
        }
        for (target, place) in &self.copies {
            if self.mapping.object(target).is_some() {
                let e = crate::error::Error::new(
                    Code::InvalidMapping,
                    format!("`copy_to` names `{target}`, which is an object"),
                );
                return Err(e.at(place));
            }
        }
        Ok(self.mapping)
    }
}

/// Reads `dynamic`.
fn read_dynamic(cursor: Cursor<'_>) -> Result<Dynamic> {
    match cursor.text()?.as_str() {
        "true" => Ok(Dynamic::True),
        "false" => Ok(Dynamic::False),
        "strict" => Ok(Dynamic::Strict),
        other => Err(cursor
            .error(Code::InvalidMapping, format!("`dynamic` cannot be `{other}`"))
            .expected("one of: true, false, strict")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_the_three_forms() {
        let properties = json!({"a": {"type": "keyword"}, "o": {"properties": {"b": {"type": "byte"}}}});
        for body in [
            json!({"properties": properties}),
            json!({"mappings": {"properties": properties}}),
            json!({"settings": {"number_of_shards": 1}, "mappings": {"properties": properties}}),
        ] {
            let mapping = read_mapping(&body).unwrap();
            assert_eq!(mapping.fields().iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["a", "o.b"]);
            assert!(mapping.object("o").is_some());
        }
    }

    #[test]
    fn names_what_is_wrong() {
        for (body, place, reason) in [
            (json!({"propertis": {}}), "propertis", "unknown parameter `propertis` in `mappings`"),
            (json!({"properties": {"a": {"type": "keywrd"}}}), "properties.a", "no handler for type [keywrd]"),
            (json!({"properties": {"a": {"type": "long", "analyzer": "english"}}}), "properties.a.analyzer", "unknown"),
            (json!({"properties": {"a": {"type": "text", "analyzer": "englsh"}}}), "properties.a.analyzer", "analyzer"),
            (json!({"properties": {"a": {"type": "byte", "null_value": 200}}}), "properties.a.null_value", "field `a`"),
            (json!({"properties": {"a": {"type": "alias", "path": "b"}}}), "properties.a", "alias `a` names `b`"),
            (json!({"dynamic": "maybe"}), "dynamic", "`dynamic` cannot be `maybe`"),
        ] {
            let e = read_mapping(&body).unwrap_err();
            assert_eq!(e.code(), Code::InvalidMapping, "{e}");
            assert_eq!(e.found_at(), Some(&crate::error::Place::Path(place.into())), "{e}");
            assert!(e.reason().starts_with(reason), "{e}");
        }
    }
}
