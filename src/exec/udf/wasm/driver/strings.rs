//! The part of a driver that strings need: they are copied into the module's memory and out of it, in the module.

use wasm_encoder::BlockType;

use super::{AT, Driver, LENGTH, MASKS, NEXT, RESULT};
use crate::exec::udf::wasm::layout::{self, Stop};
use crate::exec::udf::wasm::signature::Text;
use crate::exec::udf::wasm::wasi::{at, stop};
use crate::plan::udf::UdfType;

/// The id of strings in AssemblyScript's runtime.
const STRING_CLASS: i32 = 2;

impl Driver<'_> {
    /// Computes a row whose result is a string.
    pub(super) fn string_row(&mut self) {
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
    pub(super) fn strings_in(&mut self) {
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
    pub(super) fn after_strings(&mut self) {
        let strings = self.signature.passed.iter().filter(|ty| **ty == UdfType::Str);
        for (pointer, _) in (MASKS + self.signature.passed.len() as u32..).zip(strings) {
            if let Some(Text::Utf16 { pin: Some((_, unpin)), .. }) = self.signature.text {
                self.code().local_get(pointer).call(unpin);
            }
        }
        let pages = at(self.memory, layout::PAGES, 2);
        self.code().i32_const(0).memory_size(0).i32_store(pages);
    }

    /// Whether so many bytes from the `i64` on the stack lie in the module's first memory.
    fn inside_memory(&mut self, length: u32) {
        self.code().local_get(length).i64_extend_i32_u().i64_add();
        self.code().memory_size(0).i64_extend_i32_u().i64_const(16).i64_shl().i64_le_u();
    }
}
