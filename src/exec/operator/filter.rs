//! `Filter`: keeps the documents of a batch that pass a script, a query or a least score.

use tantivy::DocId;

use crate::error::Result;
use crate::exec::batch::{BATCH, Batch};
use crate::exec::query::{BoxMatcher, matcher};
use crate::exec::script::Evaluator;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, window_of};
use crate::plan::node::Predicate;
use crate::plan::query::Query;

/// A test of documents.
pub(crate) enum Filter<'a> {
    Script(Box<Evaluator<'a>>),
    Query(Membership<'a>, Vec<bool>),
    MinScore(f32),
}

impl<'a> Filter<'a> {
    /// Prepares a test for a segment.
    pub(crate) fn new(segment: SegmentContext<'a>, predicate: &'a Predicate) -> Result<Self> {
        Ok(match predicate {
            Predicate::Script(script) => Self::Script(Box::new(Evaluator::new(segment, *script)?)),
            Predicate::Query(query) => Self::Query(Membership::new(segment, query)?, Vec::with_capacity(BATCH)),
            Predicate::MinScore(min_score) => Self::MinScore(*min_score),
        })
    }

    /// Starts again: the next batch may hold documents before those of the last.
    pub(crate) fn restart(&mut self) -> Result<()> {
        match self {
            Self::Query(query, _) => query.restart(),
            Self::Script(_) | Self::MinScore(_) => Ok(()),
        }
    }

    /// Keeps the documents that pass.
    pub(crate) fn apply(&mut self, batch: &mut Batch) -> Result<()> {
        match self {
            Self::Script(script) => {
                let passes = script.booleans(batch.docs())?;
                batch.retain_by(passes, |passes| passes);
            }
            Self::Query(query, passes) => {
                query.test(batch.docs(), passes)?;
                batch.retain_by(passes, |passes| passes);
            }
            Self::MinScore(min_score) => batch.retain_at_least(*min_score),
        }
        Ok(())
    }
}

/// Whether the documents of a batch match a query. The documents of one window have to come in one batch.
pub(crate) struct Membership<'a> {
    segment: SegmentContext<'a>,
    query: &'a Query,
    matcher: BoxMatcher<'a>,
}

impl<'a> Membership<'a> {
    /// Prepares a query for a segment.
    pub(crate) fn new(segment: SegmentContext<'a>, query: &'a Query) -> Result<Self> {
        Ok(Self { segment, query, matcher: matcher(query, segment)? })
    }

    /// Starts again: the next documents may stand before the last ones.
    pub(crate) fn restart(&mut self) -> Result<()> {
        if !self.matcher.goes_back() {
            self.matcher = matcher(self.query, self.segment)?;
        }
        Ok(())
    }

    /// See [`Matcher::keeps_place`](crate::exec::query::Matcher::keeps_place).
    pub(crate) fn keeps_place(&self) -> bool {
        self.matcher.keeps_place()
    }

    /// For each document, whether it matches.
    pub(crate) fn test(&mut self, docs: &[DocId], matches: &mut Vec<bool>) -> Result<()> {
        matches.clear();
        for window in docs.chunk_by(|a, b| window_of(*a) == window_of(*b)) {
            let base = window_of(window[0]);
            let mut bits = Bits::default();
            for doc in window {
                bits.insert(doc - base);
            }
            self.matcher.matches(base, &mut bits)?;
            matches.extend(window.iter().map(|doc| bits.contains(doc - base)));
        }
        Ok(())
    }
}
