//! The bounds of a script: interval arithmetic over the zones of its columns, the scores and the filters.

use std::sync::Arc;

use smallvec::SmallVec;
use tantivy::DocId;

use super::range::Range;
use super::{Matches, Zone};
use crate::error::Result;
use crate::exec::columns::value_type;
use crate::exec::kernel::{BoundsMachine, ZoneInputs};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{ColumnZone, ColumnZones};
use crate::plan::interval::{Bounds, Interval, Longs, Truth};
use crate::plan::script::{ScriptId, ValueType};

/// A script over the zones of a segment.
pub(super) struct ScriptBounds {
    machine: BoundsMachine,
    columns: Vec<ColumnZones>,
    /// What is known of the columns in the zone that is looked at.
    zones: Vec<ColumnZone>,
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
            zones: Vec::with_capacity(columns.len()),
            columns,
            doc_base: segment.doc_base,
            uses_score: program.uses_score(),
        })
    }

    /// Whether the script reads `_score`.
    pub(super) fn uses_score(&self) -> bool {
        self.uses_score
    }

    /// What is known of the script's value in a zone.
    pub(super) fn run(&mut self, zone: Zone, score: Range, filters: &[Matches]) -> Bounds {
        self.zones.clear();
        self.zones.extend(self.columns.iter().map(|column| match zone {
            Zone::Coarse(number) => column.coarse(number),
            Zone::Fine(number) => column.fine(number),
        }));
        let filters: SmallVec<[Truth; 8]> = filters.iter().map(|matches| matches.truth()).collect();
        let doc = |doc| i64::from(self.doc_base) + i64::from(doc);
        self.machine.run(&ZoneInputs {
            columns: &self.zones,
            score: score.doubles(),
            filters: &filters,
            docs: Longs::new(doc(zone.first()), doc(zone.last())),
        })
    }

    /// Which documents of a zone pass the script as a test, and whether it may fail.
    pub(super) fn test(&mut self, zone: Zone, score: Range) -> (Matches, bool) {
        let bounds = self.run(zone, score, &[]);
        match bounds.value {
            Interval::Bool { no, yes } => (Matches::of(no, yes), bounds.fails),
            Interval::F64 { .. } | Interval::I64 { .. } | Interval::Str => (Matches::Some, true),
        }
    }
}
