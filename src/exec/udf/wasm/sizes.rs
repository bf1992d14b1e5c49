//! What a module may ask of those that read and compile it: sizes in bytes, and counts of what is small and yet asks for much.
//!
//! Code of a few kilobytes may ask a compiler for gigabytes: it keeps a value for each local at each place where control
//! flow meets, and for each argument and result of each call. Modules that compilers write are far from these numbers.

use wasmparser::{BlockType, ConstExpr, DataKind, ElementItems, ElementKind, FunctionBody, Operator, Parser, Payload};

use crate::error::Result;
use crate::exec::udf::limits::{Limit, Limits, exceeded};
use crate::exec::udf::wasm::inspect::{Inspected, invalid};

/// Functions of a module, with those that are imported, at most.
const MAX_FUNCTIONS: u64 = 30_000;
/// Imports, at most: there are fewer that are answered.
const MAX_IMPORTS: u64 = 1_000;
/// Bytes of an expression that initialises something, at most: engines evaluate it by recursion.
const MAX_CONSTANT: usize = 1_000;
/// Locals of a function, times the places where its control flow meets, at most.
const MAX_JOINS: u64 = 2_000_000;
/// Values that the calls, blocks and branches of a function pass, at most.
const MAX_PASSED: u64 = 500_000;
/// How deep blocks may lie in each other: a compiler's time and memory grow with its square.
const MAX_DEPTH: u64 = 4_000;
/// Instructions of a function that make a memory grow, at most: those of a block are paid for at once.
pub(super) const MAX_GROWTHS: u64 = 1_000;

/// Looks at a module before it is validated, which may cost a multiple of its size.
pub(super) fn check_module(wasm: &[u8], udf: &str, limits: &Limits) -> Result<()> {
    let mut size = 0;
    let mut functions = 0;
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload.map_err(|e| invalid(udf, &e.to_string()))?;
        match &payload {
            Payload::CustomSection(_) => continue,
            Payload::CodeSectionEntry(body) if body.range().len() > limits.function => {
                return Err(exceeded(udf, Limit::Function, format!("{} bytes", limits.function)));
            }
            Payload::CodeSectionEntry(_) => continue,
            _ => {}
        }
        size += payload.as_section().map_or(0, |(_, range)| range.len());
        if size > limits.module {
            return Err(exceeded(udf, Limit::Module, format!("{} bytes", limits.module)));
        }
        let asked = count(&payload, &mut functions).map_err(|e| invalid(udf, &e.to_string()))?;
        let too_many = |limit, what: &str, most: u64| Err(exceeded(udf, limit, format!("{most} {what}")));
        if asked.elements > limits.table as u64 {
            return too_many(Limit::Table, "elements", limits.table as u64);
        }
        if asked.constant > MAX_CONSTANT {
            return too_many(Limit::Module, "bytes of an expression that initialises something", MAX_CONSTANT as u64);
        }
        if asked.imports > MAX_IMPORTS {
            return too_many(Limit::Module, "imports", MAX_IMPORTS);
        }
        if functions > MAX_FUNCTIONS {
            return too_many(Limit::Module, "functions", MAX_FUNCTIONS);
        }
    }
    Ok(())
}

/// What a section asks for.
#[derive(Default)]
struct Asked {
    imports: u64,
    /// The elements of all segments.
    elements: u64,
    /// The bytes of the longest expression.
    constant: usize,
}

impl Asked {
    fn constant(&mut self, expression: &ConstExpr<'_>) {
        self.constant = self.constant.max(expression.get_binary_reader().range().len());
    }
}

fn count(payload: &Payload<'_>, functions: &mut u64) -> wasmparser::Result<Asked> {
    let mut asked = Asked::default();
    match payload {
        Payload::ImportSection(section) => {
            for import in section.clone().into_imports() {
                import?;
                asked.imports += 1;
            }
            *functions += asked.imports;
        }
        Payload::FunctionSection(section) => *functions += u64::from(section.count()),
        Payload::GlobalSection(section) => {
            for global in section.clone() {
                asked.constant(&global?.init_expr);
            }
        }
        Payload::DataSection(section) => {
            for data in section.clone() {
                if let DataKind::Active { offset_expr, .. } = data?.kind {
                    asked.constant(&offset_expr);
                }
            }
        }
        Payload::ElementSection(section) => {
            for segment in section.clone() {
                let segment = segment?;
                if let ElementKind::Active { offset_expr, .. } = segment.kind {
                    asked.constant(&offset_expr);
                }
                match segment.items {
                    ElementItems::Functions(functions) => asked.elements += u64::from(functions.count()),
                    ElementItems::Expressions(_, expressions) => {
                        asked.elements += u64::from(expressions.count());
                        for expression in expressions {
                            asked.constant(&expression?);
                        }
                    }
                }
            }
        }
        _ => {}
    }
    Ok(asked)
}

/// Looks at the body of a function, whose types have been validated.
pub(super) fn check_body(module: &Inspected<'_>, body: &FunctionBody<'_>, udf: &str) -> wasmparser::Result<Result<()>> {
    let mut locals = 0u64;
    for group in body.get_locals_reader()? {
        locals += u64::from(group?.0);
    }
    let passed_by = |ty: u32| {
        let ty = &module.types[ty as usize];
        (ty.params().len() + ty.results().len()) as u64
    };
    let function = module.functions[module.bodies.len()];
    let (mut joins, mut growths, mut passed, mut branches) = (0u64, 0u64, 0u64, 0u64);
    let (mut widest, mut depth, mut deepest) = (passed_by(function), 0u64, 0u64);
    for operator in body.get_operators_reader()? {
        match operator? {
            Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => {
                joins += 1;
                depth += 1;
                deepest = deepest.max(depth);
                if let BlockType::FuncType(ty) = blockty {
                    passed += passed_by(ty);
                    widest = widest.max(passed_by(ty));
                }
            }
            Operator::End => depth = depth.saturating_sub(1),
            Operator::Br { .. } | Operator::BrIf { .. } | Operator::Return => branches += 1,
            Operator::BrTable { targets } => branches += u64::from(targets.len()) + 1,
            Operator::Call { function_index } | Operator::ReturnCall { function_index } => {
                let ty = module.type_of(function_index);
                passed += (ty.params().len() + ty.results().len()) as u64;
            }
            Operator::CallIndirect { type_index, .. } | Operator::ReturnCallIndirect { type_index, .. } => {
                passed += passed_by(type_index);
            }
            Operator::MemoryGrow { .. } => growths += 1,
            _ => {}
        }
    }
    // A branch passes as many values as the widest block, or fewer; up to one they cost what the branch itself does.
    passed += branches.saturating_mul(widest.saturating_sub(1));
    let counts = [
        (growths, MAX_GROWTHS, "instructions that grow memory"),
        (locals.saturating_mul(joins), MAX_JOINS, "locals times blocks"),
        (passed, MAX_PASSED, "values that are passed"),
        (deepest, MAX_DEPTH, "blocks in each other"),
    ];
    Ok(match counts.into_iter().find(|(count, most, _)| count > most) {
        None => Ok(()),
        Some((_, most, what)) => Err(exceeded(udf, Limit::Function, format!("{most} {what}"))),
    })
}
