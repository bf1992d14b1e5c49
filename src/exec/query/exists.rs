//! `exists`: documents that have a value in one of several fields.

use tantivy::DocId;
use tantivy::columnar::ColumnIndex;

use super::{BoxMatcher, Matcher, all};
use crate::error::Result;
use crate::exec::columns::Cursor;
use crate::exec::ones::Ones;
use crate::exec::segment::SegmentContext;
use crate::exec::window::{Bits, NO_DOC, WORD};

/// Prepares an `exists` query.
pub(super) fn matcher<'a>(segment: SegmentContext<'_>, paths: &[String]) -> Result<BoxMatcher<'a>> {
    let mut fields = Vec::new();
    for path in paths {
        if let Some(index) = segment.presence(path)? {
            let column = segment.segment.columns(segment.mapping).column(path)?;
            fields.push(Presence { index, words: column.has_words().then(|| Cursor::new(column)) });
        }
    }
    if fields.is_empty() {
        Ok(Box::new(all::Nothing))
    } else {
        Ok(Box::new(Exists { fields, docs: segment.max_doc() }))
    }
}

/// Documents that have a value in one of the fields.
struct Exists {
    fields: Vec<Presence>,
    docs: DocId,
}

/// Which documents have a field.
struct Presence {
    index: ColumnIndex,
    /// The field's column, if many documents can be asked for at once.
    words: Option<Cursor>,
}

impl Presence {
    /// Which documents from `base` on have the field, of those that are asked for.
    fn of(&mut self, base: DocId, asked: u64, docs: DocId) -> u64 {
        match (&mut self.words, &self.index) {
            (_, ColumnIndex::Full) => asked,
            (_, ColumnIndex::Empty { .. }) => 0,
            (Some(column), _) => asked & column.word_within(base..docs.min(base + WORD), &[]).present,
            (None, index) => Ones(asked).filter(|at| index.has_value(base + at)).fold(0, |found, at| found | 1 << at),
        }
    }

    /// How many documents have the field, where it is known without looking at them.
    fn count(&self, docs: DocId) -> Option<u64> {
        match &self.index {
            ColumnIndex::Empty { .. } => Some(0),
            ColumnIndex::Full => Some(docs.into()),
            ColumnIndex::Optional(index) => Some(index.num_non_nulls().into()),
            ColumnIndex::Multivalued(_) => None,
        }
    }
}

impl Matcher for Exists {
    fn seek(&mut self, base: DocId) -> DocId {
        if base < self.docs { base } else { NO_DOC }
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        for (base, word) in (base..).step_by(WORD as usize).zip(candidates.words_mut()) {
            let mut found = 0;
            for field in &mut self.fields {
                let asked = *word & !found;
                found |= if asked == 0 { 0 } else { field.of(base, asked, self.docs) };
            }
            *word = found;
        }
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn count(&self) -> Option<u64> {
        match self.fields.as_slice() {
            [field] => field.count(self.docs),
            _ => None,
        }
    }

    fn cost(&self) -> u64 {
        u64::from(self.docs) * self.fields.len() as u64
    }
}
