//! Skipping: zones of documents that cannot be among the best hits are never scored, and the answer stays the same.
//!
//! Of every zone it is known between which values its columns and the scores of its terms lie. From that follow, by interval
//! arithmetic over the query ([`query`]) and its scripts ([`script`]), whether any of its documents can match, how good the
//! best of them can be, and whether evaluating one can fail ([`judge`]). The zones of the best bounds are visited first, then
//! the rest in document order ([`walk`]): only what may still enter the best hits, and what may fail, is evaluated; what
//! merely counts is counted without being scored ([`counter`]).
//!
//! A coarse zone is a window of 1,024 documents, a fine one a word of 64 of its bits.

mod column;
pub(crate) mod counter;
mod field;
mod filter;
pub(crate) mod judge;
mod patience;
mod query;
mod range;
mod score;
mod script;
mod seeds;
mod sort;
mod term;
pub(crate) mod threshold;
pub(crate) mod walk;

use tantivy::DocId;

use crate::exec::window::WINDOW;
use crate::exec::zones::ZONE as FINE;
use crate::plan::interval::Truth;

/// How many fine zones a coarse one has.
const WORDS: u32 = WINDOW / FINE;

/// A zone of a segment, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Zone {
    /// A window.
    Coarse(u32),
    /// A word of a window's bits.
    Fine(u32),
}

impl Zone {
    /// The first document.
    fn first(self) -> DocId {
        match self {
            Self::Coarse(number) => number * WINDOW,
            Self::Fine(number) => number * FINE,
        }
    }

    /// The last document, or the last that would be in it.
    fn last(self) -> DocId {
        match self {
            Self::Coarse(number) => number * WINDOW + (WINDOW - 1),
            Self::Fine(number) => number * FINE + (FINE - 1),
        }
    }
}

/// How many documents of a zone match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matches {
    /// None of them.
    None,
    /// Perhaps some.
    Some,
    /// All of them.
    All,
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

/// What is known of the documents of a zone under a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    /// How many match.
    matches: Matches,
    /// Between which values the scores of those that match lie.
    score: range::Range,
    /// Whether some may be dropped for their score, so that they are to be scored to be counted.
    drops: bool,
    /// Whether evaluating one of them may fail.
    fails: bool,
}

impl Verdict {
    /// Documents that score the same, and never fail.
    fn constant(matches: Matches, score: f32) -> Self {
        Self { matches, score: range::Range::exactly(score), drops: false, fails: false }
    }

    /// Nothing matches.
    fn nothing(fails: bool) -> Self {
        Self { matches: Matches::None, score: range::Range::exactly(0.0), drops: false, fails }
    }
}
