//! The mapping of an index: its fields with their types, read from an index-creation body.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

/// The fields of an index.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mapping {
    /// All fields in the order of the mapping; multi-fields and the children of objects are fields of their own.
    fields: Vec<Field>,
    by_path: HashMap<String, usize>,
}

/// A field: its path, its type and the parameters of the mapping.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The full path, such as `attrs.color`.
    pub path: String,
    /// Its type.
    pub ty: FieldType,
    /// The path of the innermost nested object that holds the field.
    pub nested: Option<String>,
}

/// The type of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum FieldType {
    /// Analysed text.
    Text,
}

impl Mapping {
    /// The field of a path; an alias resolves to its target.
    pub fn field(&self, path: &str) -> Option<&Field> {
        self.by_path.get(path).map(|i| &self.fields[*i])
    }
}
