//! A row: one document as tantivy takes it, with its `_id` and `_source` for the files beside the index.

use std::iter::Map;
use std::slice::Iter;

use tantivy::schema::document::Document;
use tantivy::schema::{Field, OwnedValue};

use crate::exec::index::layout::Layout;

/// A document of a segment: a root document, or a nested object.
#[derive(Debug, Default)]
pub(super) struct Row {
    /// What is indexed, fields in any order; the values of one field stand in the order of its column.
    pub(super) values: Vec<(Field, OwnedValue)>,
    /// The `_id`; empty for a nested object.
    pub(super) id: String,
    /// The document as it was given; empty for a nested object.
    pub(super) source: String,
}

impl Row {
    /// Makes this the row of a root document.
    pub(super) fn set_identity(&mut self, layout: &Layout, id: &str, source: &str) {
        self.values.push((layout.id(), OwnedValue::Str(id.to_owned())));
        id.clone_into(&mut self.id);
        source.clone_into(&mut self.source);
    }
}

type Pair = (Field, OwnedValue);

impl Document for Row {
    type Value<'a> = &'a OwnedValue;
    type FieldsValuesIter<'a> = Map<Iter<'a, Pair>, fn(&'a Pair) -> (Field, &'a OwnedValue)>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.values.iter().map(|(field, value)| (*field, value))
    }
}
