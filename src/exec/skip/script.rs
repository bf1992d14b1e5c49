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
    /// The scores that a filter's script reads in them.
    no_scores: Box<Lanes>,
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
            no_scores: Box::new(Lanes::of(Interval::doubles(0.0, 0.0))),
            doc_base: segment.doc_base,
        })
    }

    /// Whether the script reads `_score`.
    pub(super) fn uses_score(&self) -> bool {
        self.uses_score
    }

    /// What is known of the script's value in some zones whose matches score as the verdicts say.
    pub(super) fn run(&mut self, list: &ZoneList, verdicts: &Verdicts, filters: &[Lanes]) -> ZoneResults<'_> {
        self.read(list);
        let docs = docs(list, self.doc_base);
        let scores = &verdicts.scores;
        self.machine.run(&ZoneInputs { zones: list.len, columns: &self.zones, scores, filters, docs: &docs })
    }

    /// Reads what is known of the columns.
    fn read(&mut self, list: &ZoneList) {
        self.columns.iter().zip(&mut self.zones).for_each(|(column, zones)| column.read(list, zones));
    }

    /// For each of some zones, which of its documents pass the script as a test, and whether it may fail. As the operator
    /// does, a script of a filter reads 0 for the score.
    pub(super) fn test(&mut self, list: &ZoneList, mut found: impl FnMut(usize, Matches, bool)) {
        self.read(list);
        let (docs, scores) = (docs(list, self.doc_base), &*self.no_scores);
        let inputs = ZoneInputs { zones: list.len, columns: &self.zones, scores, filters: &[], docs: &docs };
        let results = self.machine.run(&inputs);
        for lane in 0..list.len {
            let bounds = results.zone(lane);
            match bounds.value {
                Interval::Bool { no, yes } => found(lane, Matches::of(no, yes), bounds.fails),
                Interval::F64 { .. } | Interval::I64 { .. } | Interval::Str => found(lane, Matches::Some, true),
            }
        }
    }
}

/// The numbers of the documents of zones of a segment that starts with a document.
fn docs(list: &ZoneList, base: DocId) -> impl Fn(usize) -> Longs {
    move |lane| {
        let (first, last) = list.docs(lane);
        Longs::new(i64::from(base) + i64::from(first), i64::from(base) + i64::from(last))
    }
}
