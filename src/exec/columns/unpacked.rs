//! A column that is asked for often, unpacked to plain arrays by document.
//!
//! Unpacking a packed value costs a nanosecond or more, looking it up in an array a half. A column is unpacked once as
//! many values of it were read as it has, so that the work is at most doubled; it stays so as long as the segment lives,
//! within a limit of bytes for all columns of the segment.

use std::fmt;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use tantivy::columnar::ColumnIndex;
use tantivy::fastfield::Column as StoredColumn;

use super::classes::{self, Classes};
use super::distinct::Distinct;

/// How many bytes the unpacked columns of a segment may take.
const LIMIT_BYTES: usize = 256 << 20;

/// The raw values of a column by document.
#[derive(Debug)]
pub(super) struct Unpacked {
    /// With `Full` and `Optional` one value for each document, with `Multivalued` all values.
    pub(super) values: Box<[u64]>,
    pub(super) shape: Shape,
    /// The values as doubles, once they were asked for where they lie.
    doubles: OnceLock<Option<Arc<[f64]>>>,
}

impl Unpacked {
    pub(super) fn new(values: impl Into<Box<[u64]>>, shape: Shape) -> Self {
        Self { values: values.into(), shape, doubles: OnceLock::new() }
    }
}

/// Doubles of consecutive documents where they lie in memory.
#[derive(Clone, Debug)]
pub struct Doubles {
    values: Arc<[f64]>,
    start: usize,
}

impl Doubles {
    /// Those of the first documents.
    pub fn first(&self, rows: usize) -> &[f64] {
        &self.values[self.start..self.start + rows]
    }
}

/// Which document has which values.
#[derive(Clone, Debug)]
pub(super) enum Shape {
    /// Each has one.
    Full,
    /// Each has one, or none where this is false.
    Optional(Box<[bool]>),
    /// Where the values of each document start, and one end.
    Multivalued(Box<[u32]>),
}

impl Shape {
    /// How many bytes it takes.
    pub(super) fn bytes(&self) -> usize {
        match self {
            Self::Full => 0,
            Self::Optional(present) => present.len(),
            Self::Multivalued(starts) => 4 * starts.len(),
        }
    }
}

/// What is left of the bytes that a segment may take; shared by its columns.
#[derive(Clone)]
pub(super) struct Budget(Arc<AtomicUsize>);

impl Default for Budget {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(LIMIT_BYTES)))
    }
}

impl Budget {
    /// Nothing may be taken.
    pub(super) fn none() -> Self {
        Self(Arc::new(AtomicUsize::new(0)))
    }

    pub(super) fn take(&self, bytes: usize) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(bytes)).is_ok()
    }
}

/// Decides whether a column is unpacked, and holds it then.
pub(super) struct Unpacking {
    read: AtomicUsize,
    unpacked: OnceLock<Option<Arc<Unpacked>>>,
    distinct: OnceLock<Option<Arc<Distinct>>>,
    classes: OnceLock<Option<Arc<Classes>>>,
    budget: Budget,
}

impl Unpacking {
    pub(super) fn new(budget: Budget) -> Self {
        let (unpacked, distinct, classes) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { read: AtomicUsize::new(0), unpacked, distinct, classes, budget }
    }

    /// The unpacked column, if so much was read of it; `rows` more are about to be.
    pub(super) fn get(&self, column: &StoredColumn<u64>, rows: usize) -> Option<&Arc<Unpacked>> {
        if let Some(unpacked) = self.unpacked.get() {
            return unpacked.as_ref();
        }
        let read = self.read.fetch_add(rows, Ordering::Relaxed) + rows;
        if read < column.num_docs() as usize {
            return None;
        }
        self.unpacked.get_or_init(|| unpack(column, &self.budget).map(Arc::new)).as_ref()
    }

    /// The distinct values, if the column is unpacked and they are few.
    pub(super) fn distinct(&self) -> Option<&Arc<Distinct>> {
        let unpacked = self.unpacked.get()?.as_ref()?;
        self.distinct.get_or_init(|| Distinct::of(unpacked, &self.budget).map(Arc::new)).as_ref()
    }

    /// The classes of the column's documents, if it is unpacked: it is read so often that they pay.
    pub(super) fn classes(&self, docs: usize, kind: classes::Values) -> Option<&Arc<Classes>> {
        let unpacked = self.unpacked.get()?.as_ref()?;
        let make = || self.budget.take(docs).then(|| Arc::new(Classes::new(unpacked, docs, kind)));
        self.classes.get_or_init(make).as_ref()
    }

    /// The classes, if they have been asked for.
    pub(super) fn known_classes(&self) -> Option<&Arc<Classes>> {
        self.classes.get()?.as_ref()
    }

    /// The values of consecutive documents as doubles, if the column is unpacked and full.
    pub(super) fn doubles(&self, docs: &[u32], decode: impl Fn(u64) -> f64) -> Option<Doubles> {
        let unpacked = self.unpacked.get()?.as_ref()?;
        let run = run(docs).filter(|run| run.end <= unpacked.values.len())?;
        let values = unpacked.doubles.get_or_init(|| {
            let full = matches!(unpacked.shape, Shape::Full);
            let fits = full && self.budget.take(8 * unpacked.values.len());
            fits.then(|| unpacked.values.iter().map(|raw| decode(*raw)).collect())
        });
        Some(Doubles { values: Arc::clone(values.as_ref()?), start: run.start })
    }
}

impl fmt::Debug for Unpacking {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacking").field("read", &self.read).finish_non_exhaustive()
    }
}

/// The documents as a range, if they are consecutive.
pub(super) fn run(docs: &[u32]) -> Option<Range<usize>> {
    match docs {
        [first, .., last] if (last - first) as usize == docs.len() - 1 => Some(*first as usize..*last as usize + 1),
        _ => None,
    }
}

/// All values of a column, if they fit into the budget.
fn unpack(column: &StoredColumn<u64>, budget: &Budget) -> Option<Unpacked> {
    let (docs, count) = (column.num_docs() as usize, column.values.num_vals() as usize);
    let all = || {
        let mut values = vec![0; count];
        column.values.get_range(0, &mut values);
        values
    };
    match &column.index {
        ColumnIndex::Empty { .. } => None,
        ColumnIndex::Full => budget.take(8 * docs).then(|| Unpacked::new(all(), Shape::Full)),
        ColumnIndex::Optional(index) => budget.take(9 * docs).then(|| {
            let (mut values, mut present) = (vec![0; docs], vec![false; docs]);
            for (doc, value) in index.iter_non_null_docs().zip(all()) {
                values[doc as usize] = value;
                present[doc as usize] = true;
            }
            Unpacked::new(values, Shape::Optional(present.into()))
        }),
        ColumnIndex::Multivalued(index) => budget.take(8 * count + 4 * docs).then(|| {
            let mut starts = Vec::with_capacity(docs + 1);
            let mut at = 0;
            for doc in index.iter_non_null_docs() {
                starts.resize(doc as usize + 1, at);
                at += column.index.value_row_ids(doc).len() as u32;
            }
            starts.resize(docs + 1, at);
            Unpacked::new(all(), Shape::Multivalued(starts.into()))
        }),
    }
}
