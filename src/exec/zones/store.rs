//! The zone maps of a segment: from its file, or computed when they are first asked for; then kept.

use std::sync::{Arc, OnceLock};

use tantivy::SegmentReader;
use tantivy::directory::OwnedBytes;

use super::column::{ColumnZones, Missing, Reads, Source};
use super::plugin::{self, stored_column};
use super::sections::Sections;
use super::summary::{Scopes, Summary, Tracks, summarize};
use crate::error::Result;
use crate::exec::index::layout::Slot;
use crate::exec::index::storage_error;
use crate::exec::segment::SegmentContext;
use crate::plan::script::ValueType;

/// The zone maps of a segment.
pub(crate) struct ZoneStore {
    file: Option<Sections>,
    /// By the ordinals of fields; none where no document has a value.
    columns: Box<[OnceLock<Option<Arc<Summary>>>]>,
}

impl ZoneStore {
    /// Opens the zone maps of a segment whose mapping has so many fields.
    ///
    /// # Errors
    /// Their file is damaged.
    pub(crate) fn open(reader: &SegmentReader, fields: usize) -> Result<Self> {
        let columns = std::iter::repeat_with(OnceLock::new).take(fields).collect();
        Ok(Self { file: Sections::open(reader, plugin::COLUMNS)?, columns })
    }

    /// The zone maps of a field whose values are read as a type.
    ///
    /// # Errors
    /// They are damaged.
    pub(crate) fn column(&self, segment: SegmentContext<'_>, path: &str, ty: ValueType) -> Result<ColumnZones> {
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
            return Ok(ColumnZones::new(source, Reads::Other(ty), missing));
        };
        let reads = match segment.segment.columns(segment.mapping).column(path)?.encoding() {
            Some(_) if tracks == Tracks::Point => Reads::Points,
            Some(encoding) => Reads::Numbers(encoding, ty),
            None => Reads::Other(ty),
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
}
