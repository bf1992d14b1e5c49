//! The bounds of a sort: how good the first key of a zone's best document is, as bits of which the lower come first.

use tantivy::DocId;
use tantivy::columnar::MonotonicallyMappableToU64;

use super::Verdicts;
use super::field::{FieldBounds, best_double};
use super::script::ScriptBounds;
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::sort::KeyKind;
use crate::exec::zones::{LANES, ZoneList};
use crate::plan::node::{SortBy, SortKey};
use crate::plan::query::Scope;

/// A sort over the zones of a segment.
pub(super) struct SortBounds {
    first: First,
    descending: bool,
    /// The scripts of the keys after the first: they run on every hit, too, and may fail.
    others: Vec<ScriptBounds>,
    /// Whether a script tests nested documents: nothing is known of these.
    tests_nested: bool,
}

/// The first key.
enum First {
    Score,
    /// The number of the segment's first document in the index.
    Doc(DocId),
    Script(Box<ScriptBounds>),
    Field(FieldBounds),
    /// A text, an address: nothing is known of them.
    Unknown,
}

impl SortBounds {
    pub(super) fn new(segment: SegmentContext<'_>, sort: &[SortKey]) -> Result<Self> {
        let (mut scripts, mut tests_nested) = (Vec::new(), false);
        for key in sort {
            match &key.by {
                SortBy::NumberScript(script) | SortBy::StringScript(script) => {
                    scripts.push(ScriptBounds::new(segment, *script)?);
                }
                SortBy::Field(field) => {
                    let filter = field.nested.as_ref().and_then(|nested| nested.filter.as_ref());
                    tests_nested |= filter.is_some_and(|query| query.runs_script(Scope::Filter));
                }
                SortBy::Score | SortBy::Doc | SortBy::Id => {}
            }
        }
        let Some(key) = sort.first() else {
            return Ok(Self { first: First::Score, descending: true, others: Vec::new(), tests_nested: false });
        };
        let first = match &key.by {
            SortBy::Score => First::Score,
            SortBy::Doc => First::Doc(segment.doc_base),
            SortBy::NumberScript(_) => First::Script(Box::new(scripts.remove(0))),
            SortBy::StringScript(_) | SortBy::Id => First::Unknown,
            SortBy::Field(field) => {
                FieldBounds::new(segment, field, KeyKind::of(key))?.map_or(First::Unknown, First::Field)
            }
        };
        Ok(Self { first, descending: key.descending, others: scripts, tests_nested })
    }

    /// The keys of the best documents that some zones may hold whose scores are known, and whether a script of the sort may
    /// fail; what has no match is left out.
    pub(super) fn best(&mut self, list: &ZoneList, verdicts: &Verdicts, mut found: impl FnMut(usize, u64, bool)) {
        let mut fails = [self.tests_nested; LANES];
        for script in &mut self.others {
            let results = script.run(list, verdicts, &[]);
            fails.iter_mut().zip(results.fails).for_each(|(fails, also)| *fails |= also);
        }
        let matching = verdicts.matching(list.len);
        let descending = self.descending;
        match &mut self.first {
            First::Score => {
                matching
                    .for_each(|lane| found(lane, best_double(verdicts.score(lane).doubles(), descending), fails[lane]));
            }
            First::Doc(base) => matching.for_each(|lane| {
                let (first, last) = list.docs(lane);
                let (first, last) = (i64::from(*base + first), i64::from(*base + last));
                found(lane, if descending { !last.to_u64() } else { first.to_u64() }, fails[lane]);
            }),
            First::Script(script) => {
                let results = script.run(list, verdicts, &[]);
                matching.for_each(|lane| {
                    let key = best_double(results.values.doubles(lane), descending);
                    found(lane, key, fails[lane] || results.fails[lane]);
                });
            }
            First::Field(field) => {
                field.read(list);
                matching.for_each(|lane| found(lane, field.best(lane), fails[lane]));
            }
            First::Unknown => matching.for_each(|lane| found(lane, 0, fails[lane])),
        }
    }
}
