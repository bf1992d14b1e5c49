//! A script that was answered ahead for the first values of its field: word by word of 64 documents, and asked only about
//! those whose answer is open.

use std::ops::Range;

use tantivy::DocId;

use super::Matcher;
use super::script::Script;
use crate::error::Result;
use crate::exec::columns::{Cursor, Within};
use crate::exec::window::{Bits, NO_DOC};
use crate::plan::query::Answer;

/// Documents by the answer for their first value.
pub(super) struct Answered<'a, A> {
    pub(super) cursor: Cursor,
    /// Of at most 64 documents: those that hold, and those that are open.
    pub(super) answers: A,
    /// The answer for documents without a value.
    pub(super) missing: Answer,
    /// Where an answer is open.
    pub(super) script: Option<Box<Script<'a>>>,
    pub(super) max_doc: DocId,
}

impl<A: FnMut(&mut Cursor, Range<DocId>) -> (Within, u64)> Matcher for Answered<'_, A> {
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
            let (found, open) = (self.answers)(&mut self.cursor, start..(start + 64).min(self.max_doc));
            let without = |answer| if self.missing == answer { !found.present } else { 0 };
            *asked = *word & (open | without(Answer::Open));
            *word &= found.holds | without(Answer::Yes);
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
