//! Keys of texts: by their ordinals in the dictionary of a segment; the worst key so far is found in it as well.

use std::cmp::Ordering;

use tantivy::DocId;
use tantivy::columnar::{StrColumn, TermOrdHit};

use crate::error::Result;
use crate::exec::index::storage_error;
use crate::plan::node::SortMode;

/// A column of texts.
///
/// Every text has a place among those of the dictionary: four times the ordinal of the first text that is not before it,
/// and 3 if it is that text. Others stand between two texts of the dictionary; there, what stands for missing values is
/// 1, and what comes before or after it 0 or 2.
pub(super) struct Texts {
    column: StrColumn,
    /// What stands for documents without a value, and its place.
    missing: Option<(String, u64)>,
}

/// Places from one text of a dictionary to the next.
const STEP: u64 = 4;
/// The place of a text of the dictionary.
const EXACT: u64 = 3;

impl Texts {
    /// Prepares a column.
    pub(super) fn new(column: StrColumn, missing: Option<String>) -> Result<Self> {
        let mut texts = Self { column, missing: None };
        if let Some(missing) = missing {
            let place = texts.position(&missing)?;
            texts.missing = Some((missing, place));
        }
        Ok(texts)
    }

    /// The place of a text.
    pub(super) fn position(&self, text: &str) -> Result<u64> {
        Ok(match self.column.dictionary().term_ord_or_next(text.as_bytes()).map_err(storage_error)? {
            TermOrdHit::Exact(ord) => ord * STEP + EXACT,
            TermOrdHit::Next(ord) => {
                let gap = ord.min(self.column.num_terms() as u64) * STEP;
                match &self.missing {
                    None => gap + 1,
                    Some((missing, _)) => match text.cmp(missing) {
                        Ordering::Less => gap,
                        Ordering::Equal => gap + 1,
                        Ordering::Greater => gap + 2,
                    },
                }
            }
        })
    }

    /// The place of the text that stands for documents; none where they have no value.
    pub(super) fn pick(&self, docs: impl Iterator<Item = DocId>, mode: SortMode) -> Option<u64> {
        let ordinals = docs.flat_map(|doc| self.column.term_ords(doc));
        let picked = if mode == SortMode::Max { ordinals.max() } else { ordinals.min() };
        match picked {
            Some(ord) => Some(ord * STEP + EXACT),
            None => self.missing.as_ref().map(|(_, place)| *place),
        }
    }

    /// The text of a place that `pick` gave.
    pub(super) fn text(&self, place: u64, text: &mut String) -> Result<()> {
        match &self.missing {
            Some((missing, missing_at)) if place == *missing_at => {
                text.clear();
                text.push_str(missing);
            }
            _ => {
                self.column.ord_to_str(place / STEP, text).map_err(storage_error)?;
            }
        }
        Ok(())
    }
}
