//! The bounds of a script: interval arithmetic over the zones of its columns, the scores and the filters.

use super::range::Range;
use super::{Matches, Zone};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::plan::interval::{Bounds, Interval};
use crate::plan::script::ScriptId;

/// A script over the zones of a segment.
pub(super) struct ScriptBounds<'a> {
    segment: SegmentContext<'a>,
    script: ScriptId,
}

impl<'a> ScriptBounds<'a> {
    pub(super) fn new(segment: SegmentContext<'a>, script: ScriptId) -> Result<Self> {
        Ok(Self { segment, script })
    }

    /// Whether the script reads `_score`.
    pub(super) fn uses_score(&self) -> bool {
        self.segment.scripts.program(self.script).uses_score()
    }

    /// What is known of the script's value in a zone.
    pub(super) fn run(&mut self, _: Zone, _: Range, _: &[Matches]) -> Bounds {
        Bounds { value: Interval::all(self.segment.scripts.program(self.script).result_type()), fails: true }
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
