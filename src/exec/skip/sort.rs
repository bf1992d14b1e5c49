//! The bounds of a sort: how good the first key of a zone's best document is, as bits of which the lower come first.

use tantivy::DocId;
use tantivy::columnar::MonotonicallyMappableToU64;

use super::field::{FieldBounds, best_double};
use super::range::Range;
use super::script::ScriptBounds;
use super::{Matches, Verdict, Zone};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::sort::KeyKind;
use crate::plan::interval::Interval;
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
    pub(super) fn best_all(&mut self, zones: &[Zone], verdicts: &[Verdict], mut found: impl FnMut(usize, u64, bool)) {
        let matching =
            || zones.iter().zip(verdicts).enumerate().filter(|(_, (_, known))| known.matches != Matches::None);
        if let (First::Script(script), [], false) = (&mut self.first, self.others.as_slice(), self.tests_nested) {
            matching().for_each(|(_, (zone, known))| script.add(*zone, known.score, []));
            for ((at, _), bounds) in matching().zip(script.run()) {
                found(at, best_of(bounds.value, self.descending), bounds.fails);
            }
            return;
        }
        for (at, (zone, known)) in matching() {
            let (key, fails) = self.best(*zone, known.score);
            found(at, key, fails);
        }
    }

    /// The key of the best document that a zone may hold, and whether a script of the sort may fail.
    fn best(&mut self, zone: Zone, score: Range) -> (u64, bool) {
        let mut fails = self.tests_nested;
        for script in &mut self.others {
            fails |= script.run_one(zone, score).fails;
        }
        let key = match &mut self.first {
            First::Score => best_of(score.doubles().into(), self.descending),
            First::Doc(base) => {
                let (first, last) = (i64::from(*base + zone.first()), i64::from(*base + zone.last()));
                if self.descending { !last.to_u64() } else { first.to_u64() }
            }
            First::Script(script) => {
                let bounds = script.run_one(zone, score);
                fails |= bounds.fails;
                best_of(bounds.value, self.descending)
            }
            First::Field(field) => field.best(zone),
            First::Unknown => 0,
        };
        (key, fails)
    }
}

/// The key of the best of the values of a score or script.
fn best_of(value: Interval, descending: bool) -> u64 {
    match value {
        Interval::F64 { lo, hi, nan } => best_double((lo, hi, nan), descending),
        Interval::I64 { .. } | Interval::Bool { .. } | Interval::Str => 0,
    }
}
