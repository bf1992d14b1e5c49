//! A shard: a tantivy index on disk or in memory, with its segments in the order of the documents.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use tantivy::directory::MmapDirectory;
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy, UserOperation};
use tantivy::store::Compressor;
use tantivy::tokenizer::{TextAnalyzer, TokenizerManager};
use tantivy::{IndexSettings, IndexWriter, ReloadPolicy, Searcher};

use crate::error::Result;
use crate::exec::index::layout::Layout;
use crate::exec::index::plugin::DocumentFiles;
use crate::exec::index::row::Row;
use crate::exec::index::segment::{FieldStats, Segment};
use crate::exec::index::storage_error;
use crate::exec::index::tokens::{PACKED, Unpacker};

/// A shard of an index.
pub struct Shard {
    searcher: Searcher,
    segments: Vec<Segment>,
}

impl Shard {
    /// Opens a shard that lies in a directory.
    pub(super) fn open(dir: &Path, layout: &Arc<Layout>) -> Result<Self> {
        let mut index = tantivy::Index::open_in_dir(dir).map_err(storage_error)?;
        index.set_tokenizers(tokenizers());
        index.register_plugin(Arc::new(DocumentFiles));
        Self::of(&index, layout)
    }

    fn of(index: &tantivy::Index, layout: &Arc<Layout>) -> Result<Self> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).doc_store_cache_num_blocks(0);
        let searcher = reader.try_into().map_err(storage_error)?.searcher();
        let open = |reader: &tantivy::SegmentReader| Segment::open(reader.clone(), Arc::clone(layout));
        let mut segments = searcher.segment_readers().iter().map(open).collect::<Result<Vec<_>>>()?;
        segments.sort_by_key(Segment::first_place);
        Ok(Self { searcher, segments })
    }

    /// The segments, in the order of the documents.
    pub(crate) fn segments(&self) -> &[Segment] {
        &self.segments
    }

    /// What tantivy's queries want for their weights. Its own order of segments is random; see [`Self::segments`].
    pub(crate) fn searcher(&self) -> &Searcher {
        &self.searcher
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
pub(super) struct ShardWriter {
    index: tantivy::Index,
    layout: Arc<Layout>,
    writer: IndexWriter<Row>,
    /// How many rows were added.
    rows: u64,
}

impl ShardWriter {
    /// Creates a shard in an empty directory, or in memory. The writer starts a new segment when it holds `memory` bytes.
    pub(super) fn create(dir: Option<&Path>, layout: &Arc<Layout>, memory: usize) -> Result<Self> {
        // The document store stays empty: `_source`s have a file of their own.
        let settings = IndexSettings {
            docstore_compression: Compressor::None,
            docstore_compress_dedicated_thread: false,
            ..IndexSettings::default()
        };
        let builder = tantivy::Index::builder()
            .schema(layout.schema().clone())
            .settings(settings)
            .tokenizers(tokenizers())
            .register_plugin(Arc::new(DocumentFiles));
        let index = match dir {
            Some(dir) => {
                std::fs::create_dir_all(dir)?;
                builder.open_or_create(MmapDirectory::open(dir).map_err(storage_error)?)
            }
            None => builder.create_in_ram(),
        };
        let index = index.map_err(storage_error)?;
        // One thread, and no merges: documents keep their order.
        let options =
            IndexWriterOptions::builder().num_worker_threads(1).num_merge_threads(1).memory_budget_per_thread(memory);
        let writer = index.writer_with_options(options.build()).map_err(storage_error)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(Self { index, layout: Arc::clone(layout), writer, rows: 0 })
    }

    /// Adds a document: its nested objects and its root, which stay together.
    pub(super) fn add(&mut self, mut rows: Vec<Row>) -> Result<()> {
        for row in &mut rows {
            row.place = self.rows;
            self.rows += 1;
        }
        self.writer.run(rows.into_iter().map(UserOperation::Add)).map_err(storage_error)?;
        Ok(())
    }

    /// Ends the current segment.
    pub(super) fn flush(&mut self) -> Result<()> {
        self.writer.commit().map_err(storage_error)?;
        Ok(())
    }

    /// Writes what is left, and opens the shard.
    pub(super) fn finish(mut self) -> Result<Shard> {
        self.flush()?;
        self.writer.wait_merging_threads().map_err(storage_error)?;
        Shard::of(&self.index, &self.layout)
    }
}

fn tokenizers() -> TokenizerManager {
    let tokenizers = TokenizerManager::default();
    tokenizers.register(PACKED, TextAnalyzer::from(Unpacker::default()));
    tokenizers
}
