//! What walks over a segment have come to: a search whose walk was given up there is not walked again.
//!
//! A walk finds out soon whether bounds help, but that is lost where they do not; searches come again.

use std::sync::atomic::{AtomicU64, Ordering};

/// How many searches are remembered at most.
const SLOTS: usize = 256;

/// The searches whose walks over a segment were given up. A later one may take the place of an earlier one.
#[derive(Debug)]
pub(crate) struct Experience {
    /// The hashes of their fragments, each in the place that it names itself; 0: none.
    in_vain: [AtomicU64; SLOTS],
}

impl Default for Experience {
    fn default() -> Self {
        Self { in_vain: [const { AtomicU64::new(0) }; SLOTS] }
    }
}

impl Experience {
    /// Whether the walk of the search whose fragment has this hash was given up.
    pub(crate) fn is_in_vain(&self, search: u64) -> bool {
        search != 0 && self.slot(search).load(Ordering::Relaxed) == search
    }

    /// It was.
    pub(crate) fn note_in_vain(&self, search: u64) {
        self.slot(search).store(search, Ordering::Relaxed);
    }

    fn slot(&self, search: u64) -> &AtomicU64 {
        &self.in_vain[(search % SLOTS as u64) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_search_of_a_slot_is_remembered() {
        let experience = Experience::default();
        assert!(!experience.is_in_vain(0) && !experience.is_in_vain(7));
        experience.note_in_vain(7);
        assert!(experience.is_in_vain(7) && !experience.is_in_vain(7 + SLOTS as u64));
        experience.note_in_vain(7 + SLOTS as u64);
        assert!(!experience.is_in_vain(7) && experience.is_in_vain(7 + SLOTS as u64));
    }
}
