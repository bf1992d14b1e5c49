//! What walks over a segment have come to, by searches that are alike: where several in a row were given up, the next are not
//! tried.
//!
//! A walk finds out soon whether bounds help, but what that takes is lost where they do not. Searches come again, most with
//! other parameters, words and pages; whether bounds help depends on the scripts, as a rule.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::mem::discriminant;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::pushdown::fragment::Fragment;

/// How many kinds of searches are remembered at most. A later one may take the place of an earlier one.
const SLOTS: usize = 256;

/// So many walks in a row may be given up before others are left out.
const PATIENCE: u64 = 3;

/// Of so many searches that follow, one is tried.
const RETRY: u64 = 16;

/// The bits of a slot that count walks; the others name the kind.
const COUNT: u64 = 0xFF;

/// The kind of a search: a hash of what is alike in searches of that kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SearchKind(u64);

impl SearchKind {
    /// The kind of a fragment: its scripts, but not their parameters; where it runs none to find hits, all of it.
    pub(crate) fn of(fragment: &Fragment, bytes: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        let mut scripts = 0;
        fragment.each_searching_script(&mut |id| {
            fragment.scripts.get(id).expr.hash(&mut hasher);
            scripts += 1;
        });
        discriminant(&fragment.query).hash(&mut hasher);
        fragment.top_hits.sort.iter().for_each(|key| key.descending.hash(&mut hasher));
        if scripts == 0 {
            bytes.hash(&mut hasher);
        }
        Self(hasher.finish() | (COUNT + 1))
    }
}

/// How walks ended lately, for some kinds of searches.
#[derive(Debug)]
pub(crate) struct Experience {
    /// Each in the place that its kind names: the kind, and how many walks in a row were given up or left out.
    in_vain: [AtomicU64; SLOTS],
}

impl Default for Experience {
    fn default() -> Self {
        Self { in_vain: [const { AtomicU64::new(0) }; SLOTS] }
    }
}

impl Experience {
    /// Whether a walk is to be tried.
    pub(crate) fn tries(&self, kind: SearchKind) -> bool {
        match self.count(kind) {
            count if count < PATIENCE => true,
            count if count < PATIENCE + RETRY => {
                self.note(kind, count + 1);
                false
            }
            _ => true,
        }
    }

    /// A walk was given up.
    pub(crate) fn note_in_vain(&self, kind: SearchKind) {
        let count = self.count(kind);
        self.note(kind, if count < PATIENCE { count + 1 } else { PATIENCE });
    }

    /// A walk was worth it.
    pub(crate) fn note_worth(&self, kind: SearchKind) {
        if self.count(kind) > 0 {
            self.note(kind, 0);
        }
    }

    fn count(&self, kind: SearchKind) -> u64 {
        let slot = self.slot(kind).load(Ordering::Relaxed);
        if slot & !COUNT == kind.0 & !COUNT { slot & COUNT } else { 0 }
    }

    fn note(&self, kind: SearchKind, count: u64) {
        self.slot(kind).store(kind.0 & !COUNT | count, Ordering::Relaxed);
    }

    fn slot(&self, kind: SearchKind) -> &AtomicU64 {
        &self.in_vain[(kind.0 >> 32) as usize % SLOTS]
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::dsl::mapping::read_mapping;
    use crate::planner::{Planner, Request};

    /// How many of the next searches are tried, all of them in vain.
    fn tried(experience: &Experience, kind: SearchKind, searches: u64) -> u64 {
        let tries = |_: &u64| {
            let tries = experience.tries(kind);
            if tries {
                experience.note_in_vain(kind);
            }
            tries
        };
        (0..searches).filter(tries).count() as u64
    }

    #[test]
    fn scripts_make_the_kind_and_their_parameters_do_not() {
        let mapping = read_mapping(&json!({"properties": {"a": {"type": "long"}, "t": {"type": "text"}}})).unwrap();
        let kind = |query: Json| {
            let body = json!({"query": query}).to_string();
            let plan = Planner::default().plan(Request::new(body.as_bytes(), 0), &mapping).unwrap();
            SearchKind::of(&plan.fragment, &plan.fragment.to_bytes().unwrap())
        };
        let scored = |word: &str, source: &str, p: u64| {
            kind(json!({"script_score": {"query": {"match": {"t": word}},
                "script": {"source": source, "params": {"p": p}}}}))
        };
        let first = scored("red", "_score * doc['a'].value + params.p", 1);
        assert_eq!(first, scored("blue", "_score * doc['a'].value + params.p", 2));
        assert_ne!(first, scored("red", "_score * doc['a'].value - params.p", 1));
        let plain = |word: &str| kind(json!({"match": {"t": word}}));
        assert_eq!(plain("red"), plain("red"));
        assert_ne!(plain("red"), plain("blue"));
    }

    #[test]
    fn what_is_in_vain_is_tried_ever_less_until_it_is_worth_it() {
        let experience = Experience::default();
        let (kind, other) = (SearchKind(7 << 40), SearchKind(8 << 40));
        assert_eq!(tried(&experience, kind, PATIENCE), PATIENCE);
        assert_eq!(tried(&experience, kind, RETRY), 0);
        assert_eq!(tried(&experience, kind, 10 * (RETRY + 1)), 10);
        assert!(experience.tries(other));
        experience.note_worth(kind);
        assert_eq!(tried(&experience, kind, PATIENCE), PATIENCE);
        // The last kind of a slot is remembered.
        let same_slot = SearchKind((7 << 40) + (1 << 20));
        assert_eq!(tried(&experience, same_slot, PATIENCE + 1), PATIENCE);
        assert!(experience.tries(kind));
    }
}
