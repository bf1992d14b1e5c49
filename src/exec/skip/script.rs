//! The bounds of a script: interval arithmetic over the zones of its columns, the scores and the filters.

use tantivy::DocId;

use super::{Matches, Verdicts};
use crate::error::Result;
use crate::exec::columns::value_type;
use crate::exec::kernel::{BoundsMachine, ProgramColumn, ZoneInputs, ZoneResults};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{ColumnLanes, ColumnZones, Lanes, ZoneList};
use crate::plan::interval::{Interval, Longs};
use crate::plan::script::{ScriptId, ValueType};

/// A script over the zones of a segment.
pub(super) struct ScriptBounds {
    machine: BoundsMachine,
    columns: Vec<ColumnZones>,
    /// What is known of the columns in the zones that are looked at.
    zones: Vec<ColumnLanes>,
    /// The scores that the script reads in them.
    scores: Box<Lanes>,
    /// The number of the segment's first document in the index.
    doc_base: DocId,
    uses_score: bool,
}

impl ScriptBounds {
    pub(super) fn new(segment: SegmentContext<'_>, script: ScriptId) -> Result<Self> {
        let program = segment.scripts.bounds_program(segment, script)?;
        let columns = program.columns().iter().map(|ProgramColumn { path, table }| {
            // What has no column is missing everywhere, whatever its type.
            let field = segment.zones(path, value_type(segment.mapping, path).unwrap_or(ValueType::F64))?;
            Ok(match table {
                Some(table) => field.tabulated(table.bounds(), table.is_open()),
                None => field,
            })
        });
        let columns = columns.collect::<Result<Vec<_>>>()?;
        Ok(Self {
            uses_score: program.uses_score(),
            machine: BoundsMachine::new(program),
            zones: columns.iter().map(ColumnZones::lanes).collect(),
            columns,
            scores: Box::new(Lanes::of(Interval::doubles(-0.0, 0.0))),
            doc_base: segment.doc_base,
        })
    }

    /// Whether the script reads `_score`.
    pub(super) fn uses_score(&self) -> bool {
        self.uses_score
    }

    /// What is known of the script's value in some zones whose matches score as the verdicts say.
    pub(super) fn run(&mut self, list: &ZoneList, verdicts: &Verdicts, filters: &[Lanes]) -> ZoneResults<'_> {
        if self.uses_score {
            let scores = &mut *self.scores;
            scores.flags[..list.len].copy_from_slice(&verdicts.scores.flags[..list.len]);
            for lane in 0..list.len {
                // Zero has two signs; which one a score has is not known.
                let lo = verdicts.scores.lo[lane];
                scores.lo[lane] = if lo == 0.0 { -0.0 } else { lo };
                scores.hi[lane] = verdicts.scores.hi[lane] + 0.0;
            }
        }
        self.machine_run(list, filters)
    }

    fn machine_run(&mut self, list: &ZoneList, filters: &[Lanes]) -> ZoneResults<'_> {
        let Self { machine, columns, zones, scores, doc_base, .. } = self;
        columns.iter().zip(&mut *zones).for_each(|(column, zones)| column.read(list, zones));
        let docs = |lane| {
            let (first, last) = list.docs(lane);
            Longs::new(i64::from(*doc_base) + i64::from(first), i64::from(*doc_base) + i64::from(last))
        };
        machine.run(&ZoneInputs { zones: list.len, columns: zones, scores, filters, docs: &docs })
    }

    /// For each of some zones, which of its documents pass the script as a test, and whether it may fail. As the operator
    /// does, a script of a filter reads 0 for the score.
    pub(super) fn test(&mut self, list: &ZoneList, mut found: impl FnMut(usize, Matches, bool)) {
        let results = self.machine_run(list, &[]);
        for lane in 0..list.len {
            let bounds = results.zone(lane);
            match bounds.value {
                Interval::Bool { no, yes } => found(lane, Matches::of(no, yes), bounds.fails),
                Interval::F64 { .. } | Interval::I64 { .. } | Interval::Str => found(lane, Matches::Some, true),
            }
        }
    }
}
