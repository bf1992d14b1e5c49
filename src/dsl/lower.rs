//! What lowering needs to know: the mapping, the time, the scripts found so far, the nested scope.

use crate::plan::mapping::Mapping;
use crate::plan::script::ScriptTable;

/// The state of lowering one body.
#[derive(Debug)]
pub struct Lowering<'a> {
    /// The mapping of the index.
    pub mapping: &'a Mapping,
    /// `now` of date math, in milliseconds since the epoch.
    pub now_ms: i64,
    /// The scripts of the plan.
    pub scripts: &'a mut ScriptTable,
    /// The path of the nested query that is being lowered, innermost last.
    pub nested: Vec<String>,
    /// How many clauses the body has used of the 1,024 that are allowed.
    pub clauses: usize,
}
