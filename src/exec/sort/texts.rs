//! Keys of texts: by their ordinals in the dictionary of a segment; the worst key so far is found in it as well.

use std::cmp::Ordering;

use tantivy::DocId;
use tantivy::columnar::{StrColumn, TermOrdHit};

use super::key::{Key, KeyKind, Place};
use crate::error::Result;
use crate::exec::index::storage_error;
use crate::plan::node::SortMode;

/// A column of texts.
///
/// Every text has a place among those of the dictionary: four times the ordinal of the first text that is not before it,
/// and 3 if it is that text. Others stand between two texts of the dictionary; there, what stands for missing values is
/// 1, and what comes before or after it 0 or 2. A key is the place, moved to the middle of all numbers, in the order of the sort.
pub(crate) struct Texts {
    column: StrColumn,
    /// What stands for documents without a value, and its place.
    missing: Option<(String, u64)>,
}

/// Places from one text of a dictionary to the next.
const STEP: u64 = 4;
/// The place of a text of the dictionary.
const EXACT: u64 = 3;
/// The key of the first place: none is at an end, where documents without a value may be.
const FIRST: u64 = 1 << 63;

/// The keys of documents without a value before and after all others.
const BEFORE_ALL: u64 = 0;
const AFTER_ALL: u64 = u64::MAX;

impl Texts {
    /// Prepares a column.
    pub(crate) fn new(column: StrColumn, missing: Option<String>) -> Result<Self> {
        let mut texts = Self { column, missing: None };
        if let Some(missing) = missing {
            let place = texts.position(&missing)?;
            texts.missing = Some((missing, place));
        }
        Ok(texts)
    }

    /// The place of a text.
    fn position(&self, text: &str) -> Result<u64> {
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

    /// The key of an ordinal.
    #[inline]
    pub(crate) fn key(&self, kind: KeyKind, ordinal: u64) -> u64 {
        kind.ordered(FIRST + (ordinal * STEP + EXACT))
    }

    /// The key of documents without a value.
    pub(crate) fn missing_key(&self, kind: KeyKind) -> u64 {
        match (&self.missing, kind.missing) {
            (Some((_, place)), _) => kind.ordered(FIRST + place),
            (None, Place::First) => BEFORE_ALL,
            (None, Place::Value | Place::Last) => AFTER_ALL,
        }
    }

    /// The key of any text, or of its lack.
    pub(crate) fn localize(&self, kind: KeyKind, place: Place, text: &str) -> Result<u64> {
        Ok(match place {
            Place::First => BEFORE_ALL,
            Place::Value => kind.ordered(FIRST + self.position(text)?),
            Place::Last => AFTER_ALL,
        })
    }

    /// The key of the text that stands for documents.
    pub(super) fn pick(&self, kind: KeyKind, docs: impl Iterator<Item = DocId>, mode: SortMode) -> u64 {
        let ordinals = docs.flat_map(|doc| self.column.term_ords(doc));
        let picked = if mode == SortMode::Max { ordinals.max() } else { ordinals.min() };
        picked.map_or_else(|| self.missing_key(kind), |ordinal| self.key(kind, ordinal))
    }

    /// Writes out a key that stands for documents.
    pub(super) fn write(&self, kind: KeyKind, bits: u64, key: &mut Key) -> Result<()> {
        match bits {
            BEFORE_ALL => kind.write_text(Place::First, key, |_| Ok(())),
            AFTER_ALL => kind.write_text(Place::Last, key, |_| Ok(())),
            bits => kind.write_text(Place::Value, key, |text| self.text(kind.ordered(bits) - FIRST, text)),
        }
    }

    /// The text of a place of the dictionary, or of what stands for missing values.
    fn text(&self, place: u64, text: &mut String) -> Result<()> {
        match &self.missing {
            Some((missing, missing_at)) if place == *missing_at => text.push_str(missing),
            _ => {
                self.column.ord_to_str(place / STEP, text).map_err(storage_error)?;
            }
        }
        Ok(())
    }
}
