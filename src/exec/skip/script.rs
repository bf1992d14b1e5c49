//! The bounds of a script: interval arithmetic over the zones of its columns, the scores and the filters.

use std::array;
use std::sync::Arc;

use tantivy::DocId;

use super::range::Range;
use super::{Matches, Zone};
use crate::error::Result;
use crate::exec::columns::value_type;
use crate::exec::kernel::{BoundsMachine, LANES, ZoneInputs};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{ColumnZone, ColumnZones};
use crate::plan::interval::{Bounds, Doubles, Interval, Longs, Truth};
use crate::plan::script::{ScriptId, ValueType};

/// A script over the zones of a segment.
pub(super) struct ScriptBounds {
    machine: BoundsMachine,
    columns: Vec<ColumnZones>,
    /// What is known of the columns in the zones that wait, zone by zone.
    zones: Vec<ColumnZone>,
    /// What is known of the filters in them, zone by zone.
    truths: Vec<Truth>,
    /// The scores and the documents of the zones that wait.
    waiting: Vec<(Doubles, Longs)>,
    /// The number of the segment's first document in the index.
    doc_base: DocId,
    uses_score: bool,
}

impl ScriptBounds {
    pub(super) fn new(segment: SegmentContext<'_>, script: ScriptId) -> Result<Self> {
        let program = segment.scripts.program(script);
        let columns = program.columns().iter().map(|path| {
            // What has no column is missing everywhere, whatever its type.
            segment.zones(path, value_type(segment.mapping, path).unwrap_or(ValueType::F64))
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(Self {
            machine: BoundsMachine::new(Arc::clone(program)),
            zones: Vec::with_capacity(columns.len() * LANES),
            truths: Vec::new(),
            waiting: Vec::with_capacity(LANES),
            columns,
            doc_base: segment.doc_base,
            uses_score: program.uses_score(),
        })
    }

    /// Whether the script reads `_score`.
    pub(super) fn uses_score(&self) -> bool {
        self.uses_score
    }

    /// Adds a zone to those that [`Self::run`] looks at.
    pub(super) fn add(&mut self, zone: Zone, score: Range, filters: impl IntoIterator<Item = Matches>) {
        self.zones.extend(self.columns.iter().map(|column| match zone {
            Zone::Coarse(number) => column.coarse(number),
            Zone::Fine(number) => column.fine(number),
        }));
        self.truths.extend(filters.into_iter().map(Matches::truth));
        let doc = |doc| i64::from(self.doc_base) + i64::from(doc);
        self.waiting.push((score.doubles(), Longs::new(doc(zone.first()), doc(zone.last()))));
    }

    /// What is known of the script's value in each of the zones that were added, in their order.
    pub(super) fn run(&mut self) -> &[Bounds] {
        let count = self.waiting.len();
        let (columns, filters) = (self.columns.len(), self.truths.len() / count.max(1));
        let inputs: [ZoneInputs<'_>; LANES] = array::from_fn(|at| {
            let (score, docs) = self.waiting.get(at).copied().unwrap_or((Doubles::ALL, Longs::ALL));
            ZoneInputs {
                columns: self.zones.get(at * columns..(at + 1) * columns).unwrap_or_default(),
                score,
                filters: self.truths.get(at * filters..(at + 1) * filters).unwrap_or_default(),
                docs,
            }
        });
        let found = self.machine.run(&inputs[..count.min(LANES)]);
        self.zones.clear();
        self.truths.clear();
        self.waiting.clear();
        found
    }

    /// What is known of the script's value in a zone.
    pub(super) fn run_one(&mut self, zone: Zone, score: Range) -> Bounds {
        self.add(zone, score, []);
        self.run()[0]
    }

    /// Which documents of a zone pass the script as a test, and whether it may fail.
    pub(super) fn test(&mut self, zone: Zone, score: Range) -> (Matches, bool) {
        let bounds = self.run_one(zone, score);
        match bounds.value {
            Interval::Bool { no, yes } => (Matches::of(no, yes), bounds.fails),
            Interval::F64 { .. } | Interval::I64 { .. } | Interval::Str => (Matches::Some, true),
        }
    }
}
