//! `nested`: documents by the nested documents that stand before them in their group.

use std::sync::Arc;

use tantivy::DocId;

use super::{BoxMatcher, Matcher, all, matcher as any_matcher};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{self, Bits, NO_DOC, Scores, SegmentBits, WINDOW, window_of};
use crate::plan::query::{NestedScoreMode, Query};

/// Prepares a `nested` query; its documents are those of the scope that the query stands in.
pub(super) fn matcher<'a>(
    segment: SegmentContext<'a>,
    path: &'a str,
    query: &'a Query,
    mode: NestedScoreMode,
) -> Result<BoxMatcher<'a>> {
    let (Some(parents), Some(children)) = (segment.documents(segment.nested)?, segment.documents(Some(path))?) else {
        return Ok(Box::new(all::Nothing));
    };
    let query = any_matcher(query, SegmentContext { nested: Some(path), ..segment })?;
    let cost = query.cost();
    let children = Stream::new(query, children);
    Ok(Box::new(Nested { children, parents, mode, max_doc: segment.max_doc(), cost }))
}

/// The parents of matching nested documents.
struct Nested<'a> {
    children: Stream<'a>,
    parents: Arc<SegmentBits>,
    mode: NestedScoreMode,
    max_doc: DocId,
    cost: u64,
}

impl Nested<'_> {
    /// The score of a parent by its matching children; none where none matches.
    fn score_of(&mut self, parent: DocId, scored: bool) -> Result<Option<f32>> {
        let first = self.parents.before(parent).map_or(0, |before| before + 1);
        let mut scores = Summary::default();
        let mut child = self.children.seek(first, scored)?;
        while child < parent {
            scores.add(self.children.score(child));
            if !scored {
                break;
            }
            child = self.children.seek(child + 1, scored)?;
        }
        Ok(scores.of(self.mode))
    }
}

impl Matcher for Nested<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        // The children of a window's documents may stand in the window before: the inner query must not move on yet.
        if base < self.max_doc { base } else { NO_DOC }
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        let all = *candidates;
        for at in all.iter() {
            if self.score_of(base + at, false)?.is_none() {
                candidates.remove(at);
            }
        }
        Ok(())
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        if self.mode == NestedScoreMode::None {
            scores.fill(0.0);
            return self.matches(base, candidates);
        }
        let all = *candidates;
        for at in all.iter() {
            match self.score_of(base + at, true)? {
                Some(score) => scores[at as usize] = score,
                None => candidates.remove(at),
            }
        }
        Ok(())
    }

    fn keeps_place(&self) -> bool {
        self.children.query.keeps_place()
    }

    fn cost(&self) -> u64 {
        self.cost * 2
    }
}

/// The scores of a parent's matching children.
#[derive(Default)]
struct Summary {
    count: u32,
    sum: f64,
    min: f32,
    max: f32,
}

impl Summary {
    fn add(&mut self, score: f32) {
        (self.min, self.max) =
            if self.count == 0 { (score, score) } else { (self.min.min(score), self.max.max(score)) };
        self.count += 1;
        self.sum += f64::from(score);
    }

    fn of(&self, mode: NestedScoreMode) -> Option<f32> {
        (self.count > 0).then(|| match mode {
            NestedScoreMode::Avg => (self.sum / f64::from(self.count)) as f32,
            NestedScoreMode::Sum => self.sum as f32,
            NestedScoreMode::Min => self.min,
            NestedScoreMode::Max => self.max,
            NestedScoreMode::None => 0.0,
        })
    }
}

/// The nested documents of root documents that match a query, for sorts.
pub(crate) struct Children<'a> {
    children: Stream<'a>,
    parents: Arc<SegmentBits>,
}

impl<'a> Children<'a> {
    /// Prepares the nested documents of a path; none where the segment has none.
    pub(crate) fn new(segment: SegmentContext<'a>, path: &'a str, filter: Option<&'a Query>) -> Result<Option<Self>> {
        let (Some(parents), Some(documents)) = (segment.documents(None)?, segment.documents(Some(path))?) else {
            return Ok(None);
        };
        let query = any_matcher(filter.unwrap_or(&Query::MatchAll), SegmentContext { nested: Some(path), ..segment })?;
        Ok(Some(Self { children: Stream::new(query, documents), parents }))
    }

    /// Adds those of a root document; root documents ascend.
    pub(crate) fn collect(&mut self, parent: DocId, docs: &mut Vec<DocId>) -> Result<()> {
        let first = self.parents.before(parent).map_or(0, |before| before + 1);
        let mut child = self.children.seek(first, false)?;
        while child < parent {
            docs.push(child);
            child = self.children.seek(child + 1, false)?;
        }
        Ok(())
    }
}

/// The matches of a query one after the other.
struct Stream<'a> {
    query: BoxMatcher<'a>,
    /// Which documents may match.
    documents: Arc<SegmentBits>,
    /// The window that is evaluated; its matches and their scores.
    base: Option<DocId>,
    bits: Bits,
    scores: Box<Scores>,
}

impl<'a> Stream<'a> {
    fn new(query: BoxMatcher<'a>, documents: Arc<SegmentBits>) -> Self {
        Self { query, documents, base: None, bits: Bits::default(), scores: window::scores() }
    }

    /// The first match at or after `from`, which ascends.
    fn seek(&mut self, from: DocId, scored: bool) -> Result<DocId> {
        let mut from = from;
        if let Some(base) = self.base {
            if base == NO_DOC {
                return Ok(NO_DOC);
            }
            if let Some(at) = self.bits.next(from.saturating_sub(base)) {
                return Ok(base + at);
            }
            from = from.max(base + WINDOW);
        }
        loop {
            let base = self.query.seek(window_of(self.documents.next(from)));
            self.base = Some(base);
            if base == NO_DOC {
                return Ok(NO_DOC);
            }
            self.bits = self.documents.window(base);
            if !self.bits.is_empty() {
                if scored {
                    self.query.score(base, &mut self.bits, &mut self.scores)?;
                } else {
                    self.query.matches(base, &mut self.bits)?;
                }
            }
            if let Some(at) = self.bits.next(from.saturating_sub(base)) {
                return Ok(base + at);
            }
            from = base + WINDOW;
        }
    }

    /// The score of a match of the current window.
    fn score(&self, doc: DocId) -> f32 {
        self.scores[(doc % WINDOW) as usize]
    }
}
