//! The body of a small function in the place of its call: the interpreter takes as long for a call as for six instructions.
//!
//! The function's outermost label becomes a block, so that its branches stay as they are; its locals become locals of the
//! caller, and begin with zero each time.

use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{BlockType, Encode, Instruction, ValType};
use wasmparser::{FunctionBody, Operator};

use crate::exec::udf::wasm::inspect::Inspected;

/// How many instructions a function may have to be called small, and how many locals beside its parameters.
const MAX_INSTRUCTIONS: usize = 200;
pub(super) const MAX_LOCALS: u32 = 16;

/// A function that can stand in the place of its call.
#[derive(Debug)]
pub(super) struct Inlined {
    /// Its parameters, then its other locals.
    pub(super) locals: Vec<ValType>,
    /// What stands in the place of the call. The parameters have been set, and the result is on the stack afterwards.
    pub(super) code: Vec<u8>,
}

/// The function with its locals from number `first` on; `None`: it is to be called.
pub(super) fn inline(module: &Inspected<'_>, function: u32, first: u32) -> Option<Inlined> {
    let body = &module.bodies[(function as usize).checked_sub(module.imports.len())?];
    let ty = module.type_of(function);
    let [result] = ty.results() else { return None };
    let mut locals: Vec<_> = ty.params().iter().map(|ty| value_type(*ty)).collect::<Option<_>>()?;
    let params = locals.len();
    for declared in body.get_locals_reader().ok()? {
        let (count, ty) = declared.ok()?;
        if count > MAX_LOCALS || (locals.len() - params) as u32 + count > MAX_LOCALS {
            return None;
        }
        locals.extend(std::iter::repeat_n(value_type(ty)?, count as usize));
    }
    let mut code = Vec::new();
    for (local, ty) in (first..).zip(&locals).skip(params) {
        zero(*ty)?.encode(&mut code);
        Instruction::LocalSet(local).encode(&mut code);
    }
    Instruction::Block(BlockType::Result(value_type(*result)?)).encode(&mut code);
    instructions(body, first, &mut code)?;
    Some(Inlined { locals, code })
}

fn instructions(body: &FunctionBody<'_>, first: u32, code: &mut Vec<u8>) -> Option<()> {
    let mut depth = 0;
    for operator in operators(body)? {
        let instruction = match operator {
            Operator::Return => Instruction::Br(depth),
            Operator::ReturnCall { .. } | Operator::ReturnCallIndirect { .. } => return None,
            other => {
                match other {
                    Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                    // The last one ends the block that stands for the function.
                    Operator::End => depth = depth.saturating_sub(1),
                    _ => {}
                }
                match moved(&other, first) {
                    Some(moved) => moved,
                    None => RoundtripReencoder.instruction(other).ok()?,
                }
            }
        };
        instruction.encode(code);
    }
    Some(())
}

/// The instructions of a small function; `None`: there are more.
pub(super) fn operators<'a>(body: &FunctionBody<'a>) -> Option<Vec<Operator<'a>>> {
    let operators = body.get_operators_reader().ok()?.into_iter().take(MAX_INSTRUCTIONS + 1);
    let operators = operators.collect::<wasmparser::Result<Vec<_>>>().ok()?;
    (operators.len() <= MAX_INSTRUCTIONS).then_some(operators)
}

/// What reads or writes a local, where the locals have numbers from `first` on; `None`: it is something else.
pub(super) fn moved(operator: &Operator<'_>, first: u32) -> Option<Instruction<'static>> {
    match operator {
        Operator::LocalGet { local_index } => Some(Instruction::LocalGet(first + local_index)),
        Operator::LocalSet { local_index } => Some(Instruction::LocalSet(first + local_index)),
        Operator::LocalTee { local_index } => Some(Instruction::LocalTee(first + local_index)),
        _ => None,
    }
}

fn value_type(ty: wasmparser::ValType) -> Option<ValType> {
    match ty {
        wasmparser::ValType::I32 => Some(ValType::I32),
        wasmparser::ValType::I64 => Some(ValType::I64),
        wasmparser::ValType::F32 => Some(ValType::F32),
        wasmparser::ValType::F64 => Some(ValType::F64),
        wasmparser::ValType::V128 | wasmparser::ValType::Ref(_) => None,
    }
}

fn zero(ty: ValType) -> Option<Instruction<'static>> {
    match ty {
        ValType::I32 => Some(Instruction::I32Const(0)),
        ValType::I64 => Some(Instruction::I64Const(0)),
        ValType::F32 => Some(Instruction::F32Const(0.0.into())),
        ValType::F64 => Some(Instruction::F64Const(0.0.into())),
        ValType::V128 | ValType::Ref(_) => None,
    }
}
