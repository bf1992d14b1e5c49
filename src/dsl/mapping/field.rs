//! Reads one field of a mapping: an object, an alias, or a field with values, its multi-fields and its copies.

use serde_json::Value as Json;

use super::field_type::UNSUPPORTED_TYPES;
use super::params::Params;
use super::{Reader, read_dynamic};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::field::FieldType;
use crate::plan::mapping::{Field, Object};

impl Reader {
    /// Reads the field of a path.
    pub(super) fn property(&mut self, path: &str, cursor: Cursor<'_>) -> Result<()> {
        let object = cursor.object()?;
        let ty = match object.get("type") {
            Some(Json::String(name)) => name.as_str(),
            Some(_) => {
                return Err(cursor.error(Code::InvalidMapping, format!("the type of field `{path}` is no string")));
            }
            None if object.is_empty()
                || object.contains_key("properties")
                || object.contains_key("enabled")
                || object.contains_key("dynamic") =>
            {
                "object"
            }
            None => return Err(cursor.error(Code::InvalidMapping, format!("no type specified for field `{path}`"))),
        };
        let mut params = Params::new(cursor, ty);
        params.accept(&["type"]);
        match ty {
            "object" | "nested" => self.object(path, ty == "nested", params),
            "alias" => {
                let target = params.read("path", |c| c.string().map(str::to_owned))?;
                let target =
                    target.ok_or_else(|| cursor.error(Code::InvalidMapping, format!("alias `{path}` lacks `path`")))?;
                params.finish()?;
                self.aliases.push((path.to_owned(), target, cursor.path.to_string()));
                Ok(())
            }
            _ => self.leaf(path, None, params, ty),
        }
    }

    fn object(&mut self, path: &str, is_nested: bool, mut params: Params<'_>) -> Result<()> {
        let mut object = Object { is_nested, ..Object::new(path) };
        object.dynamic = params.read("dynamic", read_dynamic)?;
        if is_nested {
            object.include_in_parent = params.boolean("include_in_parent", false)?;
            object.include_in_root = params.boolean("include_in_root", false)?;
        } else {
            object.enabled = params.boolean("enabled", true)?;
        }
        if let Some(seen) = self.mapping.object(path) {
            // Dots in a name made it already, as a plain object.
            if seen.is_nested != is_nested {
                return Err(params.cursor.error(Code::InvalidMapping, format!("field `{path}` is mapped twice")));
            }
        } else {
            self.mapping.add_object(object).map_err(|e| e.at(params.cursor.path.to_string()))?;
        }
        params.read("properties", |c| self.properties(path, c))?;
        params.finish()
    }

    /// Reads a field that holds values; `multi_of` names the field whose values it takes.
    fn leaf(&mut self, path: &str, multi_of: Option<&str>, mut params: Params<'_>, ty: &str) -> Result<()> {
        let cursor = params.cursor;
        if UNSUPPORTED_TYPES.contains(&ty) {
            // Their parameters are not read: what they mean is not known here.
            let mut field = Field::new(path, FieldType::Unsupported(ty.to_owned()));
            field.multi_of = multi_of.map(str::to_owned);
            return self.mapping.add_field(field).map_err(|e| e.at(cursor.path.to_string()));
        }
        let mut field = Field::new(path, self.field_type(path, ty, &mut params)?);
        field.multi_of = multi_of.map(str::to_owned);
        field.indexed = params.boolean("index", true)?;
        if field.is_text() {
            field.doc_values = false;
        } else {
            field.doc_values = params.boolean("doc_values", true)?;
        }
        params.accept(&["store", "meta", "boost"]);
        if multi_of.is_none() {
            params.read("copy_to", |c| {
                c.one_or_many(|c| {
                    field.copy_to.push(c.string()?.to_owned());
                    self.copies.push((c.string()?.to_owned(), c.path.to_string()));
                    Ok(())
                })
            })?;
        }
        self.mapping.add_field(field).map_err(|e| e.at(cursor.path.to_string()))?;
        if multi_of.is_none() {
            params.read("fields", |c| {
                c.each_key(|name, c| {
                    let ty = match c.object()?.get("type") {
                        Some(Json::String(name)) => name.as_str(),
                        _ => return Err(c.error(Code::InvalidMapping, format!("no type specified for field `{name}`"))),
                    };
                    if matches!(ty, "object" | "nested" | "alias") {
                        return Err(
                            c.error(Code::InvalidMapping, format!("type [{ty}] cannot be used in a multi-field"))
                        );
                    }
                    let mut params = Params::new(c, ty);
                    params.accept(&["type"]);
                    self.leaf(&format!("{path}.{name}"), Some(path), params, ty)
                })
            })?;
        }
        params.finish()
    }
}
