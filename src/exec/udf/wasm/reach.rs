//! Which functions of a module a call can reach, and how much work it does at most.
//!
//! What is not reached is not compiled. What has no loop, no recursion and no call that depends on data ends by itself
//! after few instructions, so that its code needs no checks of the deadline: the host looks at the clock between batches.

use std::collections::HashMap;

use wasmparser::Operator;

use crate::exec::udf::wasm::inspect::Inspected;

/// How many instructions a call may run to be called without checks of the deadline in its code.
const MAX_UNMETERED: u64 = 1_000;

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Whether a function that is not imported is reached.
    pub(super) reached: Vec<bool>,
    /// The functions that code makes references to; they have to be declared.
    pub(super) referred: Vec<u32>,
    /// Whether a call may take any time.
    pub(super) metered: bool,
    /// Whether a table may grow.
    pub(super) grows_table: bool,
}

/// What the code of a function does beside computing.
#[derive(Debug, Default)]
struct Body {
    instructions: u64,
    calls: Vec<u32>,
    referred: Vec<u32>,
    /// A loop, or an instruction whose cost depends on its operands.
    unbounded: bool,
    /// Functions that are found in tables or references may be called.
    indirect: bool,
    grows_table: bool,
}

/// Walks from the functions that are called.
pub(super) fn walk(module: &Inspected<'_>, roots: &[u32]) -> wasmparser::Result<Reach> {
    let imports = module.imports.len() as u32;
    let mut reach = Reach { reached: vec![false; module.bodies.len()], ..Reach::default() };
    let mut bodies = HashMap::new();
    let mut open = roots.to_vec();
    let mut has_indirect = false;
    while let Some(function) = open.pop() {
        let Some(index) = function.checked_sub(imports) else { continue };
        if std::mem::replace(&mut reach.reached[index as usize], true) {
            continue;
        }
        let body = read(module, index as usize)?;
        open.extend(&body.calls);
        open.extend(&body.referred);
        reach.referred.extend(&body.referred);
        reach.grows_table |= body.grows_table;
        if body.indirect && !std::mem::replace(&mut has_indirect, true) {
            open.extend(&module.referred);
        }
        bodies.insert(index, body);
    }
    reach.referred.sort_unstable();
    reach.referred.dedup();
    reach.metered = roots.iter().any(|root| spend(&bodies, imports, *root, MAX_UNMETERED).is_none());
    Ok(reach)
}

fn read(module: &Inspected<'_>, index: usize) -> wasmparser::Result<Body> {
    let mut body = Body::default();
    for operator in module.bodies[index].get_operators_reader()? {
        body.instructions += 1;
        match operator? {
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                body.calls.push(function_index);
            }
            Operator::RefFunc { function_index } => body.referred.push(function_index),
            Operator::CallIndirect { .. } | Operator::ReturnCallIndirect { .. } => {
                body.indirect = true;
                body.unbounded = true;
            }
            Operator::TableGet { .. } => body.indirect = true,
            Operator::TableGrow { .. } => {
                body.grows_table = true;
                body.unbounded = true;
            }
            Operator::Loop { .. }
            | Operator::MemoryGrow { .. }
            | Operator::MemoryFill { .. }
            | Operator::MemoryCopy { .. }
            | Operator::MemoryInit { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. } => body.unbounded = true,
            _ => {}
        }
    }
    Ok(body)
}

/// What is left of a number of instructions after a call of a function, which is walked as if it took every branch;
/// `None`: it is not known to end within them. Each visit costs an instruction, so the walk is short and not deep.
fn spend(bodies: &HashMap<u32, Body>, imports: u32, function: u32, left: u64) -> Option<u64> {
    // What stands for an import is short, but for the filling of memory.
    let body = bodies.get(&function.checked_sub(imports)?)?;
    let left = left.checked_sub(body.instructions).filter(|_| !body.unbounded)?;
    body.calls.iter().try_fold(left, |left, callee| spend(bodies, imports, *callee, left))
}
