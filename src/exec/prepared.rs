//! Fragments as shards have read them, kept for searches that come again: their scripts are compiled, for segments too, and
//! have the tables and bounds that were made.
//!
//! Elasticsearch keeps compiled scripts as well, by their sources. Here parameters are part of a fragment: what is computed
//! from them is kept, too.

use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::error::Result;
use crate::exec::index::Index;
use crate::exec::script::Scripts;
use crate::exec::skip::experience::SearchKind;
use crate::pushdown::fragment::Fragment;

/// How many fragments are kept at most.
const SLOTS: usize = 64;

/// How many bytes a fragment that is kept has at most.
const MAX_BYTES: usize = 1 << 16;

/// How many entries the tables of one that is kept have at most.
const MAX_ENTRIES: u64 = 1 << 16;

/// A fragment as the shards of an index have read it.
#[derive(Debug)]
pub(crate) struct Prepared {
    bytes: Vec<u8>,
    pub(crate) fragment: Fragment,
    pub(crate) scripts: Scripts,
    pub(crate) kind: SearchKind,
}

impl Prepared {
    /// Reads a fragment for the shards of an index.
    ///
    /// # Errors
    /// The bytes are no fragment, or a script of it cannot be compiled.
    pub(crate) fn read(bytes: Vec<u8>, index: &Index) -> Result<Self> {
        let fragment = Fragment::from_bytes(&bytes)?;
        let scripts = Scripts::compile(&fragment.scripts, index)?;
        Ok(Self { kind: SearchKind::of(&fragment, &bytes), bytes, fragment, scripts })
    }
}

/// The fragments that were searched for lately, each in the place that its hash names: a later one may take its place.
#[derive(Debug)]
pub(crate) struct PreparedFragments {
    slots: [Mutex<Option<Arc<Prepared>>>; SLOTS],
}

impl Default for PreparedFragments {
    fn default() -> Self {
        Self { slots: [const { Mutex::new(None) }; SLOTS] }
    }
}

impl PreparedFragments {
    /// The fragment of some bytes, read now if it is not known.
    ///
    /// # Errors
    /// As [`Prepared::read`].
    pub(crate) fn get(&self, bytes: Vec<u8>, index: &Index) -> Result<Arc<Prepared>> {
        let known = self.slot(&bytes).as_ref().filter(|known| known.bytes == bytes).map(Arc::clone);
        known.map_or_else(|| Prepared::read(bytes, index).map(Arc::new), Ok)
    }

    /// Keeps a fragment after its search, unless it holds too much.
    pub(crate) fn keep(&self, prepared: &Arc<Prepared>) {
        let is_small = prepared.bytes.len() <= MAX_BYTES && prepared.scripts.tables().entries <= MAX_ENTRIES;
        let mut slot = self.slot(&prepared.bytes);
        if is_small && !slot.as_ref().is_some_and(|known| Arc::ptr_eq(known, prepared)) {
            *slot = Some(Arc::clone(prepared));
        }
    }

    fn slot(&self, bytes: &[u8]) -> MutexGuard<'_, Option<Arc<Prepared>>> {
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        let slot = &self.slots[(hasher.finish() % SLOTS as u64) as usize];
        slot.lock().unwrap_or_else(PoisonError::into_inner)
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
        let get = |size, ids| known.get(bytes(size, ids), &index).unwrap();
        let first = get(3, 1);
        assert!(!Arc::ptr_eq(&first, &get(3, 1)), "it is kept after its search");
        known.keep(&first);
        assert!(Arc::ptr_eq(&first, &get(3, 1)) && !Arc::ptr_eq(&first, &get(4, 1)));
        let large = get(3, 10_000);
        known.keep(&large);
        assert!(large.bytes.len() > MAX_BYTES && !Arc::ptr_eq(&large, &get(3, 10_000)));
    }
}
