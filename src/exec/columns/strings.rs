//! Strings of a column: the dictionary of its terms, read once per batch or, if it is small, once.

use std::cmp::Ordering;
use std::io;
use std::sync::OnceLock;

use tantivy::columnar::StrColumn;

/// A dictionary of at most so many terms is kept in memory.
const KEPT_TERMS: usize = 1 << 16;

/// A kept dictionary has at most so many bytes of text.
const KEPT_BYTES: usize = 4 << 20;

/// Stands for the ordinal of a document without a value.
pub(super) const NO_TERM: u64 = u64::MAX;

/// The terms of a column by ordinal.
pub(super) struct Dictionary {
    column: StrColumn,
    kept: OnceLock<Option<Terms>>,
}

/// All terms of a dictionary.
struct Terms {
    text: String,
    /// Where the term of an ordinal ends; it begins where the one before ends.
    ends: Vec<u32>,
}

/// Scratch space for reading the terms of a batch.
#[derive(Debug, Default)]
pub(super) struct TermScratch {
    ordinals: Vec<u64>,
    spans: Vec<(u32, u32)>,
}

impl Dictionary {
    pub(super) fn new(column: StrColumn) -> Self {
        Self { column, kept: OnceLock::new() }
    }

    /// Appends the terms of some ordinals to `text` and sets the span of each, but where there is [`NO_TERM`].
    pub(super) fn append(
        &self,
        ordinals: &[u64],
        scratch: &mut TermScratch,
        text: &mut String,
        spans: &mut [(u32, u32)],
    ) -> io::Result<()> {
        let wanted = spans.iter_mut().zip(ordinals).filter(|(_, ordinal)| **ordinal != NO_TERM);
        if let Some(terms) = self.kept() {
            wanted.for_each(|(span, ordinal)| *span = append(text, terms.get(*ordinal as usize)));
            return Ok(());
        }
        let TermScratch { ordinals: sorted, spans: found } = scratch;
        sorted.clear();
        sorted.extend(ordinals.iter().filter(|ordinal| **ordinal != NO_TERM));
        sorted.sort_unstable();
        sorted.dedup();
        found.clear();
        self.column.dictionary().sorted_ords_to_term_cb(sorted, |term| {
            found.push(append(text, &String::from_utf8_lossy(term)));
        })?;
        for (span, ordinal) in wanted {
            if let Some(at) = sorted.binary_search(ordinal).ok().and_then(|at| found.get(at)) {
                *span = *at;
            }
        }
        Ok(())
    }

    /// How many terms there are.
    pub(super) fn len(&self) -> usize {
        self.column.num_terms()
    }

    /// The term of an ordinal, as it is stored.
    pub(super) fn bytes(&self, ordinal: u64) -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        self.column.dictionary().ord_to_term(ordinal, &mut bytes).ok()?.then_some(bytes)
    }

    /// The ordinal of a term; none if the dictionary lacks it.
    pub(super) fn ordinal(&self, term: &str) -> io::Result<Option<u64>> {
        match self.kept() {
            Some(terms) => Ok(terms.ordinal(term)),
            None => self.column.dictionary().term_ord(term),
        }
    }

    fn kept(&self) -> Option<&Terms> {
        self.kept.get_or_init(|| self.keep().ok().flatten()).as_ref()
    }

    /// All terms, if they are few.
    fn keep(&self) -> io::Result<Option<Terms>> {
        if self.column.num_terms() > KEPT_TERMS {
            return Ok(None);
        }
        let mut terms = Terms { text: String::new(), ends: Vec::with_capacity(self.column.num_terms()) };
        let mut stream = self.column.dictionary().stream()?;
        while stream.advance() {
            terms.text.push_str(&String::from_utf8_lossy(stream.key()));
            terms.ends.push(terms.text.len() as u32);
            if terms.text.len() > KEPT_BYTES {
                return Ok(None);
            }
        }
        Ok(Some(terms))
    }
}

impl Terms {
    /// The ordinal of a term: they are sorted.
    fn ordinal(&self, term: &str) -> Option<u64> {
        let mut range = 0..self.ends.len();
        while !range.is_empty() {
            let middle = range.start + range.len() / 2;
            match self.get(middle).cmp(term) {
                Ordering::Less => range.start = middle + 1,
                Ordering::Greater => range.end = middle,
                Ordering::Equal => return Some(middle as u64),
            }
        }
        None
    }

    fn get(&self, ordinal: usize) -> &str {
        let start = ordinal.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end as usize);
        self.ends.get(ordinal).map_or("", |end| &self.text[start..*end as usize])
    }
}

/// Appends a string and gives its span.
pub(super) fn append(text: &mut String, s: &str) -> (u32, u32) {
    let start = text.len() as u32;
    text.push_str(s);
    (start, text.len() as u32)
}
