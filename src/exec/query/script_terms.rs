//! `script_terms`: a script that reads one field of strings, by what it answers for each term.

use std::sync::Arc;

use tantivy::DocId;

use super::script::{self, Script};
use super::set::{PostingsCollector, Set};
use super::{BoxMatcher, Matcher, all};
use crate::error::Result;
use crate::exec::columns::{Column, Cursor};
use crate::exec::index::storage_error;
use crate::exec::segment::SegmentContext;
use crate::exec::term_table::TermTable;
use crate::exec::window::{Bits, NO_DOC};
use crate::plan::query::Answer;
use crate::plan::script::ScriptId;

/// Prepares a script by terms: as the documents of the terms that pass, where those are few; else term by term of each
/// document; or as a script like any other, where terms are too many.
pub(super) fn matcher<'a>(segment: SegmentContext<'a>, path: &str, script: ScriptId) -> Result<BoxMatcher<'a>> {
    let Some(table) = segment.scripts.term_table(segment, path, script)? else {
        return script::matcher(segment, script);
    };
    let column = segment.segment.columns(segment.mapping).column(path)?;
    let missing = if column.is_full() { Answer::No } else { table.missing() };
    let asks = table.asks(&column);
    if !asks && missing == Answer::No && !column.is_multivalued() {
        if table.holds().next().is_none() {
            return Ok(Box::new(all::Nothing));
        }
        if let Some(set) = postings(segment, path, &column, &table)? {
            return Ok(Box::new(set));
        }
    }
    Ok(Box::new(ByTerm {
        cursor: Cursor::new(column),
        missing,
        script: if asks { Some(Box::new(Script::new(segment, script)?)) } else { None },
        max_doc: segment.max_doc(),
        table,
    }))
}

/// Of a term's posting only so many times as many documents are looked at one by one.
const DOCUMENTS_PER_POSTING: u64 = 4;

/// The documents of the terms that pass, if they are few.
fn postings(segment: SegmentContext<'_>, path: &str, column: &Column, table: &TermTable) -> Result<Option<Set>> {
    let Some(index) = segment.inverted(path)? else { return Ok(None) };
    let limit = u64::from(segment.max_doc()) / DOCUMENTS_PER_POSTING;
    let (mut infos, mut documents) = (Vec::new(), 0);
    for ordinal in table.holds() {
        let Some(term) = column.term(ordinal) else { return Ok(None) };
        let Some(info) = index.reader.terms().get(&term).map_err(storage_error)? else { return Ok(None) };
        documents += u64::from(info.doc_freq);
        if documents > limit {
            return Ok(None);
        }
        infos.push(info);
    }
    let mut set = Set::new(segment.max_doc());
    let mut collector = PostingsCollector::new(&index.reader);
    for info in &infos {
        collector.add(info, &mut set)?;
    }
    Ok(Some(set))
}

/// Documents by the answer for their first term.
struct ByTerm<'a> {
    cursor: Cursor,
    table: Arc<TermTable>,
    missing: Answer,
    /// Where an answer is open.
    script: Option<Box<Script<'a>>>,
    max_doc: DocId,
}

impl Matcher for ByTerm<'_> {
    fn seek(&mut self, base: DocId) -> DocId {
        if base < self.max_doc { base } else { NO_DOC }
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        let mut asked = Bits::default();
        let starts = (base..self.max_doc).step_by(64);
        for ((word, asked), start) in candidates.words_mut().iter_mut().zip(asked.words_mut()).zip(starts) {
            if *word == 0 {
                continue;
            }
            let docs = start..(start + 64).min(self.max_doc);
            let table = &self.table;
            let found = self.cursor.word_of_terms(docs.clone(), |ordinal| table.answer(ordinal) == Answer::Yes);
            let without = |answer| if self.missing == answer { !found.present } else { 0 };
            let (holds, mut open) = (found.holds | without(Answer::Yes), without(Answer::Open));
            if self.script.is_some() {
                open |= self.cursor.word_of_terms(docs, |ordinal| table.answer(ordinal) == Answer::Open).holds;
            }
            *asked = *word & open;
            *word &= holds;
        }
        if let Some(script) = &mut self.script
            && !asked.is_empty()
        {
            script.matches(base, &mut asked)?;
            candidates.or(&asked);
        }
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn keeps_place(&self) -> bool {
        self.script.as_ref().is_some_and(|script| script.keeps_place())
    }

    fn cost(&self) -> u64 {
        u64::from(self.max_doc)
    }
}
