//! What bounds scripts in a segment: a cheaper program, made once a search.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use super::Scripts;
use crate::error::Result;
use crate::exec::columns::{Class, value_type};
use crate::exec::kernel::{ClassZones, Grounds, Inputs, NOTHING_KNOWN, Program, ProgramColumn, Side};
use crate::exec::segment::SegmentContext;
use crate::plan::interval::Doubles;
use crate::plan::script::{ScriptId, ValueType};

impl Scripts {
    /// A program that bounds a script's number for the documents of a segment and costs less, where there is one and the
    /// script cannot fail there: on a side, and perhaps that of the nearest float. Scores are between these.
    ///
    /// A script is bounded in one way only in a search: by the use that ranks hits.
    pub(crate) fn bounding_program(
        &self,
        segment: SegmentContext<'_>,
        id: ScriptId,
        bound: (Side, bool),
        scores: Doubles,
    ) -> Result<Option<Arc<Program>>> {
        let mut known = self.bounds.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(program) = known.get(&(id, segment.doc_base)) {
            return Ok(program.clone());
        }
        let program = self.find_bound(segment, id, bound, scores)?.map(Arc::new);
        known.insert((id, segment.doc_base), program.clone());
        Ok(program)
    }

    fn find_bound(
        &self,
        segment: SegmentContext<'_>,
        id: ScriptId,
        bound: (Side, bool),
        scores: Doubles,
    ) -> Result<Option<Program>> {
        let any = self.program(id);
        let (mut zones, mut classes) = (HashMap::new(), HashMap::new());
        for ProgramColumn { path, .. } in any.columns() {
            let of_column = segment.zones(path, value_type(segment.mapping, path).unwrap_or(ValueType::F64))?;
            let column = segment.segment.columns(segment.mapping).column(path)?;
            if let Some(all) = column.classes(of_column.class_values()) {
                let zone = |class: &Class| if class.is_empty() { Some(None) } else { of_column.class(class).map(Some) };
                classes.insert(path.as_str(), all.classes().iter().map(zone).collect::<Option<ClassZones>>());
            }
            zones.insert(path.as_str(), of_column.whole());
        }
        if classes.is_empty() {
            return Ok(None);
        }
        let script = &self.scripts[id.0 as usize];
        let columns = |path: &str| value_type(segment.mapping, path);
        let inputs = Inputs { index: &self.index, params: &script.source.params, columns: &columns };
        let known = Grounds {
            segment: &|path| zones.get(path).copied().unwrap_or(NOTHING_KNOWN),
            classes: &|path| classes.get(path).cloned().flatten(),
            scores,
        };
        Program::bounding(&script.expr, &inputs, known, bound)
    }
}
