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

use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use crate::exec::udf::wasm::inline::{Inlined, inline};
use crate::exec::udf::wasm::inspect::Inspected;
use crate::exec::udf::wasm::layout::{self, Stop};
use crate::exec::udf::wasm::signature::{Signature, Text};
use crate::exec::udf::wasm::simd::{LANES, vectorise};
use crate::exec::udf::wasm::wasi::{at, stop};
use crate::plan::udf::UdfType;

/// The id of strings in AssemblyScript's runtime.
const STRING_CLASS: i32 = 2;

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

    fn string_row(&mut self) {
        let (memory, column) = (self.memory, layout::column(self.signature.passed.len()));
        // A result that waits for room is not asked for again.
        self.code().i32_const(0).i32_load(at(memory, layout::WAITING, 2)).if_(BlockType::Empty);
        self.code().i32_const(0).i64_load(at(memory, layout::RESULT, 3)).local_set(RESULT);
        self.code().i32_const(0).i32_const(0).i32_store(at(memory, layout::WAITING, 2));
        self.code().else_();
        self.strings_in();
        self.call();
        self.result_span();
        self.after_strings();
        self.code().end();
        // It has to lie in the module's memory.
        self.code().local_get(RESULT).i32_wrap_i64().local_set(LENGTH);
        self.code().local_get(RESULT).i64_const(32).i64_shr_u();
        self.inside_memory(LENGTH);
        self.code().i32_eqz().if_(BlockType::Empty);
        stop(&mut self.code(), memory, Stop::Result);
        self.code().end();
        // It has to have room.
        self.code().i32_const(0).i32_load(at(memory, layout::TEXT_NEXT, 2)).local_tee(NEXT).i64_extend_i32_u();
        self.code().local_get(LENGTH).i64_extend_i32_u().i64_add();
        self.code().i32_const(0).i64_load32_u(at(memory, layout::TEXT_END, 2)).i64_gt_u().if_(BlockType::Empty);
        self.code().i32_const(0).local_get(RESULT).i64_store(at(memory, layout::RESULT, 3));
        self.code().i32_const(0).i32_const(1).i32_store(at(memory, layout::WAITING, 2));
        self.code().local_get(AT).return_().end();
        self.code().local_get(NEXT).local_get(RESULT).i64_const(32).i64_shr_u().i32_wrap_i64();
        self.code().local_get(LENGTH).memory_copy(memory, 0);
        self.code().local_get(AT).local_get(NEXT).i32_store(at(memory, column, 2));
        self.code().local_get(AT).local_get(LENGTH).i32_store(at(memory, column + 4, 2));
        self.code().i32_const(0).local_get(NEXT).local_get(LENGTH).i32_add().i32_store(at(
            memory,
            layout::TEXT_NEXT,
            2,
        ));
    }

    /// Puts the strings of a row into the module's memory.
    fn strings_in(&mut self) {
        let memory = self.memory;
        let mut pointer = MASKS + self.signature.passed.len() as u32;
        for (index, ty) in self.signature.passed.iter().enumerate() {
            if *ty != UdfType::Str {
                continue;
            }
            let column = layout::column(index);
            self.place(index).i32_load(at(memory, column + 4, 2)).local_set(LENGTH);
            self.code().local_get(LENGTH);
            match self.signature.text {
                Some(Text::Utf8 { alloc: Some(alloc) }) => _ = self.code().call(alloc),
                Some(Text::Utf16 { new: Some(new), pin }) => {
                    self.code().i32_const(STRING_CLASS).call(new);
                    if let Some((pin, _)) = pin {
                        self.code().call(pin);
                    }
                }
                _ => unreachable!("a string argument was given its allocator"),
            }
            self.code().local_tee(pointer).i64_extend_i32_u();
            self.inside_memory(LENGTH);
            self.code().i32_eqz().if_(BlockType::Empty);
            stop(&mut self.code(), memory, Stop::Allocation);
            self.code().end();
            self.code().local_get(pointer);
            self.place(index).i32_load(at(memory, column, 2));
            self.code().local_get(LENGTH).memory_copy(0, memory);
            pointer += 1;
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

    /// Makes a span of the result on the stack.
    fn result_span(&mut self) {
        let memory = self.memory;
        if let Some(Text::Utf8 { .. }) = self.signature.text {
            self.code().local_set(RESULT);
            return;
        }
        // The size in bytes stands in the four bytes before the object; a null pointer has none.
        self.code().local_tee(LENGTH).i32_const(4).i32_lt_u().if_(BlockType::Empty);
        stop(&mut self.code(), memory, Stop::Result);
        self.code().end();
        self.code().local_get(LENGTH).i64_extend_i32_u().i64_const(32).i64_shl();
        self.code().local_get(LENGTH).i32_const(4).i32_sub().i64_load32_u(at(0, 0, 2)).i64_or().local_set(RESULT);
    }

    /// Lets the strings of a row go, and notes how large the module's memory is.
    fn after_strings(&mut self) {
        let strings = self.signature.passed.iter().filter(|ty| **ty == UdfType::Str);
        for (pointer, _) in (MASKS + self.signature.passed.len() as u32..).zip(strings) {
            if let Some(Text::Utf16 { pin: Some((_, unpin)), .. }) = self.signature.text {
                self.code().local_get(pointer).call(unpin);
            }
        }
        let pages = at(self.memory, layout::PAGES, 2);
        self.code().i32_const(0).memory_size(0).i32_store(pages);
    }

    /// The place of a row's cell in a column.
    fn place(&mut self, index: usize) -> InstructionSink<'_> {
        let mut code = self.code();
        code.local_get(AT).local_get(MASKS + index as u32).i32_and();
        code
    }

    /// Whether so many bytes from the `i64` on the stack lie in the module's first memory.
    fn inside_memory(&mut self, length: u32) {
        self.code().local_get(length).i64_extend_i32_u().i64_add();
        self.code().memory_size(0).i64_extend_i32_u().i64_const(16).i64_shl().i64_le_u();
    }
}
