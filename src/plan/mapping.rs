//! The mapping of an index: its fields with their types, its objects, its aliases.
//!
//! `dsl/mapping.rs` reads it from JSON; documents of unknown shape extend it ([`dynamic`]). What a type's values mean is
//! known in `plan/field`, one type a file.

pub mod dynamic;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::plan::date::DateFormat;
use crate::plan::field::FieldType;

/// The fields and objects of an index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// All fields in the order of the mapping; multi-fields and the children of objects are fields of their own.
    fields: Vec<Field>,
    /// Field paths and aliases, each with the ordinal of its field.
    by_path: BTreeMap<String, usize>,
    /// Objects in the order of the mapping; the root, whose path is empty, is the first.
    objects: Vec<Object>,
    /// How dynamic mapping recognises strings.
    pub detection: Detection,
}

/// A field: its path, its type and what all types have in common.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The full path, such as `attrs.color`.
    pub path: String,
    /// Its type.
    pub ty: FieldType,
    /// The path of the innermost nested object that holds the field.
    pub nested: Option<String>,
    /// Whether queries find it.
    pub indexed: bool,
    /// Whether sorts and scripts read it.
    pub doc_values: bool,
    /// For a multi-field: the path of the field whose values it takes.
    pub multi_of: Option<String>,
    /// The paths of its multi-fields.
    pub multi_fields: Vec<String>,
    /// The paths of the fields that its values are copied to.
    pub copy_to: Vec<String>,
}

/// An object, the root included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// The full path; empty for the root.
    pub path: String,
    /// Whether its elements are documents of their own.
    pub is_nested: bool,
    /// The path of the innermost nested object that holds it (not itself).
    pub nested: Option<String>,
    /// What happens with unknown keys; `None`: as the parent.
    pub dynamic: Option<Dynamic>,
    /// Whether its content is read at all.
    pub enabled: bool,
    /// Whether a nested object's fields are found on its parent, too.
    pub include_in_parent: bool,
    /// Whether a nested object's fields are found on the root document, too.
    pub include_in_root: bool,
}

/// What happens with a document's keys that the mapping lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Dynamic {
    /// They become fields.
    True,
    /// They stay in the source only.
    False,
    /// The document is refused.
    Strict,
}

/// How dynamic mapping recognises strings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Detection {
    /// Whether strings that look like dates become dates.
    pub dates: bool,
    /// Whether strings that look like numbers become numbers.
    pub numbers: bool,
    /// The formats of dates, tried in order.
    pub date_formats: Vec<DateFormat>,
}

impl Default for Detection {
    fn default() -> Self {
        let slashes = DateFormat::new("yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis");
        let date_formats = [Ok(DateFormat::default()), slashes].into_iter().flatten().collect();
        Self { dates: true, numbers: false, date_formats }
    }
}

impl Default for Mapping {
    fn default() -> Self {
        let root = Object { dynamic: Some(Dynamic::True), ..Object::new("") };
        Self { fields: Vec::new(), by_path: BTreeMap::new(), objects: vec![root], detection: Detection::default() }
    }
}

impl Field {
    /// A field with the parameters that most fields have.
    pub fn new(path: impl Into<String>, ty: FieldType) -> Self {
        Self {
            path: path.into(),
            ty,
            nested: None,
            indexed: true,
            doc_values: true,
            multi_of: None,
            multi_fields: Vec::new(),
            copy_to: Vec::new(),
        }
    }
}

impl Object {
    /// A plain object.
    pub fn new(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            is_nested: false,
            nested: None,
            dynamic: None,
            enabled: true,
            include_in_parent: false,
            include_in_root: false,
        }
    }
}

impl Mapping {
    /// The field of a path; an alias resolves to its target.
    pub fn field(&self, path: &str) -> Option<&Field> {
        self.field_ordinal(path).map(|i| &self.fields[i])
    }

    /// The position of a field in [`Self::fields`]; an alias resolves to its target.
    pub fn field_ordinal(&self, path: &str) -> Option<usize> {
        self.by_path.get(path).copied()
    }

    /// All fields in the order of the mapping; a field's position never changes.
    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    /// The fields whose path or alias matches a pattern in which `*` stands for any characters.
    pub fn matching<'a>(&'a self, pattern: &'a str) -> impl Iterator<Item = &'a Field> {
        self.by_path.iter().filter(move |(path, _)| matches_pattern(pattern, path)).map(|(_, i)| &self.fields[*i])
    }

    /// The fields below an object, at any depth.
    pub fn below<'a>(&'a self, object: &str) -> impl Iterator<Item = &'a Field> {
        let prefix = format!("{object}.");
        self.fields.iter().filter(move |f| f.path.starts_with(&prefix))
    }

    /// Every object in the order of the mapping, the root (whose path is empty) first.
    pub fn objects(&self) -> &[Object] {
        &self.objects
    }

    /// The object of a path.
    pub fn object(&self, path: &str) -> Option<&Object> {
        self.objects.iter().find(|o| o.path == path)
    }

    /// The nested object of a path; `None` where there is no object, or one that is not nested.
    pub fn nested(&self, path: &str) -> Option<&Object> {
        self.object(path).filter(|o| o.is_nested)
    }

    /// The number of a nested object among all nested objects.
    pub fn nested_ordinal(&self, path: &str) -> Option<usize> {
        self.objects.iter().filter(|o| o.is_nested).position(|o| o.path == path)
    }

    /// The innermost nested object that the object of a path is in, or is.
    pub fn nested_scope(&self, path: &str) -> Option<&str> {
        let object = self.object(path)?;
        if object.is_nested { Some(&object.path) } else { object.nested.as_deref() }
    }

    /// What happens with unknown keys of an object: its own setting, or its nearest parent's.
    pub fn dynamic_of(&self, path: &str) -> Dynamic {
        let mut path = path;
        loop {
            if let Some(dynamic) = self.object(path).and_then(|o| o.dynamic) {
                return dynamic;
            }
            path = match path.rfind('.') {
                Some(dot) => &path[..dot],
                None if path.is_empty() => return Dynamic::True,
                None => "",
            };
        }
    }

    /// Sets the root object's parameters.
    pub fn set_root(&mut self, root: Object) {
        self.objects[0] = root;
    }

    /// Adds an object.
    ///
    /// # Errors
    /// Its path is taken.
    pub fn add_object(&mut self, mut object: Object) -> Result<()> {
        self.check_free(&object.path)?;
        object.nested = self.scope_above(&object.path);
        self.objects.push(object);
        Ok(())
    }

    /// Adds a field. A multi-field comes after the field that it belongs to, a child after its object.
    ///
    /// # Errors
    /// Its path is taken.
    pub fn add_field(&mut self, mut field: Field) -> Result<()> {
        self.check_free(&field.path)?;
        match field.multi_of.as_deref().and_then(|main| self.field_ordinal(main)) {
            Some(main) => {
                field.nested = self.fields[main].nested.clone();
                self.fields[main].multi_fields.push(field.path.clone());
            }
            None => field.nested = self.scope_above(&field.path),
        }
        self.by_path.insert(field.path.clone(), self.fields.len());
        self.fields.push(field);
        Ok(())
    }

    /// Adds an alias of a field.
    ///
    /// # Errors
    /// Its path is taken, or the target is no field.
    pub fn add_alias(&mut self, alias: &str, target: &str) -> Result<()> {
        self.check_free(alias)?;
        let ordinal = self.fields.iter().position(|f| f.path == target).ok_or_else(|| {
            Error::new(Code::InvalidMapping, format!("alias `{alias}` names `{target}`, which is no field"))
        })?;
        self.by_path.insert(alias.to_owned(), ordinal);
        Ok(())
    }

    /// The path of the innermost nested object above a path.
    fn scope_above(&self, path: &str) -> Option<String> {
        let parent = &path[..path.rfind('.')?];
        self.nested_scope(parent).map(str::to_owned)
    }

    fn check_free(&self, path: &str) -> Result<()> {
        if self.by_path.contains_key(path) || self.object(path).is_some() {
            return Err(Error::new(Code::InvalidMapping, format!("field `{path}` is mapped twice")));
        }
        Ok(())
    }
}

/// Whether a text matches a pattern in which `*` stands for any characters.
pub fn matches_pattern(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(i) => rest = &rest[i + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
