//! Reads a document by the mapping: JSON in, typed values by field out, one set for each nested object and one for the root.
//!
//! What a value means is the field's to know (`Field::parse_doc`); how values are stored is `encode`'s.

use serde_json::{Map, Value as Json};

use crate::error::{Code, Error, Result};
use crate::plan::field::FieldType;
use crate::plan::mapping::{Dynamic, Field, Mapping, Object};
use crate::plan::value::Value;

/// The values of one document of a segment: of the root, or of a nested object.
#[derive(Debug)]
pub(super) struct Values<'a> {
    /// The nested object's path; none for the root.
    pub(super) scope: Option<&'a str>,
    /// The ordinal of a field and one of its values, in the order of the document.
    pub(super) values: Vec<(usize, Value)>,
}

/// Reads a document; nested objects come before the object that holds them, the root is the last.
pub(super) fn read<'a>(mapping: &'a Mapping, id: &str, document: &Map<String, Json>) -> Result<Vec<Values<'a>>> {
    let root = Values { scope: None, values: Vec::new() };
    let mut reader = Reader { mapping, id, path: String::new(), open: vec![root], done: Vec::new() };
    reader.object(document)?;
    reader.done.append(&mut reader.open);
    Ok(reader.done)
}

struct Reader<'a, 'd> {
    mapping: &'a Mapping,
    id: &'d str,
    /// The path of the value that is being read.
    path: String,
    /// The root and the nested objects that the value is in, the innermost last.
    open: Vec<Values<'a>>,
    done: Vec<Values<'a>>,
}

/// What a key leads to: a value, or, for a key with dots, the rest of the key.
#[derive(Clone, Copy)]
enum Content<'d> {
    Value(&'d Json),
    Entry(&'d str, &'d Json),
}

impl<'a> Reader<'a, '_> {
    fn object(&mut self, object: &Map<String, Json>) -> Result<()> {
        object.iter().try_for_each(|(key, value)| self.entry(key, value))
    }

    /// Reads the value of a key of the object at `self.path`; a dot in the key stands for an object between.
    fn entry(&mut self, key: &str, value: &Json) -> Result<()> {
        if key.split('.').any(|name| name.trim().is_empty()) {
            let reason = format!("field name `{key}` in {} has an empty part", self.shown_path());
            return Err(self.error(&reason).hint("between dots there must be names"));
        }
        let (name, content) = match key.split_once('.') {
            Some((name, rest)) => (name, Content::Entry(rest, value)),
            None => (key, Content::Value(value)),
        };
        let length = self.path.len();
        if length > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        let result = self.content(length, content);
        self.path.truncate(length);
        result
    }

    fn content(&mut self, parent: usize, content: Content<'_>) -> Result<()> {
        let mapping = self.mapping;
        if let Some(ordinal) = mapping.field_ordinal(&self.path) {
            let field = &mapping.fields()[ordinal];
            if field.path != self.path {
                return Err(self.error(&format!("cannot write to `{}`, an alias of `{}`", self.path, field.path)));
            }
            return match content {
                Content::Value(value) => self.field(ordinal, value),
                Content::Entry(..) if matches!(field.ty, FieldType::Unsupported(_)) => Ok(()),
                Content::Entry(rest, _) => {
                    let reason =
                        format!("`{}.{rest}` is within `{}`, which is of type [{}]", field.path, field.path, field.ty);
                    Err(self.error(&reason).expected("an object"))
                }
            };
        }
        match (mapping.object(&self.path), content) {
            (Some(object), _) if !object.enabled => Ok(()),
            (Some(object), Content::Value(value)) => self.objects(object, value),
            (Some(object), Content::Entry(rest, value)) => self.within(object, |reader| reader.entry(rest, value)),
            (None, _) => match mapping.dynamic_of(&self.path[..parent]) {
                // What the mapping still lacks after it was extended has no type: null, an empty array or object.
                Dynamic::True | Dynamic::False => Ok(()),
                Dynamic::Strict => {
                    let within = if parent == 0 { "_doc" } else { &self.path[..parent] };
                    let reason = format!(
                        "mapping set to strict, dynamic introduction of [{}] within [{within}] is not allowed",
                        &self.path[parent..].trim_start_matches('.')
                    );
                    Err(self.error(&reason).with_type("strict_dynamic_mapping_exception"))
                }
            },
        }
    }

    /// Reads the value of an object field: an object, or an array of objects.
    fn objects(&mut self, object: &'a Object, value: &Json) -> Result<()> {
        match value {
            Json::Object(content) => self.within(object, |reader| reader.object(content)),
            Json::Array(items) => items.iter().try_for_each(|item| self.objects(object, item)),
            Json::Null => Ok(()),
            other => Err(self.error(&format!("`{}` is mapped as an object, found {other}", object.path))),
        }
    }

    /// Reads what is in an object; a nested one is a document of its own.
    fn within(&mut self, object: &'a Object, read: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        if !object.is_nested {
            return read(self);
        }
        self.open.push(Values { scope: Some(&object.path), values: Vec::new() });
        read(self)?;
        let Some(nested) = self.open.pop() else { return Ok(()) };
        let last = self.open.len() - 1;
        if object.include_in_parent {
            self.open[last].values.extend_from_slice(&nested.values);
        }
        if object.include_in_root && !(object.include_in_parent && last == 0) {
            self.open[0].values.extend_from_slice(&nested.values);
        }
        self.done.push(nested);
        Ok(())
    }

    /// Reads the value of a field for the field itself, its multi-fields and those that it is copied to.
    fn field(&mut self, ordinal: usize, value: &Json) -> Result<()> {
        let field = &self.mapping.fields()[ordinal];
        if let (Json::Array(items), false) = (value, is_one_value(field, value)) {
            return items.iter().try_for_each(|item| self.field(ordinal, item));
        }
        self.add(ordinal, value)?;
        for path in field.multi_fields.iter().chain(&field.copy_to) {
            // The target of a copy that no document brought into the mapping has no type.
            let Some(target) = self.mapping.field_ordinal(path) else { continue };
            self.add(target, value)?;
            // A copy reaches the target's multi-fields, but is not copied further.
            for path in &self.mapping.fields()[target].multi_fields {
                if let Some(multi) = self.mapping.field_ordinal(path) {
                    self.add(multi, value)?;
                }
            }
        }
        Ok(())
    }

    fn add(&mut self, ordinal: usize, value: &Json) -> Result<()> {
        let field = &self.mapping.fields()[ordinal];
        let parsed = field.parse_doc(value).map_err(|cause| {
            self.error(&format!("failed to parse field [{}] of type [{}]", field.path, field.ty)).because(cause)
        })?;
        let Some(parsed) = parsed else { return Ok(()) };
        // A copy may leave the nested object that its source is in.
        let holder = self.open.iter_mut().rev().find(|values| values.scope == field.nested.as_deref());
        match holder {
            Some(holder) => holder.values.push((ordinal, parsed)),
            None => {
                let reason = format!("`{}` cannot be copied into the nested `{}`", self.path, field.path);
                return Err(self.error(&reason));
            }
        }
        Ok(())
    }

    fn error(&self, reason: &str) -> Error {
        let reason = format!("{reason} in document with id '{}'", self.id);
        Error::new(Code::InvalidDocument, reason).at(self.path.clone())
    }

    fn shown_path(&self) -> String {
        if self.path.is_empty() { "the document".to_owned() } else { format!("`{}`", self.path) }
    }
}

/// Whether an array is one value of a field: a point's coordinates, or what stays in the source anyway.
fn is_one_value(field: &Field, value: &Json) -> bool {
    match &field.ty {
        FieldType::GeoPoint(_) => value.get(0).is_some_and(Json::is_number),
        FieldType::Unsupported(_) => true,
        _ => false,
    }
}
