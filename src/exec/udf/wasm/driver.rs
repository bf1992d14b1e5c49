//! Generates the driver: a function of the module itself that calls the UDF for the rows of a batch.
//!
//! It loads the arguments from columns in a memory of its own, calls, and stores the result. A small function stands there
//! instead of its call. `drive(from, to) -> reached` counts in bytes of a column, eight a row. It returns early where the text of a result
//! has no room; the host empties the text, or makes more room, and goes on from there.
//!
//! ```text
//! loop
//!   row = at
//!   results[at] = udf(a[at & mask_a], b[at & mask_b], ..)     a mask of 0: one cell for all rows
//!   at += 8
//!   br_if at < to
//! ```
//!
//! Where a function of doubles has no branches there is another driver for native code, of the same form: it loads, computes
//! and stores two rows at once.

mod strings;

use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use crate::exec::udf::wasm::inline::{Inlined, inline};
use crate::exec::udf::wasm::inspect::Inspected;
use crate::exec::udf::wasm::layout;
use crate::exec::udf::wasm::signature::{Signature, Text};
use crate::exec::udf::wasm::simd::{LANES, vectorise};
use crate::exec::udf::wasm::wasi::at;
use crate::plan::udf::UdfType;

const AT: u32 = 0;
const TO: u32 = 1;
/// A result's pointer and length, in the upper and lower half.
const RESULT: u32 = 2;
const LENGTH: u32 = 3;
const NEXT: u32 = 4;
const MASKS: u32 = 5;

/// Generates it.
pub(super) fn driver(module: &Inspected<'_>, signature: &Signature) -> Function {
    let body = match signature.text {
        Some(_) => None,
        None => inline(module, signature.function, first_local(signature)),
    };
    generate(module, signature, body.as_ref().map_or(Row::Called, Row::Inlined))
}

/// Generates the one for two rows at once, where the function has such a form.
pub(super) fn simd_driver(module: &Inspected<'_>, signature: &Signature) -> Option<Function> {
    if signature.passed.iter().chain([&signature.result]).any(|ty| *ty != UdfType::F64) {
        return None;
    }
    let body = vectorise(module, signature.function, first_local(signature))?;
    Some(generate(module, signature, Row::Vectorised(&body)))
}

/// The first local of what is inlined: after the masks and a pointer for each string.
fn first_local(signature: &Signature) -> u32 {
    MASKS + signature.passed.len() as u32 + strings(signature)
}

fn strings(signature: &Signature) -> u32 {
    signature.passed.iter().filter(|ty| **ty == UdfType::Str).count() as u32
}

fn generate(module: &Inspected<'_>, signature: &Signature, row: Row<'_>) -> Function {
    let mut locals = vec![(1, ValType::I64), (2 + signature.passed.len() as u32 + strings(signature), ValType::I32)];
    if let Row::Inlined(body) | Row::Vectorised(body) = row {
        locals.extend(body.locals.iter().map(|ty| (1, *ty)));
    }
    let mut function = Function::new(locals);
    let mut driver = Driver { bytes: Vec::new(), signature, memory: module.memory_count, row };
    driver.generate();
    function.raw(driver.bytes);
    function
}

/// How a row is computed.
#[derive(Clone, Copy)]
enum Row<'a> {
    /// The function is called.
    Called,
    /// Its body stands in the place of the call.
    Inlined(&'a Inlined),
    /// So does its body for two rows.
    Vectorised(&'a Inlined),
}

struct Driver<'a> {
    bytes: Vec<u8>,
    signature: &'a Signature,
    /// Its own.
    memory: u32,
    row: Row<'a>,
}

impl Driver<'_> {
    fn code(&mut self) -> InstructionSink<'_> {
        InstructionSink::new(&mut self.bytes)
    }

    fn generate(&mut self) {
        let memory = self.memory;
        for (index, _) in self.signature.passed.iter().enumerate() {
            let mask = at(memory, layout::MASKS + 4 * index, 2);
            self.code().i32_const(0).i32_load(mask).local_set(MASKS + index as u32);
        }
        self.code().block(BlockType::Empty);
        self.code().local_get(AT).local_get(TO).i32_ge_u().br_if(0);
        self.code().loop_(BlockType::Empty);
        self.code().i32_const(0).local_get(AT).i32_store(at(memory, layout::ROW, 2));
        if self.signature.result == UdfType::Str {
            self.string_row();
        } else {
            self.scalar_row();
        }
        let rows = if self.is_vectorised() { LANES } else { 1 };
        self.code().local_get(AT).i32_const((rows * layout::CELL) as i32).i32_add().local_tee(AT);
        self.code().local_get(TO).i32_lt_u().br_if(0);
        self.code().end().end();
        self.code().local_get(AT).end();
    }

    fn scalar_row(&mut self) {
        let result = layout::column(self.signature.passed.len());
        let memory = self.memory;
        self.strings_in();
        match self.row {
            Row::Called => {
                self.code().local_get(AT);
                self.call();
            }
            Row::Inlined(body) | Row::Vectorised(body) => {
                for (local, index) in (first_local(self.signature)..).zip(0..self.signature.passed.len()) {
                    self.load(index);
                    self.code().local_set(local);
                }
                self.code().local_get(AT);
                self.bytes.extend(&body.code);
            }
        }
        match self.signature.result {
            UdfType::I32 | UdfType::Bool => _ = self.code().i32_store(at(memory, result, 2)),
            UdfType::I64 | UdfType::Str => _ = self.code().i64_store(at(memory, result, 3)),
            UdfType::F32 => _ = self.code().f32_store(at(memory, result, 2)),
            UdfType::F64 if self.is_vectorised() => _ = self.code().v128_store(at(memory, result, 3)),
            UdfType::F64 => _ = self.code().f64_store(at(memory, result, 3)),
        }
        if self.signature.text.is_some() {
            self.after_strings();
        }
    }

    /// Loads the arguments and calls.
    fn call(&mut self) {
        let memory = self.memory;
        let mut pointer = MASKS + self.signature.passed.len() as u32;
        for (index, ty) in self.signature.passed.iter().enumerate() {
            if *ty != UdfType::Str {
                self.load(index);
                continue;
            }
            self.code().local_get(pointer);
            if let Some(Text::Utf8 { .. }) = self.signature.text {
                self.place(index).i32_load(at(memory, layout::column(index) + 4, 2));
            }
            pointer += 1;
        }
        let function = self.signature.function;
        self.code().call(function);
    }

    fn is_vectorised(&self) -> bool {
        matches!(self.row, Row::Vectorised(_))
    }

    /// Loads a number.
    fn load(&mut self, index: usize) {
        let (memory, column) = (self.memory, layout::column(index));
        match self.signature.passed[index] {
            UdfType::I32 | UdfType::Bool => _ = self.place(index).i32_load(at(memory, column, 2)),
            UdfType::I64 | UdfType::Str => _ = self.place(index).i64_load(at(memory, column, 3)),
            UdfType::F32 => _ = self.place(index).f32_load(at(memory, column, 2)),
            UdfType::F64 if self.is_vectorised() => _ = self.place(index).v128_load(at(memory, column, 3)),
            UdfType::F64 => _ = self.place(index).f64_load(at(memory, column, 3)),
        }
    }

    /// The place of a row's cell in a column.
    fn place(&mut self, index: usize) -> InstructionSink<'_> {
        let mut code = self.code();
        code.local_get(AT).local_get(MASKS + index as u32).i32_and();
        code
    }
}
