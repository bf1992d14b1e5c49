//! Builds an index from a file of documents: extend the mapping, drop what is replaced, deal, write.
//!
//! Two passes over the text, so that never more than a few documents are held as parsed JSON: the first finds the ids and
//! the fields, the second writes.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use crate::error::{Code, Error, Result};
use crate::exec::index::document;
use crate::exec::index::encode::encode;
use crate::exec::index::extend::extend;
use crate::exec::index::input::{self, Entry};
use crate::exec::index::layout::Layout;
use crate::exec::index::row::Row;
use crate::exec::index::shard::{Shard, ShardWriter};
use crate::exec::index::{Index, MANIFEST, shard_dir, storage_error};
use crate::exec::prepared::PreparedFragments;
use crate::plan::mapping::Mapping;

/// How an index is built.
#[derive(Clone, Debug)]
pub struct BuildOptions {
    /// The name that hits show.
    pub name: String,
    /// How many shards the documents are dealt to.
    pub shards: usize,
    /// After how many documents a shard starts a new segment; `None`: when memory is used up.
    pub flush_every: Option<usize>,
    /// An empty or new directory for the index; `None`: in memory.
    pub dir: Option<PathBuf>,
}

impl Default for BuildOptions {
    fn default() -> Self {
        Self { name: "index".to_owned(), shards: 1, flush_every: None, dir: None }
    }
}

/// What became of the documents.
#[derive(Debug, Default)]
pub struct LoadReport {
    /// How many documents the index holds.
    pub indexed: usize,
    /// How many documents gave way to a later one of the same id.
    pub replaced: usize,
    /// Those that are not indexed, by line.
    pub rejected: Vec<Rejection>,
}

/// A document that is not indexed.
#[derive(Debug)]
pub struct Rejection {
    /// The line of the document, or of the action if that is at fault; from 1.
    pub line: usize,
    /// The document's id, where it is known.
    pub id: Option<String>,
    /// The field and the reason.
    pub error: Error,
}

/// More shards than this are refused, as by Elasticsearch.
const MAX_SHARDS: usize = 1024;

/// How many documents wait for the writer at most.
const QUEUE: usize = 256;

/// How often progress is told, in documents.
const PROGRESS_EVERY: usize = 1000;

impl Index {
    /// Builds an index from documents: one a line, or the bulk form. `progress` is told how many of how many are done.
    ///
    /// # Errors
    /// The index cannot be written. A bad document is no error, but a rejection in the report.
    pub fn build(
        mut mapping: Mapping,
        docs: &[u8],
        options: &BuildOptions,
        progress: &mut dyn FnMut(usize, usize),
    ) -> Result<(Self, LoadReport)> {
        check(options)?;
        let mut report = LoadReport::default();
        let mut entries = input::read(docs, &mut report.rejected);
        extend(&mut mapping, &mut entries, &mut report);
        let layout = Arc::new(Layout::new(&mapping));
        let encoder = Encoder { mapping: &mapping, layout: &layout };
        let entries = encoder.resolve(entries, &mut report);

        let mut shards = Vec::with_capacity(options.shards);
        let mut done = 0usize;
        for number in 0..options.shards {
            let dealt =
                &entries[entries.len() * number / options.shards..entries.len() * (number + 1) / options.shards];
            let bytes = dealt.iter().map(|entry| entry.source.len()).sum();
            let dir = options.dir.as_deref().map(|dir| shard_dir(dir, number));
            let writer = ShardWriter::create(dir.as_deref(), &layout, bytes)?;
            let documents = dealt.iter().filter_map(|entry| {
                done += 1;
                if done.is_multiple_of(PROGRESS_EVERY) {
                    progress(done, entries.len());
                }
                encoder.rows(entry).map_err(|error| report.reject(entry, error)).ok()
            });
            let (shard, written) = write(writer, documents, options.flush_every)?;
            report.indexed += written;
            shards.push(shard);
        }
        progress(done, entries.len());
        report.rejected.sort_by_key(|rejection| rejection.line);

        let index = Self {
            name: options.name.clone(),
            mapping: Arc::new(mapping),
            layout,
            shards,
            prepared: PreparedFragments::default(),
        };
        if let Some(dir) = &options.dir {
            index.save(dir)?;
        }
        Ok((index, report))
    }
}

fn check(options: &BuildOptions) -> Result<()> {
    if !(1..=MAX_SHARDS).contains(&options.shards) {
        return Err(Error::new(Code::InvalidValue, format!("an index of {} shards", options.shards))
            .expected(format!("1 to {MAX_SHARDS} shards")));
    }
    let Some(dir) = &options.dir else { return Ok(()) };
    for taken in [dir.join(MANIFEST), shard_dir(dir, 0)] {
        if taken.exists() {
            return Err(Error::new(Code::Storage, format!("{} exists already", taken.display()))
                .hint("name another directory, or remove this one"));
        }
    }
    Ok(())
}

/// Writes a shard on a thread of its own, while this one reads the documents; returns how many there were.
fn write(
    mut writer: ShardWriter,
    documents: impl Iterator<Item = Vec<Row>>,
    flush_every: Option<usize>,
) -> Result<(Shard, usize)> {
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<Vec<Row>>(QUEUE);
        let writing = scope.spawn(move || {
            let mut written = 0usize;
            for rows in receiver {
                writer.add(rows)?;
                written += 1;
                if flush_every.is_some_and(|every| written.is_multiple_of(every)) {
                    writer.flush()?;
                }
            }
            Ok((writer.finish()?, written))
        });
        for rows in documents {
            // The writer hangs up when it fails; its error comes with `join`.
            if sender.send(rows).is_err() {
                break;
            }
        }
        drop(sender);
        writing.join().unwrap_or_else(|_| Err(storage_error("the writer of a shard panicked")))
    })
}

/// Makes rows of documents.
struct Encoder<'a> {
    mapping: &'a Mapping,
    layout: &'a Layout,
}

impl Encoder<'_> {
    /// The rows of a document: its nested objects, then its root.
    fn rows(&self, entry: &Entry<'_>) -> Result<Vec<Row>> {
        let documents = document::read(self.mapping, &entry.id, &entry.parse()?)?;
        let encode = |values| encode(self.mapping, self.layout, values);
        let mut rows = documents.into_iter().map(encode).collect::<Result<Vec<_>>>()?;
        if let Some(root) = rows.last_mut() {
            root.set_identity(self.layout, &entry.id, entry.source);
        }
        Ok(rows)
    }

    /// Keeps of several documents of one id the one that is there in the end: the last that can be indexed, or the first
    /// if the others ask not to replace it. It stands where it stood.
    fn resolve<'d>(&self, entries: Vec<Entry<'d>>, report: &mut LoadReport) -> Vec<Entry<'d>> {
        let mut counts: HashMap<&str, usize> = HashMap::with_capacity(entries.len());
        for entry in &entries {
            *counts.entry(&entry.id).or_default() += 1;
        }
        if counts.len() == entries.len() {
            return entries;
        }
        let repeated: Vec<bool> = entries.iter().map(|entry| counts[entry.id.as_str()] > 1).collect();
        let mut winners: HashMap<&str, usize> = HashMap::new();
        let mut keep = vec![true; entries.len()];
        for (i, entry) in entries.iter().enumerate().filter(|(i, _)| repeated[*i]) {
            let refusal = match winners.get(entry.id.as_str()) {
                Some(_) if entry.create => Some(
                    Error::new(Code::InvalidDocument, format!("document '{}' exists already", entry.id))
                        .with_type("version_conflict_engine_exception"),
                ),
                _ => self.rows(entry).err(),
            };
            if let Some(error) = refusal {
                keep[i] = false;
                report.reject(entry, error);
            } else if let Some(before) = winners.insert(&entry.id, i) {
                keep[before] = false;
                report.replaced += 1;
            }
        }
        let mut keep = keep.into_iter();
        entries.into_iter().filter(|_| keep.next().unwrap_or(true)).collect()
    }
}

impl LoadReport {
    pub(super) fn reject(&mut self, entry: &Entry<'_>, error: Error) {
        self.rejected.push(Rejection { line: entry.line, id: Some(entry.id.clone()), error });
    }
}
