//! Painless: Java's expressions and statements over a document, where they are a tree.
//!
//! Source -> tokens ([`lexer`]) -> syntax ([`parser`], [`ast`]) -> typed tree ([`lower`] and the files below it). Fields
//! have the type that the mapping gives them, so what Painless decides for each document (`def`) is decided here, once.
//! What is valid Painless but no tree yet (loops, lists, lambdas, functions) is refused with its place and the reason.

mod ast;
mod convert;
mod doc;
mod instance;
mod lexer;
mod library;
mod lower;
mod method;
mod operator;
mod params;
mod parser;
mod result;
mod score;
mod shown;
mod statement;
mod tree;
mod types;
mod udf;
mod value;
mod variable;

use crate::error::{Code, Error, Result};
use crate::plan::script::scope::ScriptScope;
use crate::plan::script::shown::ShownCase;
use crate::plan::script::{CompiledScript, ScriptContext, ScriptSource};

/// Compiles a source into a tree with Java's semantics written into it.
pub(crate) fn compile(source: &ScriptSource, context: ScriptContext, scope: ScriptScope<'_>) -> Result<CompiledScript> {
    let program = parser::parse(source)?;
    lower::Lowering::new(source, context, scope).program(&program)
}

/// Compiles the source of a script field into its cases.
pub(crate) fn compile_field(source: &ScriptSource, scope: ScriptScope<'_>) -> Result<Vec<ShownCase<CompiledScript>>> {
    let program = parser::parse(source)?;
    lower::Lowering::new(source, ScriptContext::Field, scope).script_field(&program)
}

/// A source that does not compile; `ty` is the exception's type.
fn compile_error(source: &ScriptSource, at: usize, ty: &str, reason: impl Into<String>) -> Error {
    source
        .error(Code::ScriptCompile, at, "compile error")
        .because(Error::new(Code::ScriptCompile, reason).with_type(ty))
}

/// A source that is valid, but no tree.
fn not_tree(source: &ScriptSource, at: usize, what: &str) -> Error {
    source.error(Code::ScriptNotTree, at, format!("{what} cannot be written as an expression tree yet"))
}
