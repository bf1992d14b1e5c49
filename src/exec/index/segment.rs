//! A segment: a run of a shard's documents with its terms, columns, `_id`s and `_source`s, and what is derived from them.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tantivy::schema::Field as TantivyField;
use tantivy::{SegmentReader, TantivyError};

use crate::error::{Code, Error, Result};
use crate::exec::columns::Columns;
use crate::exec::index::blobs::Blobs;
use crate::exec::index::layout::{Layout, NESTED_COLUMN, scope_number};
use crate::exec::index::plugin;
use crate::exec::index::storage_error;
use crate::exec::skip::experience::Experience;
use crate::exec::window::SegmentBits;
use crate::exec::zones::ZoneStore;
use crate::plan::mapping::Mapping;

/// A segment of a shard. What is derived is computed when it is first asked for, then kept.
pub(crate) struct Segment {
    reader: SegmentReader,
    layout: Arc<Layout>,
    ids: Blobs,
    sources: Blobs,
    /// Which documents are root documents (0) or of a nested object (its ordinal + 1).
    scopes: Mutex<HashMap<u64, Arc<SegmentBits>>>,
    stats: Box<[OnceLock<FieldStats>]>,
    columns: OnceLock<Columns>,
    zones: ZoneStore,
    experience: Experience,
}

/// What BM25 wants to know of a field beside its terms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FieldStats {
    /// How many documents have a term in the field.
    pub(crate) docs: u64,
    /// How many terms all of them have together.
    pub(crate) tokens: u64,
}

impl std::ops::AddAssign for FieldStats {
    fn add_assign(&mut self, other: Self) {
        self.docs += other.docs;
        self.tokens += other.tokens;
    }
}

impl Segment {
    pub(super) fn open(reader: SegmentReader, layout: Arc<Layout>) -> Result<Self> {
        let (ids, sources) = plugin::open(&reader).map_err(storage_error)?;
        let stats = std::iter::repeat_with(OnceLock::new).take(layout.len()).collect();
        let zones = ZoneStore::open(&reader, layout.len())?;
        Ok(Self {
            reader,
            layout,
            ids,
            sources,
            scopes: Mutex::default(),
            stats,
            columns: OnceLock::new(),
            zones,
            experience: Experience::default(),
        })
    }

    /// What searches have found out about skipping here.
    pub(crate) fn experience(&self) -> &Experience {
        &self.experience
    }

    /// The tantivy reader of terms and columns.
    pub(crate) fn reader(&self) -> &SegmentReader {
        &self.reader
    }

    /// The columns of fields, decoded in bulk. The mapping is that of the index.
    pub(crate) fn columns(&self, mapping: &Mapping) -> &Columns {
        self.columns.get_or_init(|| Columns::open(&self.reader, self.ids.clone(), mapping))
    }

    /// The zone maps of the segment.
    pub(crate) fn zones(&self) -> &ZoneStore {
        &self.zones
    }

    /// How many documents there are, nested ones among them; their ids count from 0.
    pub(crate) fn max_doc(&self) -> u32 {
        self.reader.max_doc()
    }

    /// The `_id` of a root document; empty for a nested one.
    pub(crate) fn id(&self, doc: u32) -> Result<&str> {
        text(&self.ids, doc, "_id")
    }

    /// The `_source` of a root document, as it was given; empty for a nested one.
    pub(crate) fn source(&self, doc: u32) -> Result<&str> {
        text(&self.sources, doc, "_source")
    }

    /// Which documents are root documents, or of the nested object of an ordinal; none where the segment holds no nested
    /// documents at all.
    pub(crate) fn documents(&self, nested: Option<usize>) -> Result<Option<Arc<SegmentBits>>> {
        self.scope(scope_number(nested))
    }

    /// The documents of a number in [`NESTED_COLUMN`]; none where the segment holds no nested documents at all.
    pub(crate) fn scope(&self, number: u64) -> Result<Option<Arc<SegmentBits>>> {
        if self.layout.nested().is_none() {
            return Ok(None);
        }
        let mut scopes = self.scopes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(documents) = scopes.get(&number) {
            return Ok(Some(Arc::clone(documents)));
        }
        let Some(documents) = documents(&self.reader, self.max_doc(), number).map_err(storage_error)? else {
            return Ok(None);
        };
        let documents = Arc::new(documents);
        scopes.insert(number, Arc::clone(&documents));
        Ok(Some(documents))
    }

    /// How many root documents there are.
    pub(crate) fn root_count(&self) -> Result<u32> {
        Ok(self.documents(None)?.map_or(self.max_doc(), |roots| roots.len()))
    }

    /// The statistics of the field of an ordinal; zero for one without terms.
    pub(crate) fn stats(&self, ordinal: usize) -> Result<FieldStats> {
        let (Some(cell), Some(slot)) = (self.stats.get(ordinal), self.layout.slot(ordinal)) else {
            return Ok(FieldStats::default());
        };
        if let Some(stats) = cell.get() {
            return Ok(*stats);
        }
        let stats = self.compute_stats(slot.field, &slot.column).map_err(storage_error)?;
        Ok(*cell.get_or_init(|| stats))
    }

    fn compute_stats(&self, field: TantivyField, column: &str) -> Result<FieldStats, TantivyError> {
        let entry = self.reader.schema().get_field_entry(field);
        if !entry.is_indexed() {
            return Ok(FieldStats::default());
        }
        let index = self.reader.inverted_index(field)?;
        if entry.has_fieldnorms() {
            let norms = self.reader.get_fieldnorms_reader(field)?;
            let docs = (0..self.max_doc()).filter(|doc| norms.fieldnorm_id(*doc) != 0).count();
            return Ok(FieldStats { docs: docs as u64, tokens: index.total_num_tokens() });
        }
        // A field without frequencies: each document counts once for each of its different terms.
        let mut stats = FieldStats::default();
        let mut terms = index.terms().stream()?;
        while terms.advance() {
            stats.tokens += u64::from(terms.value().doc_freq);
        }
        for handle in self.reader.fast_fields().dynamic_column_handles(column)? {
            let column = handle.open()?;
            let index = column.column_index();
            stats.docs += (0..self.max_doc()).filter(|doc| index.has_value(*doc)).count() as u64;
        }
        Ok(stats)
    }
}

/// The documents of a segment that have a number in [`NESTED_COLUMN`]; none where all of them are root documents.
pub(crate) fn documents(reader: &SegmentReader, max_doc: u32, number: u64) -> tantivy::Result<Option<SegmentBits>> {
    let column = reader.fast_fields().u64(NESTED_COLUMN)?;
    if column.max_value() == 0 {
        return Ok(None);
    }
    let mut documents = SegmentBits::new(max_doc);
    for doc in (0..max_doc).filter(|doc| column.first(*doc).unwrap_or(0) == number) {
        documents.insert(doc);
    }
    Ok(Some(documents))
}

fn text<'a>(file: &'a Blobs, doc: u32, what: &str) -> Result<&'a str> {
    file.get(doc)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .ok_or_else(|| Error::new(Code::Storage, format!("the index is damaged: no {what} of document {doc}")))
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Segment").field("max_doc", &self.max_doc()).finish_non_exhaustive()
    }
}
