//! Fragments as shards have read them, kept for searches that come again: their scripts are compiled, for segments too, and
//! have the tables and bounds that were made.
//!
//! Elasticsearch keeps compiled scripts as well, by their sources. Here parameters are part of a fragment: what is computed
//! from them is kept, too.

use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::error::Result;
use crate::exec::index::Index;
use crate::exec::script::Scripts;
use crate::exec::skip::experience::SearchKind;
use crate::pushdown::fragment::Fragment;

/// How many fragments are kept at most.
const MOST: NonZeroUsize = NonZeroUsize::new(64).unwrap();

/// How many bytes a fragment that is kept has at most.
const MAX_BYTES: usize = 1 << 16;

/// How many entries the tables of one that is kept have at most.
const MAX_ENTRIES: u64 = 1 << 16;

/// A fragment as the shards of an index have read it.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) fragment: Fragment,
    pub(crate) scripts: Scripts,
    pub(crate) kind: SearchKind,
}

impl Prepared {
    /// Reads a fragment for the shards of an index.
    ///
    /// # Errors
    /// The bytes are no fragment, or a script of it cannot be compiled.
    fn read(bytes: &[u8], index: &Index) -> Result<Self> {
        let fragment = Fragment::from_bytes(bytes)?;
        let scripts = Scripts::compile(&fragment.scripts, index)?;
        Ok(Self { kind: SearchKind::of(&fragment, bytes), fragment, scripts })
    }
}

/// The fragments that were searched for lately, by their bytes.
#[derive(Debug)]
pub(crate) struct PreparedFragments(Mutex<LruCache<Vec<u8>, Arc<Prepared>>>);

impl Default for PreparedFragments {
    fn default() -> Self {
        Self(Mutex::new(LruCache::new(MOST)))
    }
}

impl PreparedFragments {
    /// The fragment of some bytes, read now if it is not known.
    ///
    /// # Errors
    /// The bytes are no fragment, or a script of it cannot be compiled.
    pub(crate) fn get(&self, bytes: &[u8], index: &Index) -> Result<Arc<Prepared>> {
        let known = self.lock().get(bytes).map(Arc::clone);
        known.map_or_else(|| Prepared::read(bytes, index).map(Arc::new), Ok)
    }

    /// Keeps the fragment of some bytes after its search, unless it holds too much.
    pub(crate) fn keep(&self, bytes: Vec<u8>, prepared: Arc<Prepared>) {
        if bytes.len() <= MAX_BYTES && prepared.scripts.tables().entries <= MAX_ENTRIES {
            self.lock().put(bytes, prepared);
        }
    }

    fn lock(&self) -> MutexGuard<'_, LruCache<Vec<u8>, Arc<Prepared>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dsl::mapping::read_mapping;
    use crate::exec::index::build::BuildOptions;
    use crate::planner::{Planner, Request};

    #[test]
    fn a_fragment_that_comes_again_is_not_read_again() {
        let mapping = read_mapping(&json!({"properties": {"a": {"type": "long"}}})).unwrap();
        let index = Index::build(mapping, b"", &BuildOptions::default(), &mut |_, _| {}).unwrap().0;
        let bytes = |size: usize, ids: usize| {
            let ids: Vec<String> = (0..ids).map(|id| format!("id{id:09}")).collect();
            let body = json!({"size": size, "query": {"ids": {"values": ids}}}).to_string();
            let request = Request::new(body.as_bytes(), 0);
            Planner::default().plan(request, index.mapping()).unwrap().fragment.to_bytes().unwrap()
        };
        let known = PreparedFragments::default();
        let get = |bytes: &[u8]| known.get(bytes, &index).unwrap();
        let (small, other, large) = (bytes(3, 1), bytes(4, 1), bytes(3, 10_000));
        let first = get(&small);
        assert!(!Arc::ptr_eq(&first, &get(&small)), "it is kept after its search");
        known.keep(small.clone(), Arc::clone(&first));
        assert!(Arc::ptr_eq(&first, &get(&small)) && !Arc::ptr_eq(&first, &get(&other)));
        let prepared = get(&large);
        known.keep(large.clone(), Arc::clone(&prepared));
        assert!(large.len() > MAX_BYTES && !Arc::ptr_eq(&prepared, &get(&large)));
    }
}
