//! An index: the documents of a mapping, dealt to shards in ranges of their order, on disk or in memory.
//!
//! From the outside in: [`input`] takes a file of documents apart, [`extend`] adds its fields to the mapping, [`document`] reads each by the mapping, [`encode`] makes
//! rows of it, [`shard`] writes them as [`layout`] says, [`plugin`] adds the files of `_id`s and `_source`s. [`build`] runs
//! it all. Nothing here runs queries.
//!
//! A directory holds `index.json` (name, mapping, number of shards), written last, and a folder for each shard.

pub(crate) mod blobs;
pub mod build;
mod document;
mod encode;
mod extend;
mod input;
pub(crate) mod layout;
mod plugin;
mod row;
pub(crate) mod segment;
pub(crate) mod shard;
#[cfg(test)]
mod tests;
mod tokens;

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::exec::index::layout::{Layout, Slot};
use crate::exec::index::segment::FieldStats;
use crate::exec::index::shard::Shard;
use crate::exec::prepared::PreparedFragments;
use crate::plan::mapping::Mapping;

/// An index that can be searched.
#[derive(Debug)]
pub struct Index {
    name: String,
    mapping: Arc<Mapping>,
    layout: Arc<Layout>,
    shards: Vec<Shard>,
    prepared: PreparedFragments,
}

/// What `index.json` says.
#[derive(Serialize, Deserialize)]
struct Manifest {
    /// The version of the directory's form.
    version: u32,
    name: String,
    shards: usize,
    mapping: Mapping,
}

const MANIFEST: &str = "index.json";
const VERSION: u32 = 1;

impl Index {
    /// Opens an index that lies in a directory.
    ///
    /// # Errors
    /// There is none, or it is damaged or of another version.
    pub fn open(dir: &Path) -> Result<Self> {
        let path = dir.join(MANIFEST);
        let text = std::fs::read_to_string(&path).map_err(|e| {
            Error::new(Code::Io, format!("no index in {}: {e}", dir.display())).hint("`plan-explain index` writes one")
        })?;
        let damaged = |e: &dyn Display| Error::new(Code::Storage, format!("{} cannot be read: {e}", path.display()));
        let json: serde_json::Value = serde_json::from_str(&text).map_err(|e| damaged(&e))?;
        if json["version"] != VERSION {
            return Err(
                damaged(&format!("version {} is not {VERSION}", json["version"])).hint("index the documents again")
            );
        }
        let manifest: Manifest = serde_json::from_value(json).map_err(|e| damaged(&e))?;
        let layout = Arc::new(Layout::new(&manifest.mapping));
        let open = |number| Shard::open(&shard_dir(dir, number), &layout);
        let shards = (0..manifest.shards).map(open).collect::<Result<_>>()?;
        Ok(Self {
            name: manifest.name,
            mapping: Arc::new(manifest.mapping),
            layout,
            shards,
            prepared: PreparedFragments::default(),
        })
    }

    /// Writes `index.json`, which makes a directory of shards an index.
    fn save(&self, dir: &Path) -> Result<()> {
        let manifest = Manifest {
            version: VERSION,
            name: self.name.clone(),
            shards: self.shards.len(),
            mapping: Mapping::clone(&self.mapping),
        };
        let text = serde_json::to_string_pretty(&manifest).map_err(storage_error)?;
        Ok(std::fs::write(dir.join(MANIFEST), text)?)
    }

    /// Gives the index another name.
    #[must_use]
    pub fn with_name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        // Scripts know the name.
        self.prepared = PreparedFragments::default();
        self
    }

    /// Its name, which hits show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its mapping, with the fields that documents brought along.
    pub fn mapping(&self) -> &Arc<Mapping> {
        &self.mapping
    }

    /// Its shards.
    pub fn shards(&self) -> &[Shard] {
        &self.shards
    }

    /// How many documents there are, not counting nested objects.
    ///
    /// # Errors
    /// The index is damaged.
    pub fn doc_count(&self) -> Result<u64> {
        self.shards.iter().map(Shard::root_count).sum()
    }

    /// The fragments that were searched for lately.
    pub(crate) fn prepared(&self) -> &PreparedFragments {
        &self.prepared
    }

    /// Where the fields are.
    pub(crate) fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Where the field of a path is; none if there is no such field, or its type is not indexed.
    pub(crate) fn slot(&self, path: &str) -> Option<&Slot> {
        self.layout.slot(self.mapping.field_ordinal(path)?)
    }

    /// The statistics of a field over all shards.
    pub(crate) fn stats(&self, path: &str) -> Result<FieldStats> {
        let mut sum = FieldStats::default();
        if let Some(ordinal) = self.mapping.field_ordinal(path) {
            for shard in &self.shards {
                sum += shard.stats(ordinal)?;
            }
        }
        Ok(sum)
    }
}

fn shard_dir(dir: &Path, number: usize) -> PathBuf {
    dir.join(format!("shard-{number}"))
}

/// An error of the storage engine.
pub(crate) fn storage_error(error: impl Display) -> Error {
    Error::new(Code::Storage, error.to_string())
}
