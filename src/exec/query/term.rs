//! `term`: the documents of a term, from the inverted index; types without one are found by their column.

use tantivy::DocId;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;

use super::{BoxMatcher, Matcher, all, column};
use crate::error::Result;
use crate::exec::bm25::{Bm25, Norms};
use crate::exec::segment::SegmentContext;
use crate::exec::statistics::term_bytes;
use crate::exec::window::{Bits, NO_DOC, Scores, WINDOW, window_of};
use crate::exec::zones::TermZones;
use crate::plan::query::TermScoring;
use crate::plan::value::Value;

/// Prepares a `term` query.
pub(super) fn matcher<'a>(
    segment: SegmentContext<'a>,
    path: &str,
    value: &Value,
    scoring: TermScoring,
) -> Result<BoxMatcher<'a>> {
    if term_bytes(value).is_none() || segment.inverted(path)?.is_none() {
        return column::equal(segment, path, std::slice::from_ref(value));
    }
    match documents(segment, path, value, scoring)? {
        Some(Documents::Mapped(zones, scoring)) => Ok(Box::new(MappedTerm { zones, scoring })),
        Some(Documents::Listed(postings, bm25)) => Ok(Box::new(Term { postings, bm25 })),
        None => Ok(Box::new(all::Nothing)),
    }
}

/// How the documents of a term score; none: 1.
pub(crate) type Scoring = Option<(Bm25, Norms)>;

/// The documents of a term of a segment.
#[expect(clippy::large_enum_variant, reason = "it is taken apart where it is made")]
pub(crate) enum Documents {
    /// A frequent term, by zones.
    Mapped(TermZones, TermScoring),
    /// A rare one, as the inverted index lists it.
    Listed(BlockSegmentPostings, Scoring),
}

/// The documents of a term with its score, if it has one; none where the segment does not hold it.
pub(crate) fn documents(
    segment: SegmentContext<'_>,
    path: &str,
    value: &Value,
    scoring: TermScoring,
) -> Result<Option<Documents>> {
    let (Some(bytes), Some(index)) = (term_bytes(value), segment.inverted(path)?) else { return Ok(None) };
    let Some(term) = index.term(&bytes)? else { return Ok(None) };
    let bm25 = match scoring {
        TermScoring::Bm25 => Some(segment.execution.statistics.bm25(path, [bytes.as_slice()])),
        TermScoring::Constant => None,
    };
    if let Some(zones) = segment.term_zones(path, &term, bm25.as_ref())? {
        return Ok(Some(Documents::Mapped(zones, scoring)));
    }
    let option = if bm25.is_some() { IndexRecordOption::WithFreqs } else { IndexRecordOption::Basic };
    let scoring = match bm25 {
        Some(bm25) => Some((bm25, segment.norms(path)?)),
        None => None,
    };
    Ok(Some(Documents::Listed(index.postings_of(&term, option)?, scoring)))
}

/// The documents of a frequent term.
struct MappedTerm {
    zones: TermZones,
    scoring: TermScoring,
}

impl Matcher for MappedTerm {
    fn seek(&mut self, base: DocId) -> DocId {
        self.zones.seek(base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        self.zones.narrow(base, candidates);
        Ok(())
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        match self.scoring {
            TermScoring::Bm25 => self.zones.score(base, candidates, scores),
            TermScoring::Constant => {
                scores.fill(1.0);
                self.zones.narrow(base, candidates);
            }
        }
        Ok(())
    }

    fn scores_by_lookup(&self) -> Option<&TermZones> {
        (self.scoring == TermScoring::Bm25).then_some(&self.zones)
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn count(&self) -> Option<u64> {
        Some(self.zones.doc_freq().into())
    }

    fn cost(&self) -> u64 {
        u64::from(self.zones.doc_freq())
    }
}

/// The documents of a rare term.
struct Term {
    postings: BlockSegmentPostings,
    bm25: Scoring,
}

impl Matcher for Term {
    fn seek(&mut self, base: DocId) -> DocId {
        seek(&mut self.postings, base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        narrow(&mut self.postings, base, candidates, |_, _, _| {});
        Ok(())
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        match &self.bm25 {
            Some((bm25, norms)) => narrow(&mut self.postings, base, candidates, |at, doc, freq| {
                scores[at as usize] = bm25.score(freq as f32, norms.get(doc));
            }),
            None => {
                scores.fill(1.0);
                narrow(&mut self.postings, base, candidates, |_, _, _| {});
            }
        }
        Ok(())
    }

    fn count(&self) -> Option<u64> {
        Some(self.postings.doc_freq().into())
    }

    fn cost(&self) -> u64 {
        u64::from(self.postings.doc_freq())
    }
}

/// The first window of postings, from the one at `base` on.
pub(super) fn seek(postings: &mut BlockSegmentPostings, base: DocId) -> DocId {
    if base >= NO_DOC {
        return NO_DOC;
    }
    let at = postings.seek(base);
    window_of(postings.doc(at))
}

/// Keeps the candidates that stand in postings; `visit` gets the place in the window, the document and the frequency.
#[inline]
pub(super) fn narrow(
    postings: &mut BlockSegmentPostings,
    base: DocId,
    candidates: &mut Bits,
    mut visit: impl FnMut(u32, DocId, u32),
) {
    let mut found = Bits::default();
    let mut start = postings.seek(base);
    'blocks: while postings.block_len() > 0 {
        let (docs, freqs) = (postings.docs(), postings.freqs());
        for (i, doc) in docs.iter().enumerate().skip(start) {
            let at = doc.wrapping_sub(base);
            if at >= WINDOW {
                break 'blocks;
            }
            if candidates.contains(at) {
                found.insert(at);
                visit(at, *doc, freqs.get(i).copied().unwrap_or(1));
            }
        }
        postings.advance();
        start = 0;
    }
    *candidates = found;
}
