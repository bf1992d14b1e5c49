//! Lucene expressions.

use crate::error::{Code, Error, Result};
use crate::plan::mapping::Mapping;
use crate::plan::script::{CompiledScript, ScriptContext, ScriptSource};

/// Compiles a source into a tree with the semantics of Lucene expressions written into it.
pub(crate) fn compile(source: &ScriptSource, _context: ScriptContext, _mapping: &Mapping) -> Result<CompiledScript> {
    Err(Error::new(Code::ScriptNotTree, source.source.clone()))
}
