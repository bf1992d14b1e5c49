//! From documents to shards and back, over small mappings.

mod loading;
mod types;

use tantivy::columnar::DynamicColumn;

use crate::exec::index::Index;
use crate::exec::index::build::{BuildOptions, LoadReport};
use crate::exec::index::segment::Segment;
use crate::exec::index::shard::Shard;
use crate::plan::field::FieldType;
use crate::plan::field::integer::{Integer, Width};
use crate::plan::field::keyword::Keyword;
use crate::plan::mapping::{Dynamic, Field, Mapping, Object};

fn keyword() -> FieldType {
    FieldType::Keyword(Keyword::default())
}

fn long() -> FieldType {
    FieldType::Integer(Integer::new(Width::Long))
}

/// A strict mapping of these fields.
fn mapping(fields: impl IntoIterator<Item = (&'static str, FieldType)>) -> Mapping {
    let mut mapping = Mapping::default();
    mapping.set_root(Object { dynamic: Some(Dynamic::Strict), ..Object::new("") });
    for (path, ty) in fields {
        mapping.add_field(Field::new(path, ty)).unwrap();
    }
    mapping
}

fn load(mapping: Mapping, docs: &str, options: &BuildOptions) -> (Index, LoadReport) {
    Index::build(mapping, docs.as_bytes(), options, &mut |_, _| {}).unwrap()
}

fn segments(index: &Index) -> impl Iterator<Item = &Segment> {
    index.shards().iter().flat_map(Shard::segments)
}

fn ids(index: &Index) -> Vec<String> {
    let id = |segment: &Segment, doc| segment.id(doc).unwrap().to_owned();
    segments(index).flat_map(|segment| (0..segment.max_doc()).map(move |doc| id(segment, doc))).collect()
}

/// The values of a column, document by document.
fn column(index: &Index, path: &str) -> Vec<Vec<String>> {
    let slot = index.slot(path).unwrap();
    let mut all = Vec::new();
    for segment in segments(index) {
        let handles = segment.reader().fast_fields().dynamic_column_handles(&slot.column).unwrap();
        assert!(handles.len() <= 1, "{path} is one column");
        let column = handles.first().map(|handle| handle.open().unwrap());
        all.extend((0..segment.max_doc()).map(|doc| match &column {
            None => Vec::new(),
            Some(DynamicColumn::Bool(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::I64(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::U64(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::F64(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::IpAddr(c)) => c.values_for_doc(doc).map(|v| v.to_string()).collect(),
            Some(DynamicColumn::Str(c)) => {
                let text = |ord| {
                    let mut text = String::new();
                    assert!(c.ord_to_str(ord, &mut text).unwrap());
                    text
                };
                c.term_ords(doc).map(text).collect()
            }
            Some(other) => panic!("no column of {path} is {other:?}"),
        }));
    }
    all
}
