//! Keys of texts: by their ordinals in the dictionary of a segment; the worst key so far is found in it as well.

use tantivy::DocId;
use tantivy::columnar::{StrColumn, TermOrdHit};

use crate::error::Result;
use crate::exec::index::storage_error;
use crate::plan::node::SortMode;

/// A column of texts.
pub(super) struct Texts {
    column: StrColumn,
    /// What stands for documents without a value.
    missing: Option<String>,
    /// Where that stands.
    missing_at: u64,
}

impl Texts {
    /// Prepares a column.
    pub(super) fn new(column: StrColumn, missing: Option<String>) -> Result<Self> {
        let mut texts = Self { column, missing: None, missing_at: 0 };
        if let Some(missing) = missing {
            texts.missing_at = texts.position(&missing)?;
            texts.missing = Some(missing);
        }
        Ok(texts)
    }

    /// Where a text stands among those of the dictionary: odd places are the dictionary's, even ones between them.
    pub(super) fn position(&self, text: &str) -> Result<u64> {
        Ok(match self.column.dictionary().term_ord_or_next(text.as_bytes()).map_err(storage_error)? {
            TermOrdHit::Exact(ord) => ord * 2 + 1,
            TermOrdHit::Next(ord) => ord.min(self.column.num_terms() as u64) * 2,
        })
    }

    /// The place of the text that stands for documents; none where they have no value.
    pub(super) fn pick(&self, docs: impl Iterator<Item = DocId>, mode: SortMode) -> Option<u64> {
        let ordinals = docs.flat_map(|doc| self.column.term_ords(doc));
        let picked = if mode == SortMode::Max { ordinals.max() } else { ordinals.min() };
        match picked {
            Some(ord) => Some(ord * 2 + 1),
            None => self.missing.as_ref().map(|_| self.missing_at),
        }
    }

    /// The text of a place that `pick` gave.
    pub(super) fn text(&self, place: u64, text: &mut String) -> Result<()> {
        match &self.missing {
            Some(missing) if place == self.missing_at => {
                text.clear();
                text.push_str(missing);
            }
            _ => {
                self.column.ord_to_str(place / 2, text).map_err(storage_error)?;
            }
        }
        Ok(())
    }
}
