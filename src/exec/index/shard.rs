//! A shard: a tantivy index on disk or in memory, with its segments in the order of the documents.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tantivy::directory::{Directory, MmapDirectory};
use tantivy::indexer::{AddOperation, SegmentWriter};
use tantivy::plugin::SegmentPlugin;
use tantivy::store::Compressor;
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};
use tantivy::{IndexBuilder, IndexSettings, SegmentMeta, SegmentReader};

use crate::error::{Code, Error, Result};
use crate::exec::index::layout::Layout;
use crate::exec::index::plugin::DocumentFiles;
use crate::exec::index::row::Row;
use crate::exec::index::segment::{FieldStats, Segment};
use crate::exec::index::storage_error;
use crate::exec::index::tokens::{PACKED, Unpacker};
use crate::exec::zones::plugin::ZoneFiles;

/// A shard of an index.
pub struct Shard {
    segments: Vec<Segment>,
}

impl Shard {
    /// Opens a shard that lies in a directory.
    pub(super) fn open(dir: &Path, layout: &Arc<Layout>) -> Result<Self> {
        let mut index = tantivy::Index::open_in_dir(dir).map_err(storage_error)?;
        index.set_tokenizers(tokenizers());
        for plugin in plugins(layout) {
            index.register_plugin(plugin);
        }
        if index.schema() != *layout.schema() {
            return Err(Error::new(Code::Storage, format!("{} does not fit the mapping of its index", dir.display()))
                .hint("index the documents again"));
        }
        Self::of(&index, layout)
    }

    fn of(index: &tantivy::Index, layout: &Arc<Layout>) -> Result<Self> {
        let open = |segment: &tantivy::Segment| {
            Segment::open(SegmentReader::open(segment).map_err(storage_error)?, Arc::clone(layout))
        };
        let segments = index.searchable_segments().map_err(storage_error)?.iter().map(open).collect::<Result<_>>()?;
        Ok(Self { segments })
    }

    /// The segments, in the order of the documents.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// The statistics of the field of an ordinal.
    pub(crate) fn stats(&self, ordinal: usize) -> Result<FieldStats> {
        let mut sum = FieldStats::default();
        for segment in &self.segments {
            sum += segment.stats(ordinal)?;
        }
        Ok(sum)
    }

    /// How many root documents there are.
    pub(crate) fn root_count(&self) -> Result<u64> {
        self.segments.iter().map(|segment| segment.root_count().map(u64::from)).sum()
    }
}

impl fmt::Debug for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shard").field("segments", &self.segments).finish_non_exhaustive()
    }
}

/// Writes the documents of a shard, in the order in which they come.
///
/// It drives tantivy's `SegmentWriter`, not its `IndexWriter`: that one lists segments in a random order, needs six threads
/// and zeroes four megabytes for the smallest index.
pub(super) struct ShardWriter {
    index: tantivy::Index,
    layout: Arc<Layout>,
    /// The segment that is being written.
    current: Option<(tantivy::Segment, SegmentWriter)>,
    done: Vec<SegmentMeta>,
    /// How large the shard's documents are, in bytes; the segment's first hash table is made for it.
    bytes: usize,
}

/// A segment ends when its writer holds so much memory; tantivy's limit is four gigabytes.
const SEGMENT_MEMORY: usize = 3_000_000_000;

/// The range of the memory for which a segment's first hash table is made.
const TABLE_MEMORY: std::ops::RangeInclusive<usize> = 100_000..=15_000_000;

impl ShardWriter {
    /// Creates a shard for documents of about so many bytes, in an empty directory or in memory.
    pub(super) fn create(dir: Option<&Path>, layout: &Arc<Layout>, bytes: usize) -> Result<Self> {
        // The document store stays empty: `_source`s have a file of their own.
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        let builder =
            tantivy::Index::builder().schema(layout.schema().clone()).settings(settings).tokenizers(tokenizers());
        let builder = plugins(layout).into_iter().fold(builder, IndexBuilder::register_plugin);
        let index = match dir {
            Some(dir) => {
                std::fs::create_dir_all(dir)?;
                builder.open_or_create(MmapDirectory::open(dir).map_err(storage_error)?)
            }
            None => builder.create_in_ram(),
        };
        let index = index.map_err(storage_error)?;
        Ok(Self { index, layout: Arc::clone(layout), current: None, done: Vec::new(), bytes })
    }

    /// Adds a document: its nested objects and its root, which stay together.
    pub(super) fn add(&mut self, rows: Vec<Row>) -> Result<()> {
        let writer = match &mut self.current {
            Some((_, writer)) => writer,
            none => {
                let memory = self.bytes.clamp(*TABLE_MEMORY.start(), *TABLE_MEMORY.end());
                let segment = self.index.new_segment();
                let writer = SegmentWriter::for_segment(memory, segment.clone()).map_err(storage_error)?;
                &mut none.insert((segment, writer)).1
            }
        };
        for document in rows {
            writer.add_document(AddOperation { opstamp: 0, document }).map_err(storage_error)?;
        }
        if writer.mem_usage() > SEGMENT_MEMORY {
            self.flush()?;
        }
        Ok(())
    }

    /// Ends the current segment.
    pub(super) fn flush(&mut self) -> Result<()> {
        if let Some((segment, writer)) = self.current.take() {
            let max_doc = writer.max_doc();
            writer.finalize().map_err(storage_error)?;
            self.done.push(segment.with_max_doc(max_doc).meta().clone());
        }
        Ok(())
    }

    /// Writes what is left, and opens the shard.
    pub(super) fn finish(mut self) -> Result<Shard> {
        self.flush()?;
        let mut meta = self.index.load_metas().map_err(storage_error)?;
        meta.segments = self.done;
        let text = serde_json::to_vec_pretty(&meta).map_err(storage_error)?;
        self.index.directory().sync_directory()?;
        self.index.directory().atomic_write(Path::new("meta.json"), &text)?;
        Shard::of(&self.index, &self.layout)
    }
}

/// What writes the files that this crate adds to a segment.
pub(super) fn plugins(layout: &Arc<Layout>) -> [Arc<dyn SegmentPlugin>; 2] {
    [Arc::new(DocumentFiles), Arc::new(ZoneFiles::new(Arc::clone(layout)))]
}

fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(PACKED, TextAnalyzer::from(Unpacker::default()));
    tokenizers
}
