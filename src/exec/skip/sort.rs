//! The bounds of a sort: how good the first key of a zone's best document is, as bits of which the lower come first.

use tantivy::DocId;
use tantivy::columnar::MonotonicallyMappableToU64;

use super::Zone;
use super::field::FieldBounds;
use super::range::Range;
use super::script::ScriptBounds;
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::sort::double_bits;
use crate::plan::interval::Interval;
use crate::plan::node::{SortBy, SortKey};
use crate::plan::query::Scope;

/// A sort over the zones of a segment.
pub(super) struct SortBounds<'a> {
    first: First<'a>,
    descending: bool,
    /// The scripts of the keys after the first: they run on every hit, too, and may fail.
    others: Vec<ScriptBounds<'a>>,
    /// Whether a script tests nested documents: nothing is known of these.
    tests_nested: bool,
}

/// The first key.
enum First<'a> {
    Score,
    /// The number of the segment's first document in the index.
    Doc(DocId),
    Script(ScriptBounds<'a>),
    Field(FieldBounds),
    /// A text, an address: nothing is known of them.
    Unknown,
}

impl<'a> SortBounds<'a> {
    pub(super) fn new(segment: SegmentContext<'a>, sort: &'a [SortKey]) -> Result<Self> {
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
            SortBy::NumberScript(_) => First::Script(scripts.remove(0)),
            SortBy::StringScript(_) | SortBy::Id => First::Unknown,
            SortBy::Field(field) => {
                FieldBounds::new(segment, field, key.descending)?.map_or(First::Unknown, First::Field)
            }
        };
        Ok(Self { first, descending: key.descending, others: scripts, tests_nested })
    }

    /// The key of the best document that a zone may hold, and whether a script of the sort may fail.
    pub(super) fn best(&mut self, zone: Zone, score: Range) -> (u64, bool) {
        let mut fails = self.tests_nested;
        for script in &mut self.others {
            fails |= script.run(zone, score, &[]).fails;
        }
        let key = match &mut self.first {
            First::Score => self.best_double(score.interval()),
            First::Doc(base) => {
                let (first, last) = (i64::from(*base + zone.first()), i64::from(*base + zone.last()));
                if self.descending { !last.to_u64() } else { first.to_u64() }
            }
            First::Script(script) => {
                let bounds = script.run(zone, score, &[]);
                fails |= bounds.fails;
                self.best_double(bounds.value)
            }
            First::Field(field) => field.best(zone),
            First::Unknown => 0,
        };
        (key, fails)
    }

    /// The best of doubles: in the order of keys, NaN is above infinity and zero above minus zero.
    fn best_double(&self, value: Interval) -> u64 {
        let Interval::F64 { lo, hi, nan } = value else { return 0 };
        if self.descending {
            !double_bits(if nan { f64::NAN } else { hi + 0.0 })
        } else if lo > hi {
            double_bits(f64::NAN)
        } else {
            double_bits(if lo == 0.0 { -0.0 } else { lo })
        }
    }
}
