//! The zone maps of a segment: from its file, or computed when they are first asked for; then kept.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tantivy::SegmentReader;
use tantivy::directory::OwnedBytes;
use tantivy::postings::TermInfo;
use tantivy::schema::IndexRecordOption;

use super::column::{ColumnZones, Missing, Reads, Source};
use super::plugin::{self, stored_column, term_number};
use super::sections::Sections;
use super::summary::{Scopes, Summary, Tracks, summarize};
use super::term::TermZones;
use super::term_map::{TermMap, TermMapper, is_frequent};
use crate::error::Result;
use crate::exec::bm25::Bm25;
use crate::exec::columns::Encoding;
use crate::exec::index::layout::Slot;
use crate::exec::index::storage_error;
use crate::exec::segment::SegmentContext;
use crate::plan::script::ValueType;

/// The zone maps of a segment.
pub(crate) struct ZoneStore {
    file: Option<Sections>,
    /// By the ordinals of fields; none where no document has a value.
    columns: Box<[OnceLock<Option<Arc<Summary>>>]>,
    term_file: Option<Sections>,
    /// By their numbers; none where a term cannot be mapped.
    terms: Mutex<HashMap<u64, Option<Arc<TermMap>>>>,
    /// How many more bytes the maps of terms may take that are in no file.
    left: AtomicUsize,
}

/// How many bytes the maps of terms may take that are in no file.
const LIMIT_BYTES: usize = 64 << 20;

impl ZoneStore {
    /// Opens the zone maps of a segment whose mapping has so many fields.
    ///
    /// # Errors
    /// Their file is damaged.
    pub(crate) fn open(reader: &SegmentReader, fields: usize) -> Result<Self> {
        let columns = std::iter::repeat_with(OnceLock::new).take(fields).collect();
        Ok(Self {
            file: Sections::open(reader, plugin::COLUMNS)?,
            columns,
            term_file: Sections::open(reader, plugin::TERMS)?,
            terms: Mutex::default(),
            left: AtomicUsize::new(LIMIT_BYTES),
        })
    }

    /// The zone maps of a field whose values are read as a type.
    ///
    /// # Errors
    /// They are damaged.
    pub(crate) fn column(&self, segment: SegmentContext<'_>, path: &str, ty: ValueType) -> Result<ColumnZones> {
        self.read(segment, path, Some(ty))
    }

    /// The zone maps of a field of strings, by their ordinals, which are read as longs.
    ///
    /// # Errors
    /// They are damaged.
    pub(crate) fn ordinals(&self, segment: SegmentContext<'_>, path: &str) -> Result<ColumnZones> {
        self.read(segment, path, None)
    }

    /// The zone maps of a field whose values are read as a type; none: as their ordinals.
    fn read(&self, segment: SegmentContext<'_>, path: &str, ty: Option<ValueType>) -> Result<ColumnZones> {
        let own = segment.mapping.field(path).and_then(|field| field.nested.as_deref());
        let missing = match segment.nested {
            None => Missing::Root,
            nested if nested == own => Missing::Own,
            Some(_) => Missing::Any,
        };
        let ordinal = segment.mapping.field_ordinal(path);
        let slot = ordinal.and_then(|ordinal| Some((ordinal, segment.layout.slot(ordinal)?)));
        let Some((ordinal, slot, tracks)) = slot.and_then(|(ordinal, slot)| Some((ordinal, slot, slot.tracks?))) else {
            let source = if path == "_id" { Source::Roots } else { Source::Never };
            return Ok(ColumnZones::new(source, Reads::Other(ty.unwrap_or(ValueType::Str)), missing));
        };
        let column = segment.segment.columns(segment.mapping).column(path)?;
        let reads = match (ty, column.encoding()) {
            (Some(_), Some(_)) if tracks == Tracks::Point => Reads::Points,
            (Some(ty), Some(encoding)) => Reads::Numbers(encoding, ty),
            (None, _) if tracks == Tracks::Number && column.is_text() => {
                Reads::Numbers(Encoding::Unsigned, ValueType::I64)
            }
            (ty, _) => Reads::Other(ty.unwrap_or(ValueType::Str)),
        };
        let source = self.summary(segment, ordinal, slot, tracks)?.map_or(Source::Never, Source::Map);
        Ok(ColumnZones::new(source, reads, missing))
    }

    fn summary(
        &self,
        segment: SegmentContext<'_>,
        ordinal: usize,
        slot: &Slot,
        tracks: Tracks,
    ) -> Result<Option<Arc<Summary>>> {
        let Some(cell) = self.columns.get(ordinal) else { return Ok(None) };
        if let Some(summary) = cell.get() {
            return Ok(summary.clone());
        }
        let docs = segment.max_doc();
        let summary = match &self.file {
            Some(file) => match file.get(ordinal as u64)? {
                Some(bytes) => {
                    let other = || file.damaged("a zone map is not that of its column");
                    Some(Summary::open(bytes, tracks, docs).ok_or_else(other)?)
                }
                None => None,
            },
            None => match stored_column(segment.segment.reader(), slot).map_err(storage_error)? {
                Some(column) => {
                    let (roots, own) = (segment.documents(None)?, segment.segment.scope(slot.scope)?);
                    let scopes = Scopes { roots: roots.as_deref(), own: own.as_deref() };
                    Summary::open(OwnedBytes::new(summarize(&column, tracks, docs, scopes)), tracks, docs)
                }
                None => None,
            },
        };
        Ok(cell.get_or_init(|| summary.map(Arc::new)).clone())
    }

    /// A term by zones; none where it is too rare.
    ///
    /// # Errors
    /// The map is damaged.
    pub(crate) fn term(
        &self,
        segment: SegmentContext<'_>,
        path: &str,
        term: &TermInfo,
        bm25: Option<&Bm25>,
    ) -> Result<Option<TermZones>> {
        let Some(ordinal) = segment.mapping.field_ordinal(path) else { return Ok(None) };
        if !is_frequent(term.doc_freq, segment.max_doc()) {
            return Ok(None);
        }
        let number = term_number(ordinal, term);
        let mut terms = self.terms.lock().unwrap_or_else(PoisonError::into_inner);
        let map = match terms.get(&number) {
            Some(map) => map.clone(),
            None => {
                let map = self.term_map(segment, path, ordinal, term)?.map(Arc::new);
                terms.entry(number).or_insert(map).clone()
            }
        };
        Ok(map.map(|map| TermZones::new(map, bm25)))
    }

    fn term_map(
        &self,
        segment: SegmentContext<'_>,
        path: &str,
        ordinal: usize,
        term: &TermInfo,
    ) -> Result<Option<TermMap>> {
        let (docs, doc_freq) = (segment.max_doc(), term.doc_freq);
        if let Some(file) = &self.term_file {
            let Some(bytes) = file.get(term_number(ordinal, term))? else { return Ok(None) };
            let other = || file.damaged("the map of a term is not that of the term");
            return TermMap::open(bytes, doc_freq, docs).ok_or_else(other).map(Some);
        }
        let Some(index) = segment.inverted(path)? else { return Ok(None) };
        let (norms, stats) = (segment.norms(path)?, segment.segment.stats(ordinal)?);
        let mut postings = index.postings_of(term, IndexRecordOption::WithFreqs)?;
        let Some(bytes) = TermMapper::new(docs).map(&mut postings, &norms, stats) else { return Ok(None) };
        let take = |left: usize| left.checked_sub(bytes.len());
        let fits = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        Ok(if fits { TermMap::open(OwnedBytes::new(bytes), doc_freq, docs) } else { None })
    }
}
