//! The physical layout: which tantivy field holds which field of the mapping, and how.
//!
//! Every field has its place by its ordinal in the mapping. Parameters as `index` and `doc_values` change what requests may
//! ask for, not the layout: every field has its column, and terms where the type has terms.

use tantivy::schema::{
    FAST, Field as TantivyField, IndexRecordOption, NumericOptions, Schema, TextFieldIndexing, TextOptions,
};

use crate::exec::index::tokens::PACKED;
use crate::exec::zones::summary::Tracks;
use crate::plan::field::FieldType;
use crate::plan::mapping::Mapping;

/// The column that tells nested documents from root ones: 0, or the ordinal of the nested object + 1.
pub(crate) const NESTED_COLUMN: &str = "_nested";

/// The field whose terms are the `_id`s of root documents.
const ID: &str = "_id";

/// Where the fields of a mapping are in a tantivy index.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    schema: Schema,
    slots: Vec<Option<Slot>>,
    id: TantivyField,
    nested: Option<TantivyField>,
}

/// Where a field is.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    /// The tantivy field of its terms and its column.
    pub(crate) field: TantivyField,
    /// The column of its values, or that which tells where there are any.
    pub(crate) column: String,
    /// For text, which has no column of values: the tantivy field that tells which documents have the field.
    pub(super) presence: Option<TantivyField>,
    /// What its zone map holds; none for text, which has none.
    pub(crate) tracks: Option<Tracks>,
    /// The number in [`NESTED_COLUMN`] of the documents that the field belongs to.
    pub(crate) scope: u64,
}

impl Layout {
    /// Lays out the fields of a mapping.
    pub(super) fn new(mapping: &Mapping) -> Self {
        let mut schema = Schema::builder();
        let id = schema.add_text_field(ID, terms("raw", IndexRecordOption::Basic, false));
        let has_nested = mapping.objects().iter().any(|object| object.is_nested);
        let nested = has_nested.then(|| schema.add_u64_field(NESTED_COLUMN, FAST));
        let slots = mapping.fields().iter().enumerate().map(|(ordinal, field)| {
            let name = format!("f{ordinal}");
            let number = NumericOptions::from(FAST);
            let mut presence = None;
            let tantivy_field = match &field.ty {
                FieldType::Text(_) => {
                    presence = Some(schema.add_bool_field(&column_name(ordinal, &field.ty), FAST));
                    schema.add_text_field(&name, terms(PACKED, IndexRecordOption::WithFreqsAndPositions, true))
                }
                FieldType::Keyword(_) => {
                    schema.add_text_field(&name, terms("raw", IndexRecordOption::Basic, false) | FAST)
                }
                FieldType::Integer(_) | FieldType::ScaledFloat(_) | FieldType::Date(_) | FieldType::GeoPoint(_) => {
                    schema.add_i64_field(&name, number)
                }
                FieldType::UnsignedLong(_) => schema.add_u64_field(&name, number),
                FieldType::Float(_) => schema.add_f64_field(&name, number),
                // Without norms, as in Lucene: every document counts as one term long.
                FieldType::Boolean(_) => schema.add_bool_field(&name, number.set_indexed()),
                FieldType::Ip(_) => schema.add_ip_addr_field(&name, FAST),
                FieldType::Unsupported(_) => return None,
            };
            let tracks = match &field.ty {
                FieldType::Text(_) => None,
                FieldType::Ip(_) => Some(Tracks::Presence),
                FieldType::GeoPoint(_) => Some(Tracks::Point),
                _ => Some(Tracks::Number),
            };
            let scope = scope_number(field.nested.as_deref().and_then(|path| mapping.nested_ordinal(path)));
            Some(Slot { field: tantivy_field, column: column_name(ordinal, &field.ty), presence, tracks, scope })
        });
        let slots = slots.collect();
        Self { schema: schema.build(), slots, id, nested }
    }

    /// The tantivy schema.
    pub(crate) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// How many fields the mapping has.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Where the field of an ordinal is; none for a type that is not indexed.
    pub(crate) fn slot(&self, ordinal: usize) -> Option<&Slot> {
        self.slots.get(ordinal)?.as_ref()
    }

    /// Where the fields are that are indexed, with their ordinals.
    pub(crate) fn slots(&self) -> impl Iterator<Item = (usize, &Slot)> {
        self.slots.iter().enumerate().filter_map(|(ordinal, slot)| Some((ordinal, slot.as_ref()?)))
    }

    /// The tantivy field of the `_id`s' terms.
    pub(crate) fn id(&self) -> TantivyField {
        self.id
    }

    /// The tantivy field of [`NESTED_COLUMN`]; none where the mapping has no nested objects.
    pub(crate) fn nested(&self) -> Option<TantivyField> {
        self.nested
    }
}

/// The number in [`NESTED_COLUMN`] of the documents of a nested object, by its ordinal; of none, the root documents.
pub(crate) fn scope_number(nested: Option<usize>) -> u64 {
    nested.map_or(0, |ordinal| ordinal as u64 + 1)
}

/// The name of a field's column: of its values, or, for text, of where there are any.
pub(crate) fn column_name(ordinal: usize, ty: &FieldType) -> String {
    match ty {
        FieldType::Text(_) => format!("f{ordinal}_exists"),
        _ => format!("f{ordinal}"),
    }
}

fn terms(tokenizer: &str, record: IndexRecordOption, fieldnorms: bool) -> TextOptions {
    let indexing =
        TextFieldIndexing::default().set_tokenizer(tokenizer).set_index_option(record).set_fieldnorms(fieldnorms);
    TextOptions::default().set_indexing_options(indexing)
}
