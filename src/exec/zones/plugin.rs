//! Writes the zone maps of a segment when the segment is written, and again when segments are merged: from its columns and
//! its inverted index, which tantivy writes first.

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use tantivy::fastfield::Column;
use tantivy::index::{Segment, SegmentReader};
use tantivy::indexer::DocIdMapping;
use tantivy::plugin::{PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin};
use tantivy::postings::TermInfo;
use tantivy::schema::document::ErasedDocument;
use tantivy::schema::{IndexRecordOption, Schema};
use tantivy::{DocId, TantivyError};

use super::sections::SectionWriter;
use super::summary::{Scopes, summarize};
use super::term_map::{TermMapper, is_frequent};
use crate::exec::bm25::Norms;
use crate::exec::index::layout::{Layout, Slot};
use crate::exec::index::segment::{FieldStats, documents};
use crate::exec::window::SegmentBits;

/// The extension of the file of columns' zone maps.
pub(super) const COLUMNS: &str = "zones";

/// The extension of the file of frequent terms' maps.
pub(super) const TERMS: &str = "termzones";

/// Writes and merges the files of zone maps.
pub(crate) struct ZoneFiles {
    layout: Arc<Layout>,
}

impl ZoneFiles {
    /// The zone maps of the fields of a layout.
    pub(crate) fn new(layout: Arc<Layout>) -> Self {
        Self { layout }
    }
}

impl SegmentPlugin for ZoneFiles {
    fn extensions(&self) -> &[&str] {
        &[COLUMNS, TERMS]
    }

    fn create_writer(&self, _: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        Ok(Box::new(ZoneWriter { layout: Arc::clone(&self.layout), docs: 0 }))
    }

    fn merge(&self, ctx: PluginMergeContext<'_>) -> tantivy::Result<()> {
        let docs = ctx.readers.iter().map(SegmentReader::num_docs).sum();
        write(ctx.target_segment, &self.layout, docs)
    }
}

/// Counts documents; all else is read back from the segment.
struct ZoneWriter {
    layout: Arc<Layout>,
    docs: DocId,
}

impl PluginWriter for ZoneWriter {
    fn add_document(&mut self, _: DocId, _: &dyn ErasedDocument, _: &Schema) -> tantivy::Result<()> {
        self.docs += 1;
        Ok(())
    }

    fn serialize(self: Box<Self>, segment: &Segment, _: Option<&DocIdMapping>) -> tantivy::Result<()> {
        write(segment, &self.layout, self.docs)
    }

    fn mem_usage(&self) -> usize {
        0
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

fn write(segment: &Segment, layout: &Layout, docs: DocId) -> tantivy::Result<()> {
    let reader = SegmentReader::open(segment)?;
    let mut scopes = ScopeSets { reader: &reader, docs, nested: layout.nested().is_some(), sets: HashMap::new() };
    let mut sections = SectionWriter::default();
    for (ordinal, slot) in layout.slots() {
        if let (Some(tracks), Some(column)) = (slot.tracks, stored_column(&reader, slot)?) {
            scopes.load(0)?;
            scopes.load(slot.scope)?;
            let scopes = Scopes { roots: scopes.get(0), own: scopes.get(slot.scope) };
            sections.push(ordinal as u64, &summarize(&column, tracks, docs, scopes));
        }
    }
    sections.finish(segment, COLUMNS)?;
    write_terms(&reader, layout, docs)?.finish(segment, TERMS)
}

/// Maps the frequent terms of all fields.
fn write_terms(reader: &SegmentReader, layout: &Layout, docs: DocId) -> tantivy::Result<SectionWriter> {
    let mut sections = SectionWriter::default();
    let mut mapper = None;
    for (ordinal, slot) in layout.slots() {
        let entry = layout.schema().get_field_entry(slot.field);
        if !entry.is_indexed() {
            continue;
        }
        let index = reader.inverted_index(slot.field)?;
        let mut field = None;
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            let term = terms.value();
            if !is_frequent(term.doc_freq, docs) {
                continue;
            }
            let (norms, stats) = match &field {
                Some(field) => field,
                None => field.insert(field_norms(reader, slot, docs)?),
            };
            let mut postings = index.read_block_postings_from_terminfo(term, IndexRecordOption::WithFreqs)?;
            let mapper = mapper.get_or_insert_with(|| TermMapper::new(docs));
            if let Some(map) = mapper.map(&mut postings, norms, *stats) {
                sections.push(term_number(ordinal, term), &map);
            }
        }
    }
    Ok(sections)
}

/// The length norms of a field, and its statistics in a segment.
fn field_norms(reader: &SegmentReader, slot: &Slot, docs: DocId) -> tantivy::Result<(Norms, FieldStats)> {
    if !reader.schema().get_field_entry(slot.field).has_fieldnorms() {
        return Ok((Norms::One, FieldStats::default()));
    }
    let norms = Norms::open(reader, slot.field)?;
    let with = (0..docs).filter(|doc| norms.get(*doc) != 0).count() as u64;
    let tokens = reader.inverted_index(slot.field)?.total_num_tokens();
    Ok((norms, FieldStats { docs: with, tokens }))
}

/// The number of a term's map: that of its field, and where its postings start.
pub(super) fn term_number(ordinal: usize, term: &TermInfo) -> u64 {
    (ordinal as u64) << 40 | term.postings_range.start as u64
}

/// The raw values of a field; none where no document has one.
pub(super) fn stored_column(reader: &SegmentReader, slot: &Slot) -> tantivy::Result<Option<Column<u64>>> {
    match reader.fast_fields().dynamic_column_handles(&slot.column)?.first() {
        Some(handle) => handle.open_u64_lenient().map_err(TantivyError::from),
        None => Ok(None),
    }
}

/// Which documents are root documents or those of a nested object.
struct ScopeSets<'a> {
    reader: &'a SegmentReader,
    docs: DocId,
    /// Whether the index has nested objects.
    nested: bool,
    sets: HashMap<u64, Option<SegmentBits>>,
}

impl ScopeSets<'_> {
    fn load(&mut self, scope: u64) -> tantivy::Result<()> {
        if self.nested && !self.sets.contains_key(&scope) {
            self.sets.insert(scope, documents(self.reader, self.docs, scope)?);
        }
        Ok(())
    }

    fn get(&self, scope: u64) -> Option<&SegmentBits> {
        self.sets.get(&scope)?.as_ref()
    }
}
