//! `script_range`: a script that was solved, as ranges of the first value of its field.

use std::sync::Arc;

use tantivy::DocId;

use super::script::Script;
use super::{BoxMatcher, Matcher, all};
use crate::error::{Code, Error, Result};
use crate::exec::columns::{Cursor, RawRange};
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, NO_DOC};
use crate::plan::query::{Answer, ScriptRange, ValueRange};

/// Prepares a solved script. What no value of the segment asks for is left away: mostly the script itself.
pub(super) fn matcher<'a>(segment: SegmentContext<'a>, query: &ScriptRange) -> Result<BoxMatcher<'a>> {
    let column = segment.segment.columns(segment.mapping).column(&query.field)?;
    let values = column.raw_range();
    let meet = |ranges: &[ValueRange]| -> Vec<RawRange> {
        let ranges = ranges.iter().filter_map(RawRange::of);
        values.map(|values| ranges.filter_map(|range| range.meet(values)).collect()).unwrap_or_default()
    };
    let (holds, open) = (meet(&query.holds), meet(&query.open));
    // Of a full column no document lacks a value.
    let missing = if column.is_full() { Answer::No } else { query.missing };
    let script = match query.script {
        _ if open.is_empty() && missing != Answer::Open => None,
        Some(script) => Some(Box::new(Script::new(segment, script)?)),
        None => {
            let reason = format!("a script_range of `{}` leaves values open and names no script", query.field);
            return Err(Error::new(Code::UnplaceablePlan, reason));
        }
    };
    if holds.is_empty() && script.is_none() && missing == Answer::No {
        return Ok(Box::new(all::Nothing));
    }
    if column.is_full() && holds.iter().any(|range| Some(*range) == values) {
        return Ok(Box::new(all::All::new(segment.max_doc())));
    }
    let cursor = Cursor::new(Arc::clone(&column));
    Ok(Box::new(Solved { cursor, holds, open, missing, script, max_doc: segment.max_doc() }))
}

/// Whether the script has to be asked about some document of a segment.
pub(crate) fn asks_script(segment: SegmentContext<'_>, query: &ScriptRange) -> Result<bool> {
    let column = segment.segment.columns(segment.mapping).column(&query.field)?;
    let values = column.raw_range();
    let is_met =
        |range: &ValueRange| values.is_some_and(|values| RawRange::of(range).is_some_and(|r| r.meet(values).is_some()));
    Ok(query.open.iter().any(is_met) || (query.missing == Answer::Open && !column.is_full()))
}

/// Documents whose first value lies in ranges, and what a script says of the rest.
struct Solved<'a> {
    cursor: Cursor,
    holds: Vec<RawRange>,
    open: Vec<RawRange>,
    missing: Answer,
    /// Where something is open.
    script: Option<Box<Script<'a>>>,
    max_doc: DocId,
}

impl Matcher for Solved<'_> {
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
            let found = self.cursor.word_within(docs.clone(), &self.holds);
            let mut open = if self.open.is_empty() { 0 } else { self.cursor.word_within(docs, &self.open).holds };
            let mut holds = found.holds;
            match self.missing {
                Answer::Yes => holds |= !found.present,
                Answer::No => {}
                Answer::Open => open |= !found.present,
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
