//! `script_range`: a script that was solved, as ranges of the first value of its field.

use std::ops::Range;
use std::sync::Arc;

use tantivy::DocId;

use super::answered::Answered;
use super::script::Script;
use super::{BoxMatcher, all};
use crate::error::{Code, Error, Result};
use crate::exec::columns::{Cursor, RawRange};
use crate::exec::segment::SegmentContext;
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
    let answers = move |cursor: &mut Cursor, docs: Range<DocId>| {
        let open = if open.is_empty() { 0 } else { cursor.word_within(docs.clone(), &open).holds };
        (cursor.word_within(docs, &holds), open)
    };
    let cursor = Cursor::new(Arc::clone(&column));
    Ok(Box::new(Answered { cursor, answers, missing, script, max_doc: segment.max_doc() }))
}

/// Whether the script has to be asked about some document of a segment.
pub(crate) fn asks_script(segment: SegmentContext<'_>, query: &ScriptRange) -> Result<bool> {
    let column = segment.segment.columns(segment.mapping).column(&query.field)?;
    let values = column.raw_range();
    let is_met =
        |range: &ValueRange| values.is_some_and(|values| RawRange::of(range).is_some_and(|r| r.meet(values).is_some()));
    Ok(query.open.iter().any(is_met) || (query.missing == Answer::Open && !column.is_full()))
}
