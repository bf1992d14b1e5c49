//! Painless sources whose body is an expression tree.

use crate::error::{Code, Error, Result};
use crate::plan::mapping::Mapping;
use crate::plan::script::{CompiledScript, ScriptContext, ScriptSource};

/// Compiles a source into a tree with Java's semantics written into it.
pub(crate) fn compile(source: &ScriptSource, _context: ScriptContext, _mapping: &Mapping) -> Result<CompiledScript> {
    Err(Error::new(Code::ScriptNotTree, source.source.clone()))
}
