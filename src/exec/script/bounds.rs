//! What bounds scripts in a segment: a cheaper program.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Purpose, Scripts};
use crate::error::Result;
use crate::exec::columns::{Class, Column, value_type};
use crate::exec::kernel::{ClassZones, Grounds, Inputs, NOTHING_KNOWN, Program, ProgramColumn, Side};
use crate::exec::segment::SegmentContext;
use crate::exec::zones::ColumnZones;
use crate::plan::interval::Doubles;
use crate::plan::script::{ScriptId, ValueType};

impl Scripts {
    /// A program that bounds a script's number for the documents of a segment and costs less, where there is one and the
    /// script cannot fail there: on a side, and perhaps that of the nearest float. Scores are between these.
    pub(crate) fn bounding_program(
        &self,
        segment: SegmentContext<'_>,
        id: ScriptId,
        bound: (Side, bool),
        scores: Doubles,
    ) -> Result<Option<Arc<Program>>> {
        let mut columns = Vec::new();
        for ProgramColumn { path, .. } in self.program(id).columns() {
            let zones = segment.zones(path, value_type(segment.mapping, path).unwrap_or(ValueType::F64))?;
            columns.push((path.as_str(), zones, segment.segment.columns(segment.mapping).column(path)?));
        }
        // Columns have classes once they have been read often enough: what is made now holds until others have some.
        let with_classes = columns.iter().filter(|(_, zones, column)| column.classes(zones.class_values()).is_some());
        let with_classes = with_classes.count();
        if with_classes == 0 {
            return Ok(None);
        }
        let make = || Ok((self.find_bound(segment, id, &columns, bound, scores)?.map(Arc::new), true));
        self.for_segment((Purpose::Bound { with_classes }, id, segment.doc_base), make)
    }

    fn find_bound(
        &self,
        segment: SegmentContext<'_>,
        id: ScriptId,
        columns: &[(&str, ColumnZones, Arc<Column>)],
        bound: (Side, bool),
        scores: Doubles,
    ) -> Result<Option<Program>> {
        let (mut zones, mut classes) = (HashMap::new(), HashMap::new());
        for (path, of_column, column) in columns {
            if let Some(all) = column.classes(of_column.class_values()) {
                let zone = |class: &Class| if class.is_empty() { Some(None) } else { of_column.class(class).map(Some) };
                classes.insert(*path, all.classes().iter().map(zone).collect::<Option<ClassZones>>());
            }
            zones.insert(*path, of_column.whole());
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
