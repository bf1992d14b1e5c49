//! What a module may import, and the functions that are put in the place of its imports.
//!
//! WASI preview 1 is answered, but gives nothing: the environment is empty, random bytes are fixed, there is no clock
//! and there are no files. AssemblyScript's `env.abort` stops the call with its message. The functions are WebAssembly
//! in the module itself: no host function is there to be called.

use wasm_encoder::{Function, InstructionSink, MemArg, ValType as Encoded};
use wasmparser::{FuncType, ValType};

use crate::exec::udf::wasm::layout::{self, Stop};

/// A function that a module may import.
#[derive(Debug)]
pub(super) struct Import {
    module: &'static str,
    name: &'static str,
    params: &'static [ValType],
    results: &'static [ValType],
    answer: Answer,
}

/// What it does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    /// Returns an error number.
    Errno(i32),
    /// Writes 0 to both places that its arguments point to: there is none, in no bytes.
    None,
    /// Fills memory with the same bytes always.
    Random,
    /// Ends the call.
    Exit,
    /// Ends the call with a message.
    Abort,
}

const SUCCESS: i32 = 0;
const EBADF: i32 = 8;
const ENOSYS: i32 = 52;
const ENOTCAPABLE: i32 = 76;

/// What "random" bytes are.
const RANDOM: i32 = 0x5a;

const I: ValType = ValType::I32;
const L: ValType = ValType::I64;

const fn wasi(name: &'static str, params: &'static [ValType], answer: Answer) -> Import {
    Import { module: "wasi_snapshot_preview1", name, params, results: &[I], answer }
}

const fn refused(name: &'static str, params: &'static [ValType], errno: i32) -> Import {
    wasi(name, params, Answer::Errno(errno))
}

static IMPORTS: &[Import] = &[
    Import { module: "env", name: "abort", params: &[I, I, I, I], results: &[], answer: Answer::Abort },
    Import { module: "wasi_snapshot_preview1", name: "proc_exit", params: &[I], results: &[], answer: Answer::Exit },
    wasi("random_get", &[I, I], Answer::Random),
    wasi("args_sizes_get", &[I, I], Answer::None),
    wasi("environ_sizes_get", &[I, I], Answer::None),
    refused("args_get", &[I, I], SUCCESS),
    refused("environ_get", &[I, I], SUCCESS),
    refused("sched_yield", &[], SUCCESS),
    refused("clock_res_get", &[I, I], ENOSYS),
    refused("clock_time_get", &[I, L, I], ENOSYS),
    refused("poll_oneoff", &[I, I, I, I], ENOSYS),
    refused("proc_raise", &[I], ENOSYS),
    refused("fd_advise", &[I, L, L, I], EBADF),
    refused("fd_allocate", &[I, L, L], EBADF),
    refused("fd_close", &[I], EBADF),
    refused("fd_datasync", &[I], EBADF),
    refused("fd_fdstat_get", &[I, I], EBADF),
    refused("fd_fdstat_set_flags", &[I, I], EBADF),
    refused("fd_fdstat_set_rights", &[I, L, L], EBADF),
    refused("fd_filestat_get", &[I, I], EBADF),
    refused("fd_filestat_set_size", &[I, L], EBADF),
    refused("fd_filestat_set_times", &[I, L, L, I], EBADF),
    refused("fd_pread", &[I, I, I, L, I], EBADF),
    refused("fd_prestat_get", &[I, I], EBADF),
    refused("fd_prestat_dir_name", &[I, I, I], EBADF),
    refused("fd_pwrite", &[I, I, I, L, I], EBADF),
    refused("fd_read", &[I, I, I, I], EBADF),
    refused("fd_readdir", &[I, I, I, L, I], EBADF),
    refused("fd_renumber", &[I, I], EBADF),
    refused("fd_seek", &[I, L, I, I], EBADF),
    refused("fd_sync", &[I], EBADF),
    refused("fd_tell", &[I, I], EBADF),
    refused("fd_write", &[I, I, I, I], EBADF),
    refused("path_create_directory", &[I, I, I], ENOTCAPABLE),
    refused("path_filestat_get", &[I, I, I, I, I], ENOTCAPABLE),
    refused("path_filestat_set_times", &[I, I, I, I, L, L, I], ENOTCAPABLE),
    refused("path_link", &[I, I, I, I, I, I, I], ENOTCAPABLE),
    refused("path_open", &[I, I, I, I, I, L, L, I, I], ENOTCAPABLE),
    refused("path_readlink", &[I, I, I, I, I, I], ENOTCAPABLE),
    refused("path_remove_directory", &[I, I, I], ENOTCAPABLE),
    refused("path_rename", &[I, I, I, I, I, I], ENOTCAPABLE),
    refused("path_symlink", &[I, I, I, I, I], ENOTCAPABLE),
    refused("path_unlink_file", &[I, I, I], ENOTCAPABLE),
    refused("sock_accept", &[I, I, I], EBADF),
    refused("sock_recv", &[I, I, I, I, I, I], EBADF),
    refused("sock_send", &[I, I, I, I, I], EBADF),
    refused("sock_shutdown", &[I, I], EBADF),
];

impl Import {
    /// The function of that name.
    pub(super) fn find(module: &str, name: &str) -> Option<&'static Self> {
        IMPORTS.iter().find(|import| import.module == module && import.name == name)
    }

    /// Whether it has this type.
    pub(super) fn is_of_type(&self, ty: &FuncType) -> bool {
        ty.params() == self.params && ty.results() == self.results
    }

    /// Whether it needs a memory of the module to point into.
    pub(super) fn points_into_memory(&self) -> bool {
        matches!(self.answer, Answer::None | Answer::Random)
    }

    /// Its code. `memory` is the driver's; `readable` says whether the module has a 32-bit memory of its own, its first.
    pub(super) fn function(&self, memory: u32, readable: bool) -> Function {
        let mut function = match self.answer {
            Answer::Abort => Function::new(vec![(1, Encoded::I32)]),
            Answer::Errno(_) | Answer::None | Answer::Random | Answer::Exit => Function::new(vec![]),
        };
        let mut code = function.instructions();
        match self.answer {
            Answer::Errno(errno) => _ = code.i32_const(errno),
            Answer::None => {
                code.local_get(0).i32_const(0).i32_store(at(0, 0, 2));
                code.local_get(1).i32_const(0).i32_store(at(0, 0, 2)).i32_const(SUCCESS);
            }
            Answer::Random => {
                code.local_get(0).i32_const(RANDOM).local_get(1).memory_fill(0).i32_const(SUCCESS);
            }
            Answer::Exit => stop(&mut code, memory, Stop::Exit),
            Answer::Abort => {
                if readable {
                    keep_message(&mut code, memory);
                }
                code.i32_const(0).local_get(2).i32_store(at(memory, layout::ABORT_LINE, 2));
                code.i32_const(0).local_get(3).i32_store(at(memory, layout::ABORT_COLUMN, 2));
                stop(&mut code, memory, Stop::Abort);
            }
        }
        code.end();
        function
    }
}

/// Copies the message of `abort` (argument 0, a string of AssemblyScript: its size stands before it) to the driver's memory.
fn keep_message(code: &mut InstructionSink<'_>, memory: u32) {
    const LENGTH: u32 = 4;
    // Only where all of it lies in the module's memory; a trap here would hide that it aborted.
    code.local_get(0).i64_extend_i32_u().i64_const(layout::MESSAGE_BYTES as i64).i64_add();
    code.memory_size(0).i64_extend_i32_u().i64_const(16).i64_shl().i64_le_u();
    code.local_get(0).i32_const(4).i32_ge_u().i32_and();
    code.if_(wasm_encoder::BlockType::Empty);
    code.local_get(0).i32_const(4).i32_sub().i32_load(at(0, 0, 0)).local_tee(LENGTH);
    code.i32_const(layout::MESSAGE_BYTES as i32).local_get(LENGTH).i32_const(layout::MESSAGE_BYTES as i32);
    code.i32_lt_u().select().local_set(LENGTH);
    code.i32_const(0).local_get(LENGTH).i32_store(at(memory, layout::ABORT_LENGTH, 2));
    code.i32_const(layout::MESSAGE as i32).local_get(0).local_get(LENGTH).memory_copy(memory, 0).end();
}

/// Writes why the call ends, and ends it.
pub(super) fn stop(code: &mut InstructionSink<'_>, memory: u32, stop: Stop) {
    code.i32_const(0).i32_const(stop as i32).i32_store(at(memory, layout::STOP, 2)).unreachable();
}

/// The operand of a load or a store.
pub(super) fn at(memory: u32, offset: usize, align: u32) -> MemArg {
    MemArg { offset: offset as u64, align, memory_index: memory }
}
