//! The threshold that the shards of a search share: how good a hit must be at least.

use std::sync::atomic::{AtomicU64, Ordering};

/// The bits of a key that so many hits reach as are wanted; the lower, the better. It only ever falls.
#[derive(Debug)]
pub(crate) struct Threshold(AtomicU64);

impl Default for Threshold {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl Threshold {
    /// A key that is worse is among no page's hits. One that is as good may be: ties order by shard and document.
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// A shard has all the hits that are wanted, and this is the key of the worst.
    pub(crate) fn lower(&self, key: u64) {
        self.0.fetch_min(key, Ordering::Relaxed);
    }
}
