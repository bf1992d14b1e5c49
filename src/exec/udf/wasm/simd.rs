//! Two rows at once in native code: the body of a function of doubles, with `f64x2` in the place of `f64`.
//!
//! Only code without branches has this form: instructions that compute doubles, compare them, and choose by what was
//! compared. None of them can trap, so a row more than there is does no harm. A comparison gives a mask instead of an
//! `i32`; as nothing else gives one here, each `i32` is a mask.
//!
//! The interpreter has no SIMD, and both tiers share a module. So the driver in this form lies in a custom section, which
//! the interpreter passes over; [`substitute`] puts it in its place before a module is compiled.

use std::borrow::Cow;

use wasm_encoder::{
    CodeSection, CustomSection, Encode, Function, Instruction, Module, RawSection, SectionId, ValType as Type,
};
use wasmparser::{ExternalKind, FunctionBody, Operator, Parser, Payload, ValType};

use crate::exec::udf::wasm::inline::{Inlined, MAX_LOCALS, moved, operators};
use crate::exec::udf::wasm::inspect::Inspected;
use crate::exec::udf::wasm::rewrite::DRIVE;

/// The name of the section.
const NAME: &str = "shardscript.simd";

/// A value of each kind for two rows at once takes so many.
pub(super) const LANES: usize = 2;

/// The section that holds a driver.
pub(super) fn section(driver: Function) -> CustomSection<'static> {
    CustomSection { name: NAME.into(), data: driver.into_raw_body().into() }
}

/// A prepared module with the driver of its section, or as it is where it has none.
pub(super) fn substitute(module: &[u8]) -> wasmparser::Result<Cow<'_, [u8]>> {
    let (mut driver, mut drive, mut bodies) = (None, None, Vec::new());
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::CustomSection(section) if section.name() == NAME => driver = Some(section.data()),
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    if export.name == DRIVE && export.kind == ExternalKind::Func {
                        drive = Some(export.index as usize);
                    }
                }
            }
            Payload::CodeSectionEntry(body) => bodies.push(body.as_bytes()),
            _ => {}
        }
    }
    // Nothing is imported, so that functions and bodies have the same numbers.
    let place = drive.and_then(|drive| bodies.get_mut(drive));
    let (Some(driver), Some(place)) = (driver, place) else { return Ok(Cow::Borrowed(module)) };
    *place = driver;
    let mut out = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        let Some((id, range)) = payload?.as_section() else { continue };
        if id == SectionId::Code as u8 {
            let mut code = CodeSection::new();
            bodies.iter().for_each(|body| _ = code.raw(body));
            out.section(&code);
        } else if id != SectionId::Custom as u8 {
            out.section(&RawSection { id, data: &module[range] });
        }
    }
    Ok(Cow::Owned(out.finish()))
}

/// The function for two rows, with its locals from number `first` on; `None`: it is to be run for each row.
pub(super) fn vectorise(module: &Inspected<'_>, function: u32, first: u32) -> Option<Inlined> {
    let body = &module.bodies[(function as usize).checked_sub(module.imports.len())?];
    let ty = module.type_of(function);
    if ty.results() != [ValType::F64] || ty.params().iter().any(|ty| *ty != ValType::F64) {
        return None;
    }
    let params = ty.params().len();
    let mut count = params;
    for declared in body.get_locals_reader().ok()? {
        let (group, ty) = declared.ok()?;
        if group > MAX_LOCALS || !matches!(ty, ValType::F64 | ValType::I32) {
            return None;
        }
        count += group as usize;
    }
    if count - params > MAX_LOCALS as usize {
        return None;
    }
    let mut code = Vec::new();
    for local in params..count {
        Instruction::V128Const(0).encode(&mut code);
        Instruction::LocalSet(first + local as u32).encode(&mut code);
    }
    instructions(body, first, &mut code)?;
    Some(Inlined { locals: vec![Type::V128; count], code })
}

fn instructions(body: &FunctionBody<'_>, first: u32, code: &mut Vec<u8>) -> Option<()> {
    for operator in operators(body)? {
        if let Some(moved) = moved(&operator, first) {
            moved.encode(code);
            continue;
        }
        let instruction = match operator {
            Operator::F64Const { value } => both(value.bits()),
            Operator::F64Add => Instruction::F64x2Add,
            Operator::F64Sub => Instruction::F64x2Sub,
            Operator::F64Mul => Instruction::F64x2Mul,
            Operator::F64Div => Instruction::F64x2Div,
            Operator::F64Sqrt => Instruction::F64x2Sqrt,
            Operator::F64Min => Instruction::F64x2Min,
            Operator::F64Max => Instruction::F64x2Max,
            Operator::F64Abs => Instruction::F64x2Abs,
            Operator::F64Neg => Instruction::F64x2Neg,
            Operator::F64Ceil => Instruction::F64x2Ceil,
            Operator::F64Floor => Instruction::F64x2Floor,
            Operator::F64Trunc => Instruction::F64x2Trunc,
            Operator::F64Nearest => Instruction::F64x2Nearest,
            Operator::F64Copysign => {
                both(!(1 << 63)).encode(code);
                Instruction::V128Bitselect
            }
            Operator::F64Eq => Instruction::F64x2Eq,
            Operator::F64Ne => Instruction::F64x2Ne,
            Operator::F64Lt => Instruction::F64x2Lt,
            Operator::F64Gt => Instruction::F64x2Gt,
            Operator::F64Le => Instruction::F64x2Le,
            Operator::F64Ge => Instruction::F64x2Ge,
            Operator::I32Eqz => Instruction::V128Not,
            Operator::I32And => Instruction::V128And,
            Operator::I32Or => Instruction::V128Or,
            Operator::I32Xor => Instruction::V128Xor,
            // A mask is 1 or 0.
            Operator::F64ConvertI32S | Operator::F64ConvertI32U => {
                both(1f64.to_bits()).encode(code);
                Instruction::V128And
            }
            Operator::Select | Operator::TypedSelect { .. } => Instruction::V128Bitselect,
            Operator::Drop => Instruction::Drop,
            Operator::Nop => continue,
            // There are no blocks: this is the function's.
            Operator::End => return Some(()),
            _ => return None,
        };
        instruction.encode(code);
    }
    None
}

/// The same bits for both rows.
fn both(bits: u64) -> Instruction<'static> {
    Instruction::V128Const((u128::from(bits) << 64 | u128::from(bits)) as i128)
}
