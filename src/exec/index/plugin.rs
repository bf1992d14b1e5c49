//! The files that this crate adds to a tantivy segment: `_id`s and `_source`s, in document order.
//!
//! tantivy's own document store decompresses a block for each document; these files are read where they lie.

use std::any::Any;

use tantivy::index::{Segment, SegmentComponent, SegmentReader};
use tantivy::indexer::DocIdMapping;
use tantivy::indexer::doc_id_mapping::MappingType;
use tantivy::plugin::{PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin};
use tantivy::schema::Schema;
use tantivy::schema::document::ErasedDocument;
use tantivy::{DocId, TantivyError};

use crate::exec::index::blobs::{BlobWriter, Blobs};
use crate::exec::index::row::Row;

const IDS: &str = "ids";
const SOURCES: &str = "sources";

/// Writes and merges the files.
pub(super) struct DocumentFiles;

impl SegmentPlugin for DocumentFiles {
    fn extensions(&self) -> &[&str] {
        &[IDS, SOURCES]
    }

    fn create_writer(&self, ctx: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        Ok(Box::new(FilesWriter::new(ctx.segment)?))
    }

    fn merge(&self, ctx: PluginMergeContext<'_>) -> tantivy::Result<()> {
        if ctx.doc_id_mapping.mapping_type() == MappingType::Shuffled {
            return Err(TantivyError::InvalidArgument("documents keep their order in a merge".into()));
        }
        let mut files = FilesWriter::new(ctx.target_segment)?;
        for reader in ctx.readers {
            let (ids, sources) = open(reader)?;
            for doc in reader.doc_ids_alive() {
                let cut_short = || TantivyError::InternalError(format!("segment without `_id` of document {doc}"));
                files.push(ids.get(doc).ok_or_else(cut_short)?, sources.get(doc).ok_or_else(cut_short)?)?;
            }
        }
        files.finish()
    }
}

/// Opens the files of a segment: `_id`s and `_source`s.
pub(super) fn open(reader: &SegmentReader) -> tantivy::Result<(Blobs, Blobs)> {
    let open = |extension: &str| -> tantivy::Result<Blobs> {
        Ok(Blobs::open(&reader.open_read(SegmentComponent::Custom(extension.into()))?)?)
    };
    Ok((open(IDS)?, open(SOURCES)?))
}

struct FilesWriter {
    ids: BlobWriter,
    sources: BlobWriter,
}

impl FilesWriter {
    fn new(segment: &Segment) -> tantivy::Result<Self> {
        let create = |extension: &str| -> tantivy::Result<BlobWriter> {
            Ok(BlobWriter::new(segment.open_write(SegmentComponent::Custom(extension.into()))?))
        };
        Ok(Self { ids: create(IDS)?, sources: create(SOURCES)? })
    }

    fn push(&mut self, id: &[u8], source: &[u8]) -> tantivy::Result<()> {
        self.ids.push(id)?;
        self.sources.push(source)?;
        Ok(())
    }

    fn finish(self) -> tantivy::Result<()> {
        self.ids.finish()?;
        self.sources.finish()?;
        Ok(())
    }
}

impl PluginWriter for FilesWriter {
    fn add_document(&mut self, _doc: DocId, document: &dyn ErasedDocument, _schema: &Schema) -> tantivy::Result<()> {
        let Some(row) = document.as_any().downcast_ref::<Row>() else {
            return Err(TantivyError::InvalidArgument("only rows of this crate are indexed".into()));
        };
        self.push(row.id.as_bytes(), row.source.as_bytes())
    }

    fn serialize(self: Box<Self>, _segment: &Segment, order: Option<&DocIdMapping>) -> tantivy::Result<()> {
        match order {
            None => self.finish(),
            Some(_) => Err(TantivyError::InvalidArgument("documents keep their order in a segment".into())),
        }
    }

    fn mem_usage(&self) -> usize {
        self.ids.mem_usage() + self.sources.mem_usage()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}
