//! Sources: the documents of a segment that match, in batches.

use std::sync::Arc;

use tantivy::DocId;
use tantivy::postings::BlockSegmentPostings;

use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::bm25::{Bm25, Norms};
use crate::exec::query::term::{self, Documents};
use crate::exec::query::{BoxMatcher, matcher};
use crate::exec::segment::SegmentContext;
use crate::exec::window::{self, Bits, NO_DOC, Scores, SegmentBits, WINDOW, WORD};
use crate::exec::zones::TermZones;
use crate::plan::query::{Query, TermScoring};

/// Where batches come from.
pub(crate) enum Source<'a> {
    /// Every document of a segment without nested ones.
    All { next: DocId, end: DocId },
    /// The documents of a frequent term, scored.
    Mapped(Box<MappedSource>),
    /// The documents of a rare term, scored.
    Term(Box<TermSource>),
    /// The matches of any query.
    Query(Box<QuerySource<'a>>),
}

impl<'a> Source<'a> {
    /// The matches of a query among the root documents. If `whole_windows`, a batch holds all matches of a window or none.
    pub(crate) fn new(
        segment: SegmentContext<'a>,
        query: &'a Query,
        scored: bool,
        whole_windows: bool,
    ) -> Result<Self> {
        if segment.documents(None)?.is_none() {
            if matches!(query, Query::MatchAll) {
                return Ok(Self::All { next: 0, end: segment.max_doc() });
            }
            if let (Query::Term { field, value, scoring }, true) = (query, scored) {
                match term::documents(segment, field, value, *scoring)? {
                    Some(Documents::Mapped(zones, TermScoring::Bm25)) => {
                        let source = MappedSource { zones, whole_windows, next: 0, end: segment.max_doc() };
                        return Ok(Self::Mapped(Box::new(source)));
                    }
                    Some(Documents::Listed(postings, Some((bm25, norms)))) if !whole_windows => {
                        return Ok(Self::Term(Box::new(TermSource { postings, bm25, norms, start: 0 })));
                    }
                    _ => {}
                }
            }
        }
        let windows = Windows::new(segment, query, scored)?;
        Ok(Self::Query(Box::new(QuerySource { windows, base: 0, pending: None })))
    }

    /// Fills an empty batch; it may stay empty before the end, too. Gives whether this was not the end.
    pub(crate) fn fill(&mut self, batch: &mut Batch) -> Result<bool> {
        match self {
            Self::All { next, end } => {
                let until = next.saturating_add(batch.room() as u32).min(*end);
                batch.extend(*next..until, 1.0);
                *next = until;
                Ok(until < *end)
            }
            Self::Mapped(source) => Ok(source.fill(batch)),
            Self::Term(source) => {
                source.fill(batch);
                Ok(batch.len() > 0)
            }
            Self::Query(source) => source.fill(batch),
        }
    }
}

/// The documents of a frequent term, word by word: batches become full, where whole windows leave a tenth of the speed behind.
pub(crate) struct MappedSource {
    zones: TermZones,
    whole_windows: bool,
    /// The next document to look at, the first of a word.
    next: DocId,
    end: DocId,
}

impl MappedSource {
    /// Fills a batch; whether this was not the end.
    fn fill(&mut self, batch: &mut Batch) -> bool {
        while self.next < self.end && self.fits(batch.room()) {
            let word = self.next / WORD;
            let documents = self.zones.word(word);
            batch.extend_word(self.next, documents, |scores| self.zones.look_up(word, 0, scores));
            self.next += WORD;
        }
        self.next < self.end
    }
}

impl MappedSource {
    /// Whether what comes next fits into so much room: a word, or a window at its start.
    fn fits(&self, room: usize) -> bool {
        if self.whole_windows && self.next.is_multiple_of(WINDOW) {
            return self.zones.count(self.next / WINDOW) as usize <= room;
        }
        self.whole_windows || room >= WORD as usize
    }
}

/// The documents of a rare term: blocks of 128 are scored in a loop that knows nothing else.
pub(crate) struct TermSource {
    postings: BlockSegmentPostings,
    bm25: Bm25,
    norms: Norms,
    /// How much of the current block has been handed on.
    start: usize,
}

/// The frequencies of a block of a field that keeps none.
const ONCE: [u32; 128] = [1; 128];

impl TermSource {
    fn fill(&mut self, batch: &mut Batch) {
        while self.postings.block_len() > 0 {
            let (docs, freqs) = (self.postings.docs(), self.postings.freqs());
            let docs = &docs[self.start..];
            let taken = docs.len().min(batch.room());
            if taken == 0 {
                return;
            }
            // Without frequencies in the index, every document has the term once.
            let freqs = freqs.get(self.start..self.start + taken).unwrap_or(&ONCE[..taken]);
            batch.extend_scored(&docs[..taken], |scores| {
                self.bm25.score_block(&docs[..taken], freqs, &self.norms, scores);
            });
            self.start += taken;
            if self.start == self.postings.block_len() {
                self.postings.advance();
                self.start = 0;
            }
        }
    }
}

/// How many windows are looked at for a batch: so that a deadline is seen where hardly anything matches.
const WINDOWS: usize = 64;

/// The matches of any query, in batches.
pub(crate) struct QuerySource<'a> {
    windows: Windows<'a>,
    base: DocId,
    /// The matches of a window that did not fit into the batch any more.
    pending: Option<(DocId, Bits)>,
}

impl QuerySource<'_> {
    fn fill(&mut self, batch: &mut Batch) -> Result<bool> {
        for _ in 0..WINDOWS {
            let (base, bits) = match self.pending.take() {
                Some(pending) => pending,
                None => match self.window()? {
                    Some(window) => window,
                    None => return Ok(false),
                },
            };
            if bits.len() > batch.room() {
                self.pending = Some((base, bits));
                return Ok(true);
            }
            self.windows.extend(batch, base, &bits);
        }
        Ok(true)
    }

    /// The matches of the next window.
    fn window(&mut self) -> Result<Option<(DocId, Bits)>> {
        let base = self.windows.seek(self.base);
        if base == NO_DOC {
            return Ok(None);
        }
        self.base = base + WINDOW;
        let mut bits = self.windows.documents(base);
        self.windows.matches(base, &mut bits)?;
        Ok(Some((base, bits)))
    }
}

/// The matches of any query among the root documents, window by window, in ascending order; any may be left out.
pub(crate) struct Windows<'a> {
    segment: SegmentContext<'a>,
    query: &'a Query,
    matcher: BoxMatcher<'a>,
    /// The root documents, where there are others.
    roots: Option<Arc<SegmentBits>>,
    scored: bool,
    scores: Box<Scores>,
}

impl<'a> Windows<'a> {
    /// Prepares a query.
    pub(crate) fn new(segment: SegmentContext<'a>, query: &'a Query, scored: bool) -> Result<Self> {
        let mut scores = window::scores();
        if matches!(query, Query::MatchAll) {
            // What all documents match scores 1 whether it is asked or not; the scripts of a sort see it.
            scores.fill(1.0);
        }
        let (matcher, roots) = (matcher(query, segment)?, segment.documents(None)?);
        Ok(Self { segment, query, matcher, roots, scored, scores })
    }

    /// Starts again with the first window.
    pub(crate) fn restart(&mut self) -> Result<()> {
        if !self.matcher.goes_back() {
            self.matcher = matcher(self.query, self.segment)?;
        }
        Ok(())
    }

    /// About how many documents are looked at in all.
    pub(crate) fn cost(&self) -> u64 {
        self.matcher.cost()
    }

    /// How many documents match, where it is known without looking.
    pub(crate) fn count(&self) -> Result<Option<u64>> {
        Ok(match (self.query, &self.roots) {
            (Query::MatchAll, _) => Some(self.segment.segment.root_count()?.into()),
            (_, None) => self.matcher.count(),
            (_, Some(_)) => None,
        })
    }

    /// The first window, from the one at `base` on, in which anything can match; `NO_DOC` when there is none.
    pub(crate) fn seek(&mut self, base: DocId) -> DocId {
        let found = self.matcher.seek(base);
        if found >= self.segment.max_doc() { NO_DOC } else { found }
    }

    /// The documents of the window at `base`.
    pub(crate) fn documents(&self, base: DocId) -> Bits {
        match &self.roots {
            Some(roots) => roots.window(base),
            None => Bits::first(self.segment.max_doc().saturating_sub(base).min(WINDOW)),
        }
    }

    /// Keeps the documents of a window that match, and notes their scores, if they are wanted.
    pub(crate) fn matches(&mut self, base: DocId, documents: &mut Bits) -> Result<()> {
        if self.scored && self.matcher.scores_by_lookup().is_none() {
            self.matcher.score(base, documents, &mut self.scores)
        } else {
            self.matcher.matches(base, documents)
        }
    }

    /// Keeps the documents of a window that match; their scores are not wanted.
    pub(crate) fn matches_unscored(&mut self, base: DocId, documents: &mut Bits) -> Result<()> {
        self.matcher.matches(base, documents)
    }

    /// Adds matches of the last window to a batch that has room for them.
    pub(crate) fn extend(&self, batch: &mut Batch, base: DocId, documents: &Bits) {
        match self.matcher.scores_by_lookup() {
            Some(term) if self.scored => term.extend(batch, base, documents),
            _ => batch.extend_window(base, documents, &self.scores),
        }
    }
}
