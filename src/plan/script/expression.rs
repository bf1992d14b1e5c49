//! Lucene expressions: `doc['views'].value * ln(2 + boost)`.
//!
//! Source -> tokens ([`lexer`]) -> syntax tree ([`parser`]) -> typed tree ([`lower`]), with the variables that it names
//! bound to parameters and fields ([`variable`]). Every value is a double and a missing one is 0, so nothing but a UDF that it calls can fail.

mod lexer;
mod lower;
mod parser;
mod udf;
mod variable;

use datafusion_expr::{Expr, Operator};

use crate::error::{Code, Error, Result};
use crate::plan::expr::{binary, double};
use crate::plan::script::scope::ScriptScope;
use crate::plan::script::{CompiledScript, ScriptContext, ScriptSource, ValueType};
use lower::Lowering;

/// Compiles a source into a tree with the semantics of Lucene expressions written into it.
pub(crate) fn compile(source: &ScriptSource, context: ScriptContext, scope: ScriptScope<'_>) -> Result<CompiledScript> {
    if context == ScriptContext::StringSort {
        return Err(source.error(Code::ScriptResult, 0, "an expression gives numbers and cannot sort as a string"));
    }
    let ast = parser::parse(source)?;
    let ScriptScope { mapping, catalog } = scope;
    let lowering = Lowering { source, context, mapping, catalog };
    Ok(match context {
        ScriptContext::Filter => CompiledScript { expr: filter(&lowering, &ast)?, ty: ValueType::Bool },
        _ => CompiledScript { expr: lowering.double(&ast)?, ty: ValueType::F64 },
    })
}

/// A filter passes what is not 0; NaN is not 0.
fn filter(lowering: &Lowering<'_>, ast: &parser::Node) -> Result<Expr> {
    if ast.is_boolean() {
        return lowering.truth(ast);
    }
    Ok(binary(lowering.double(ast)?, Operator::NotEq, double(0.0)))
}

/// A source that does not compile: the error that Lucene's parser reports.
fn syntax_error(source: &ScriptSource, offset: usize, reason: impl Into<String>) -> Error {
    let cause = Error::new(Code::ScriptCompile, reason).with_type("parse_exception");
    source.error(Code::ScriptCompile, offset, "compile error").because(cause)
}

/// A name that cannot be bound; `ty` is the exception's.
fn link_error(source: &ScriptSource, code: Code, offset: usize, ty: &str, reason: impl Into<String>) -> Error {
    source.error(code, offset, "link error").because(Error::new(code, reason).with_type(ty))
}
