//! Why a call ended without a result, in the words that both tiers share.

use std::fmt::{self, Display};
use std::time::Duration;

use crate::error::{Code, Error, Place};
use crate::exec::udf::limits::{Limit, Limits, exceeded};
use crate::exec::udf::wasm::layout::{self, Stop};

/// Why.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Fault {
    /// It took longer than it may.
    Deadline,
    /// It called too deep.
    Stack,
    /// It needs more memory than it may have.
    Memory,
    /// It needs a larger table than it may have.
    Table,
    /// An instruction trapped.
    Trap(Trap),
    /// The engine refused; its words.
    Engine(String),
}

/// What an instruction trapped on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trap {
    Unreachable,
    MemoryOutOfBounds,
    TableOutOfBounds,
    IndirectCallToNull,
    BadSignature,
    IntegerOverflow,
    IntegerDivisionByZero,
    BadConversionToInteger,
}

impl Display for Trap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreachable => "unreachable code was reached",
            Self::MemoryOutOfBounds => "out of bounds memory access",
            Self::TableOutOfBounds => "out of bounds table access",
            Self::IndirectCallToNull => "indirect call to nothing",
            Self::BadSignature => "indirect call type mismatch",
            Self::IntegerOverflow => "integer overflow",
            Self::IntegerDivisionByZero => "integer divide by zero",
            Self::BadConversionToInteger => "invalid conversion to integer",
        })
    }
}

/// What a growth that was denied was for; a trap that comes after it is put down to it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Denied {
    /// A memory.
    pub(super) memory: bool,
    /// A table.
    pub(super) table: bool,
}

impl Fault {
    /// The fault with what was denied before it.
    pub(super) fn after(self, denied: Denied) -> Self {
        match self {
            Self::Trap(_) | Self::Engine(_) if denied.memory => Self::Memory,
            Self::Trap(_) | Self::Engine(_) if denied.table => Self::Table,
            fault => fault,
        }
    }

    /// The error of a call that had `time`, and failed there.
    pub(super) fn error(&self, udf: &dyn Display, limits: &Limits, time: Duration, at: Failed<'_>) -> Error {
        let error = match self {
            Self::Deadline => exceeded(udf, Limit::Deadline, format!("{} ms", time.as_millis())),
            Self::Stack => exceeded(udf, Limit::Stack, format!("{} bytes", limits.stack)),
            Self::Memory => exceeded(udf, Limit::Memory, format!("{} bytes", limits.memory)),
            Self::Table => exceeded(udf, Limit::Table, format!("{} elements", limits.table)),
            Self::Engine(reason) => Error::new(Code::UdfFailed, format!("UDF [{udf}] does not run: {reason}")),
            Self::Trap(trap) => {
                let stop = if at.header.is_empty() { None } else { Stop::read(layout::cell(at.header, layout::STOP)) };
                let reason = match stop {
                    None => format!("trapped: {trap}"),
                    Some(Stop::Abort) => format!("aborted{}", abort(at.header)),
                    Some(Stop::Exit) => "called proc_exit".into(),
                    Some(Stop::Allocation) => "allocated a string outside of its memory".into(),
                    Some(Stop::Result) => "gave a string that lies outside of its memory".into(),
                };
                let started = if at.row.is_none() { ", when it was started" } else { "" };
                Error::new(Code::UdfFailed, format!("UDF [{udf}] {reason}{started}"))
            }
        };
        match at.row {
            Some(row) => error.place(Place::Row(row)),
            None => error,
        }
    }
}

/// Where a call failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failed<'a> {
    /// The row of the batch; `None`: the start function.
    pub(super) row: Option<usize>,
    /// The driver's memory.
    pub(super) header: &'a [u8],
}

/// What `env.abort` was called with.
fn abort(header: &[u8]) -> String {
    let bytes = (layout::cell(header, layout::ABORT_LENGTH) as usize).min(layout::MESSAGE_BYTES);
    let units = header[layout::MESSAGE..][..bytes].chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let message: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    let line = layout::cell(header, layout::ABORT_LINE);
    let column = layout::cell(header, layout::ABORT_COLUMN);
    let message = if message.is_empty() { message } else { format!(": {message}") };
    format!("{message} (line {line}, column {column})")
}
