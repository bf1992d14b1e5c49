//! `match_phrase`: terms of a text at relative positions, exactly or within a slop, scored as Lucene does.

use tantivy::postings::{Postings, SegmentPostings};
use tantivy::{DocId, DocSet};

use super::sloppy::{Sloppy, Spot};
use super::term::Documents;
use super::{BoxMatcher, Matcher, all, term};
use crate::error::Result;
use crate::exec::bm25::{Bm25, Norms};
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, Scores};
use crate::plan::query::TermScoring;
use crate::plan::value::Value;

/// Prepares a phrase query: relative position and term, ascending.
pub(super) fn matcher<'a>(
    segment: SegmentContext<'_>,
    path: &str,
    terms: &[(u32, String)],
    slop: u32,
) -> Result<BoxMatcher<'a>> {
    let Some(index) = segment.inverted(path)? else { return Ok(Box::new(all::Nothing)) };
    let mut words = Vec::with_capacity(terms.len());
    for (offset, term) in terms {
        let docs = term::documents(segment, path, &Value::Str(term.clone()), TermScoring::Constant)?;
        let (Some(docs), Some(positions)) = (docs, index.positions(term.as_bytes())?) else {
            return Ok(Box::new(all::Nothing));
        };
        words.push(Word { docs, positions, offset: *offset, found: Vec::new() });
    }
    if words.is_empty() {
        return Ok(Box::new(all::Nothing));
    }
    let mut order: Vec<_> = (0..words.len()).collect();
    order.sort_by_key(|i| words[*i].doc_freq());
    let sloppy = (slop > 0).then(|| Sloppy::new(terms.iter().map(|(offset, term)| (*offset, term.as_str())), slop));
    Ok(Box::new(Phrase {
        words,
        order,
        sloppy,
        matches: Vec::new(),
        bm25: segment.execution.statistics.bm25(path, terms.iter().map(|(_, term)| term.as_bytes())),
        norms: segment.norms(path)?,
    }))
}

/// The terms of a phrase in a segment.
struct Phrase {
    words: Vec<Word>,
    /// The words, rarest first.
    order: Vec<usize>,
    sloppy: Option<Sloppy>,
    /// Where the phrase can still start, while a document is looked at.
    matches: Vec<u32>,
    bm25: Bm25,
    norms: Norms,
}

struct Word {
    /// Which documents have it: narrows the candidates before positions are read.
    docs: Documents,
    positions: SegmentPostings,
    /// Where it stands in the phrase.
    offset: u32,
    /// Where it stands in the current document.
    found: Vec<u32>,
}

impl Word {
    /// How many documents of the segment have it.
    fn doc_freq(&self) -> u32 {
        match &self.docs {
            Documents::Mapped(zones, _) => zones.doc_freq(),
            Documents::Listed(postings, _) => postings.doc_freq(),
        }
    }

    /// The first window, from the one at `base` on, where a document has it.
    fn seek(&mut self, base: DocId) -> DocId {
        match &mut self.docs {
            Documents::Mapped(zones, _) => zones.seek(base),
            Documents::Listed(postings, _) => term::seek(postings, base),
        }
    }

    /// Keeps the candidates that have it.
    fn narrow(&mut self, base: DocId, candidates: &mut Bits) {
        match &mut self.docs {
            Documents::Mapped(zones, _) => zones.narrow(base, candidates),
            Documents::Listed(postings, _) => term::narrow(postings, base, candidates, |_, _, _| {}),
        }
    }

    /// Reads the positions in a document, which must have the word.
    fn read(&mut self, doc: DocId) {
        if self.positions.doc() < doc {
            self.positions.seek(doc);
        }
        self.positions.positions(&mut self.found);
    }
}

impl Phrase {
    /// Keeps the candidates that have all words.
    fn narrow(&mut self, base: DocId, candidates: &mut Bits) {
        for i in &self.order {
            if candidates.is_empty() {
                return;
            }
            self.words[*i].narrow(base, candidates);
        }
    }

    /// How often the phrase stands in a document that has all words; 0: not at all.
    fn frequency(&mut self, doc: DocId, whole: bool) -> f32 {
        for word in &mut self.words {
            word.read(doc);
        }
        match &mut self.sloppy {
            Some(sloppy) => {
                let words = &self.words;
                sloppy.frequency(|spot: &Spot| words[spot.word].found.as_slice(), whole)
            }
            None => self.exact() as f32,
        }
    }

    /// At how many positions the words stand as in the phrase.
    fn exact(&mut self) -> usize {
        self.matches.clear();
        for (i, at) in self.order.iter().enumerate() {
            let word = &self.words[*at];
            let starts = word.found.iter().filter_map(|position| position.checked_sub(word.offset));
            if i == 0 {
                self.matches.extend(starts);
                continue;
            }
            let mut starts = starts.peekable();
            self.matches.retain(|start| {
                while starts.next_if(|other| other < start).is_some() {}
                starts.peek() == Some(start)
            });
        }
        self.matches.len()
    }
}

impl Matcher for Phrase {
    fn seek(&mut self, base: DocId) -> DocId {
        self.order.iter().fold(base, |at, i| self.words[*i].seek(at))
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        self.narrow(base, candidates);
        candidates.retain(|at| self.frequency(base + at, false) > 0.0);
        Ok(())
    }

    fn score(&mut self, base: DocId, candidates: &mut Bits, scores: &mut Scores) -> Result<()> {
        self.narrow(base, candidates);
        candidates.retain(|at| {
            let frequency = self.frequency(base + at, true);
            scores[at as usize] = self.bm25.score(frequency, self.norms.get(base + at));
            frequency > 0.0
        });
        Ok(())
    }

    fn cost(&self) -> u64 {
        // Positions are dear: other clauses should narrow first where they are as rare.
        self.order.first().map_or(0, |i| u64::from(self.words[*i].doc_freq()) * 4)
    }
}
