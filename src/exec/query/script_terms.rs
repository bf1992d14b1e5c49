//! `script_terms`: a script that reads one field of strings, by what it answers for each term.

use std::ops::Range;

use tantivy::DocId;

use super::answered::Answered;
use super::script::{self, Script};
use super::set::{PostingsCollector, Union};
use super::{BoxMatcher, all};
use crate::error::Result;
use crate::exec::columns::{Column, Cursor};
use crate::exec::index::storage_error;
use crate::exec::kernel::Table;
use crate::exec::segment::SegmentContext;
use crate::plan::query::Answer;
use crate::plan::script::ScriptId;

/// Prepares a script by terms: as the documents of the terms that pass, where those are few; else term by term of each
/// document; or as a script like any other, where terms are too many.
pub(super) fn matcher<'a>(segment: SegmentContext<'a>, path: &str, script: ScriptId) -> Result<BoxMatcher<'a>> {
    let Some(table) = segment.scripts.term_table(segment, path, script)? else {
        return script::matcher(segment, script);
    };
    let column = segment.segment.columns(segment.mapping).column(path)?;
    let missing = if column.is_full() { Answer::No } else { table.missing_answer() };
    let asks = table.asks(&column);
    if !asks && missing == Answer::No && !column.is_multivalued() {
        if table.holds().next().is_none() {
            return Ok(Box::new(all::Nothing));
        }
        if let Some(union) = postings(segment, path, &column, &table)? {
            return Ok(Box::new(union));
        }
    }
    let script = if asks { Some(Box::new(Script::new(segment, script)?)) } else { None };
    let answers = move |cursor: &mut Cursor, docs: Range<DocId>| {
        let mut of = |docs, answer| cursor.word_of_terms(docs, |ordinal| table.answer(ordinal) == answer);
        let open = if asks { of(docs.clone(), Answer::Open).holds } else { 0 };
        (of(docs, Answer::Yes), open)
    };
    Ok(Box::new(Answered { cursor: Cursor::new(column), answers, missing, script, max_doc: segment.max_doc() }))
}

/// Of a term's posting only so many times as many documents are looked at one by one.
const DOCUMENTS_PER_POSTING: u64 = 4;

/// The documents of the terms that pass, if they are few.
fn postings(segment: SegmentContext<'_>, path: &str, column: &Column, table: &Table) -> Result<Option<Union>> {
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
    let mut collector = PostingsCollector::new(segment, Some(path), &index);
    infos.iter().try_for_each(|info| collector.add(info))?;
    collector.finish().map(Some)
}
