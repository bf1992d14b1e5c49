//! Values of columns: in a range, or one of a set. Bounds are inclusive values of the column's own type.

use std::fmt::Debug;
use std::ops::{Bound, Range, RangeInclusive};

use tantivy::DocId;
use tantivy::columnar::{Column, ColumnIndex, MonotonicallyMappableToU64};

use super::answered::Answered;
use super::bounds::{addresses, doubles, each, ip, numbers, ordinals, text};
use super::{BoxMatcher, Matcher, all};
use crate::error::Result;
use crate::exec::columns::{Cursor, RawRange};
use crate::exec::index::storage_error;
use crate::exec::segment::{SegmentContext, ValueColumn};
use crate::exec::window::{Bits, NO_DOC, WINDOW, window_of};
use crate::plan::query::Answer;
use crate::plan::value::Value;

/// Documents with a value between bounds.
pub(super) fn between<'a>(
    segment: SegmentContext<'_>,
    path: &str,
    lower: Bound<&Value>,
    upper: Bound<&Value>,
) -> Result<BoxMatcher<'a>> {
    Ok(match segment.column(path)? {
        None => Box::new(all::Nothing),
        Some(ValueColumn::I64(column)) => in_range(segment, path, column, numbers(path, lower, upper)?)?,
        Some(ValueColumn::U64(column)) => in_range(segment, path, column, numbers(path, lower, upper)?)?,
        Some(ValueColumn::F64(column)) => in_range(segment, path, column, numbers(path, lower, upper)?)?,
        Some(ValueColumn::Bool(column)) => InRange::matcher(column, numbers(path, lower, upper)?),
        Some(ValueColumn::Ip(column)) => InRange::matcher(column, addresses(path, lower, upper)?),
        Some(ValueColumn::Str(column)) => {
            InRange::matcher(column.ords().clone(), ordinals(&column, path, lower, upper)?)
        }
    })
}

/// Documents with a number in a range; where none has several, 64 of them are looked at together.
fn in_range<'a, T: MonotonicallyMappableToU64 + Debug>(
    segment: SegmentContext<'_>,
    path: &str,
    column: Column<T>,
    range: Option<RangeInclusive<T>>,
) -> Result<BoxMatcher<'a>> {
    // In tantivy's order, as in Lucene's, -0.0 is below 0.0; as doubles they would be equal.
    let range = range.map(|range| range.start().to_u64()..=range.end().to_u64());
    let column = column.to_u64_monotonic();
    match range {
        Some(range) if matches!(column.index, ColumnIndex::Full | ColumnIndex::Optional(_)) => {
            let cursor = Cursor::new(segment.segment.columns(segment.mapping).column(path)?);
            let range = [RawRange { first: *range.start(), last: *range.end() }];
            let answers = move |cursor: &mut Cursor, docs: Range<DocId>| (cursor.word_within(docs, &range), 0);
            let (missing, max_doc) = (Answer::No, segment.max_doc());
            Ok(Box::new(Answered { cursor, answers, missing, script: None, max_doc }))
        }
        range => Ok(InRange::matcher(column, range)),
    }
}

/// Documents with one of the values.
pub(super) fn equal<'a>(segment: SegmentContext<'_>, path: &str, values: &[Value]) -> Result<BoxMatcher<'a>> {
    if let [value] = values {
        return between(segment, path, Bound::Included(value), Bound::Included(value));
    }
    Ok(match segment.column(path)? {
        None => Box::new(all::Nothing),
        Some(ValueColumn::I64(column)) => OneOf::matcher(column, each(path, values)?),
        Some(ValueColumn::U64(column)) => OneOf::matcher(column, each(path, values)?),
        Some(ValueColumn::F64(column)) => OneOf::matcher(column.to_u64_monotonic(), doubles(path, values)?),
        Some(ValueColumn::Bool(column)) => OneOf::matcher(column, each(path, values)?),
        Some(ValueColumn::Ip(column)) => {
            OneOf::matcher(column, values.iter().map(|v| ip(path, v)).collect::<Result<_>>()?)
        }
        Some(ValueColumn::Str(column)) => {
            let mut ordinals = Vec::new();
            for value in values {
                ordinals.extend(column.dictionary().term_ord(text(path, value)?).map_err(storage_error)?);
            }
            OneOf::matcher(column.ords().clone(), ordinals)
        }
    })
}

/// Documents with a value in a range.
struct InRange<T> {
    column: Column<T>,
    range: RangeInclusive<T>,
    found: Vec<DocId>,
}

/// Up to this many candidates are looked up one by one; decoding a whole window costs about as much.
const FEW: usize = 96;

impl<T: PartialOrd + Copy + Debug + Send + Sync + 'static> InRange<T> {
    fn matcher<'a>(column: Column<T>, range: Option<RangeInclusive<T>>) -> BoxMatcher<'a> {
        match range {
            Some(range) if *range.start() <= column.max_value() && *range.end() >= column.min_value() => {
                Box::new(Self { column, range, found: Vec::with_capacity(WINDOW as usize) })
            }
            _ => Box::new(all::Nothing),
        }
    }
}

impl<T: PartialOrd + Copy + Debug + Send + Sync + 'static> Matcher for InRange<T> {
    fn seek(&mut self, base: DocId) -> DocId {
        window_with_value(&self.column.index, base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        if candidates.len() <= FEW {
            candidates.retain(|at| self.column.values_for_doc(base + at).any(|v| self.range.contains(&v)));
            return Ok(());
        }
        self.found.clear();
        let window = base..(base + WINDOW).min(self.column.num_docs());
        self.column.get_docids_for_value_range(self.range.clone(), window, &mut self.found);
        let mut found = Bits::default();
        for doc in &self.found {
            found.insert(doc - base);
        }
        candidates.and(&found);
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn cost(&self) -> u64 {
        u64::from(self.column.num_docs())
    }
}

/// Documents with a value of a sorted list.
struct OneOf<T> {
    column: Column<T>,
    values: Vec<T>,
}

impl<T: Ord + Copy + Debug + Send + Sync + 'static> OneOf<T> {
    fn matcher<'a>(column: Column<T>, mut values: Vec<T>) -> BoxMatcher<'a> {
        values.sort_unstable();
        values.dedup();
        Box::new(Self { column, values })
    }
}

impl<T: Ord + Copy + Debug + Send + Sync + 'static> Matcher for OneOf<T> {
    fn seek(&mut self, base: DocId) -> DocId {
        window_with_value(&self.column.index, base)
    }

    fn matches(&mut self, base: DocId, candidates: &mut Bits) -> Result<()> {
        candidates
            .retain(|at| self.column.values_for_doc(base + at).any(|value| self.values.binary_search(&value).is_ok()));
        Ok(())
    }

    fn goes_back(&self) -> bool {
        true
    }

    fn cost(&self) -> u64 {
        u64::from(self.column.num_docs()) * 4
    }
}

/// The first window, from the one at `base` on, that can have a value.
fn window_with_value(index: &ColumnIndex, base: DocId) -> DocId {
    match index {
        ColumnIndex::Empty { .. } => NO_DOC,
        ColumnIndex::Optional(index) if base < index.num_docs() => {
            window_of(index.next_non_null_doc(base).unwrap_or(NO_DOC))
        }
        ColumnIndex::Optional(_) => NO_DOC,
        ColumnIndex::Full | ColumnIndex::Multivalued(_) => base,
    }
}
