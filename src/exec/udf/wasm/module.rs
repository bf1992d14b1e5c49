//! Prepares a module at deployment: what comes in is a compiler's output, what comes out is what both tiers run.
//!
//! The same bytes and options give the same module, so that its hash names it.

use crate::error::{Error, Result};
use crate::exec::udf::deployment::{Deployment, Prepared};
use crate::exec::udf::limits::Limits;
use crate::exec::udf::wasm::inspect::{Inspected, check_native, inspect, invalid};
use crate::exec::udf::wasm::interpreter;
use crate::exec::udf::wasm::rewrite::rewrite;
use crate::exec::udf::wasm::signature::fit;
use crate::plan::udf::UdfRuntime;

/// Checks a module and writes the one that runs.
///
/// # Errors
/// The module is not valid, exceeds a limit, imports what it cannot have, or has no function that fits.
pub(crate) fn prepare(wasm: &[u8], export: Option<&str>, deployment: &Deployment, limits: &Limits) -> Result<Prepared> {
    let udf = &deployment.name;
    let mut inspected = inspect(wasm, udf, limits)?;
    check_memory(&inspected, udf)?;
    let (export, signature) = fit(&inspected, export, deployment)?;
    let mut code = rewrite(&inspected, &signature, udf)?;
    if !inspected.native_only && interpreter::check(&code, limits).is_err() {
        // The interpreter has limits of its own, on the size of a data segment for one.
        inspected.native_only = true;
        code = rewrite(&inspected, &signature, udf)?;
    }
    if inspected.native_only {
        check_native(&code, udf)?;
    }
    Ok(Prepared { code, runtime: UdfRuntime::Wasm { export }, args: signature.args, result: signature.result })
}

/// What stands for an import may need the module's memory.
fn check_memory(module: &Inspected<'_>, udf: &str) -> Result<(), Error> {
    let points = module.imports.iter().any(|(import, _)| import.points_into_memory());
    if points && !module.has_memory32 {
        return Err(invalid(udf, "it imports functions of WASI, which need a 32-bit memory, but has none"));
    }
    Ok(())
}
