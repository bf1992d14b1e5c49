//! Where things lie in the driver's own memory, for the code that is generated and for the host that fills it.
//!
//! A header of cells; a column of 512 cells of eight bytes for each argument, and one for the results; behind them
//! the text of string arguments, and what is left is for the text of string results.

/// How many rows one call of the driver has at most: columns of three arguments stay in the first-level cache, beside the
/// registers that they are copied from. A driver has this in its code: another number is another version of the facts.
pub(super) const ROWS: usize = 512;
/// How many bytes a value takes in a column, whatever its type.
pub(super) const CELL: usize = 8;
/// How many values a call may pass.
pub(super) const MAX_ARGS: usize = 63;

/// `i32`: the place of the row that is being called, eight bytes a row.
pub(super) const ROW: usize = 0;
/// `i32`: why the module stopped itself, a [`Stop`].
pub(super) const STOP: usize = 4;
/// `i32`: with [`Stop::Abort`], the line.
pub(super) const ABORT_LINE: usize = 8;
/// `i32`: with [`Stop::Abort`], the column.
pub(super) const ABORT_COLUMN: usize = 12;
/// `i32`: with [`Stop::Abort`], the bytes of the message in UTF-16.
pub(super) const ABORT_LENGTH: usize = 16;
/// `i32`: the pages of the module's first memory, after the last row that took or gave a string.
pub(super) const PAGES: usize = 24;
/// `i32`: where the text of results goes on.
pub(super) const TEXT_NEXT: usize = 28;
/// `i32`: where the driver's memory ends.
pub(super) const TEXT_END: usize = 32;
/// `i32`: 1 when the row at which the driver returned has been called, and its result waits in [`RESULT`] for room.
pub(super) const WAITING: usize = 36;
/// `i64`: the pointer and length of a result that waits.
pub(super) const RESULT: usize = 40;
/// `i32` an argument: all ones where it has a column, 0 where one cell holds it for all rows.
pub(super) const MASKS: usize = 64;
/// The message of `env.abort`.
pub(super) const MESSAGE: usize = 512;
/// How many bytes of it are kept.
pub(super) const MESSAGE_BYTES: usize = 256;
/// Where the columns begin.
const COLUMNS: usize = 1024;

/// Where a column begins; the results come after the arguments.
pub(super) const fn column(index: usize) -> usize {
    COLUMNS + index * ROWS * CELL
}

/// Where the text begins.
pub(super) const fn text(args: usize) -> usize {
    column(args + 1)
}

/// How many pages the memory has at first.
pub(super) const fn pages(args: usize, strings: bool) -> u64 {
    let room = if strings { 64 << 10 } else { 0 };
    (text(args) + room).div_ceil(64 << 10) as u64
}

/// Why generated code stopped the module.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// It called `env.abort`.
    Abort = 1,
    /// It called `proc_exit`.
    Exit = 2,
    /// Its allocator gave memory that is not there.
    Allocation = 3,
    /// Its result is a string that is not in its memory.
    Result = 4,
}

impl Stop {
    /// The reason that a cell says.
    pub(super) fn read(cell: u32) -> Option<Self> {
        [Self::Abort, Self::Exit, Self::Allocation, Self::Result].into_iter().find(|stop| *stop as u32 == cell)
    }
}

/// A cell of the header.
pub(super) fn cell(memory: &[u8], at: usize) -> u32 {
    let bytes = memory[at..at + 4].try_into().expect("four bytes");
    u32::from_le_bytes(bytes)
}

/// Writes a cell of the header.
pub(super) fn set_cell(memory: &mut [u8], at: usize, value: u32) {
    memory[at..at + 4].copy_from_slice(&value.to_le_bytes());
}
