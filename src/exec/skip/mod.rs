//! Skipping: zones of documents that cannot be among the best hits are never scored, and the answer stays the same.
//!
//! Of every zone it is known between which values its columns and the scores of its terms lie. From that follow, by interval
//! arithmetic over the query ([`query`]) and its scripts ([`script`]), whether any of its documents can match, how good the
//! best of them can be, and whether evaluating one can fail ([`judge`]). The zones of the best bounds are visited first, then
//! the rest in document order ([`walk`]): only what may still enter the best hits, and what may fail, is evaluated; what
//! merely counts is counted without being scored ([`counter`]). Where bounds do not help, a walk is given up, and others
//! like it are not tried ([`experience`]).
//!
//! A coarse zone is a window of 1,024 documents, a middle one a quarter of it, a fine one half a word of its bits, 32
//! documents.

mod bool;
mod column;
pub(crate) mod counter;
pub(crate) mod experience;
mod field;
mod filter;
pub(crate) mod judge;
mod judgement;
pub(crate) mod patience;
mod query;
mod range;
mod score;
mod script;
mod seeds;
mod sort;
mod term;
pub(crate) mod threshold;
mod verdict;
pub(crate) mod walk;
mod wide;

use verdict::{Verdict, Verdicts};

use crate::plan::interval::Truth;

/// How many documents of a zone match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Matches {
    /// None of them.
    None = 0,
    /// Perhaps some.
    Some = 1,
    /// All of them.
    All = 3,
}

impl Matches {
    /// Those of a test that may be false, or true.
    fn of(no: bool, yes: bool) -> Self {
        match (no, yes) {
            (_, false) => Self::None,
            (true, true) => Self::Some,
            (false, true) => Self::All,
        }
    }

    /// What is known of the test of one of them.
    fn truth(self) -> Truth {
        Truth { no: self != Self::All, yes: self != Self::None }
    }

    /// Those that pass both of two tests.
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::None, _) | (_, Self::None) => Self::None,
            (Self::All, Self::All) => Self::All,
            _ => Self::Some,
        }
    }
}
