//! What the names in a script stand for: the fields of a mapping, and the deployed UDFs as one search sees them.

use crate::plan::mapping::Mapping;
use crate::plan::udf::Catalog;

/// What scripts are compiled against.
#[derive(Clone, Copy, Debug)]
pub struct ScriptScope<'a> {
    /// The fields.
    pub mapping: &'a Mapping,
    /// The UDFs.
    pub catalog: &'a Catalog,
}

impl<'a> ScriptScope<'a> {
    /// Fields alone: no UDF is deployed.
    pub fn without_udfs(mapping: &'a Mapping) -> Self {
        static NONE: Catalog = Catalog::new();
        Self { mapping, catalog: &NONE }
    }
}
