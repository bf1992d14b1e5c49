//! One segment as queries see it: fields by their paths, with their terms, columns and norms.

use std::net::Ipv6Addr;
use std::sync::Arc;

use tantivy::DocId;
use tantivy::columnar::{Column, ColumnIndex, StrColumn};
use tantivy::index::InvertedIndexReader;
use tantivy::postings::{BlockSegmentPostings, SegmentPostings, TermInfo};
use tantivy::schema::{Field, FieldType, IndexRecordOption};

use crate::error::Result;
use crate::exec::bm25::{Bm25, Norms};
use crate::exec::context::ExecutionContext;
use crate::exec::index::layout::{Layout, Slot};
use crate::exec::index::segment::Segment;
use crate::exec::index::storage_error;
use crate::exec::script::Scripts;
use crate::exec::window::SegmentBits;
use crate::exec::zones::{ColumnZones, TermZones};
use crate::plan::mapping::Mapping;
use crate::plan::script::ValueType;

/// A segment, what its fields are, and what all that runs on it shares.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SegmentContext<'a> {
    pub(crate) segment: &'a Segment,
    pub(crate) mapping: &'a Mapping,
    pub(crate) layout: &'a Layout,
    pub(crate) execution: &'a ExecutionContext,
    pub(crate) scripts: &'a Scripts,
    /// The number of the segment's first document in the index.
    pub(crate) doc_base: DocId,
    /// The nested object whose documents are looked at; none: the root documents.
    pub(crate) nested: Option<&'a str>,
}

/// The terms of a field.
pub(crate) struct Inverted {
    pub(crate) reader: Arc<InvertedIndexReader>,
}

/// The values of a field, by type.
pub(crate) enum ValueColumn {
    I64(Column<i64>),
    U64(Column<u64>),
    F64(Column<f64>),
    Bool(Column<bool>),
    Ip(Column<Ipv6Addr>),
    Str(StrColumn),
}

impl<'a> SegmentContext<'a> {
    /// How many documents the segment holds, nested ones included.
    pub(crate) fn max_doc(&self) -> DocId {
        self.segment.max_doc()
    }

    /// The root documents, or those of a nested object; none where the segment has no nested documents at all.
    pub(crate) fn documents(&self, nested: Option<&str>) -> Result<Option<Arc<SegmentBits>>> {
        match nested {
            None => self.segment.documents(None),
            Some(path) => match self.mapping.nested_ordinal(path) {
                Some(ordinal) => self.segment.documents(Some(ordinal)),
                None => Ok(None),
            },
        }
    }

    /// The `_id` of a document; of a nested one that of its root.
    pub(crate) fn root_id(&self, doc: DocId) -> Option<&'a str> {
        let root = self.documents(None).ok()?.map_or(doc, |roots| roots.next(doc));
        self.segment.id(root).ok()
    }

    /// The terms of a field; none where it has none.
    pub(crate) fn inverted(&self, path: &str) -> Result<Option<Inverted>> {
        match self.slot(path) {
            Some((slot, ty)) if ty.is_indexed() => Ok(Some(self.terms(slot.field)?)),
            _ => Ok(None),
        }
    }

    /// The terms of `_id`.
    pub(crate) fn id_index(&self) -> Result<Inverted> {
        self.terms(self.layout.id())
    }

    /// Whether a field has a column of values.
    pub(crate) fn has_column(&self, path: &str) -> bool {
        self.slot(path).is_some_and(|(_, ty)| ty.is_fast())
    }

    /// The values of a field; none where it has no column.
    pub(crate) fn column(&self, path: &str) -> Result<Option<ValueColumn>> {
        let columns = self.segment.reader().fast_fields();
        Ok(match self.slot(path) {
            Some((slot, ty)) if ty.is_fast() => match ty {
                FieldType::I64(_) => columns.column_opt(&slot.column).map_err(storage_error)?.map(ValueColumn::I64),
                FieldType::U64(_) => columns.column_opt(&slot.column).map_err(storage_error)?.map(ValueColumn::U64),
                FieldType::F64(_) => columns.column_opt(&slot.column).map_err(storage_error)?.map(ValueColumn::F64),
                FieldType::Bool(_) => columns.column_opt(&slot.column).map_err(storage_error)?.map(ValueColumn::Bool),
                FieldType::IpAddr(_) => columns.column_opt(&slot.column).map_err(storage_error)?.map(ValueColumn::Ip),
                FieldType::Str(_) => columns.str(&slot.column).map_err(storage_error)?.map(ValueColumn::Str),
                _ => None,
            },
            _ => None,
        })
    }

    /// Which documents have a field; none where no document has it.
    pub(crate) fn presence(&self, path: &str) -> Result<Option<ColumnIndex>> {
        let Some((slot, _)) = self.slot(path) else { return Ok(None) };
        let columns =
            self.segment.reader().fast_fields().dynamic_column_handles(&slot.column).map_err(storage_error)?;
        match columns.first() {
            Some(handle) => Ok(Some(handle.open().map_err(storage_error)?.column_index().clone())),
            None => Ok(None),
        }
    }

    /// The zone maps of a field whose values are read as a type, over the documents that are looked at.
    pub(crate) fn zones(&self, path: &str, ty: ValueType) -> Result<ColumnZones> {
        self.segment.zones().column(*self, path, ty)
    }

    /// The zone maps of a field of strings, by their ordinals in the segment's dictionary, over the documents that are looked at.
    pub(crate) fn ordinal_zones(&self, path: &str) -> Result<ColumnZones> {
        self.segment.zones().ordinals(*self, path)
    }

    /// A term by zones; none where it is too rare. Without `bm25` all its documents score 1.
    pub(crate) fn term_zones(&self, path: &str, term: &TermInfo, bm25: Option<&Bm25>) -> Result<Option<TermZones>> {
        self.segment.zones().term(*self, path, term, bm25)
    }

    /// The length norms of a field.
    pub(crate) fn norms(&self, path: &str) -> Result<Norms> {
        match self.slot(path) {
            Some((slot, ty)) if ty.has_fieldnorms() => {
                Norms::open(self.segment.reader(), slot.field).map_err(storage_error)
            }
            _ => Ok(Norms::One),
        }
    }

    fn terms(&self, field: Field) -> Result<Inverted> {
        Ok(Inverted { reader: self.segment.reader().inverted_index(field).map_err(storage_error)? })
    }

    /// Where a field of the mapping is, and as what.
    fn slot(&self, path: &str) -> Option<(&'a Slot, &'a FieldType)> {
        let slot = self.layout.slot(self.mapping.field_ordinal(path)?)?;
        Some((slot, self.layout.schema().get_field_entry(slot.field).field_type()))
    }
}

impl Inverted {
    /// Where a term is; none where the segment does not hold it.
    pub(crate) fn term(&self, term: &[u8]) -> Result<Option<TermInfo>> {
        self.reader.terms().get(term).map_err(storage_error)
    }

    /// The documents of a term that the segment holds, in blocks.
    pub(crate) fn postings_of(&self, term: &TermInfo, option: IndexRecordOption) -> Result<BlockSegmentPostings> {
        self.reader.read_block_postings_from_terminfo(term, option).map_err(storage_error)
    }

    /// The documents of a term, with positions.
    pub(crate) fn positions(&self, term: &[u8]) -> Result<Option<SegmentPostings>> {
        let Some(info) = self.reader.terms().get(term).map_err(storage_error)? else { return Ok(None) };
        let option = IndexRecordOption::WithFreqsAndPositions;
        Ok(Some(self.reader.read_postings_from_terminfo(&info, option).map_err(storage_error)?))
    }
}
