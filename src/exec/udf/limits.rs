//! What a UDF may use, and the one error of those that want more.

use std::fmt;
use std::time::Duration;

use crate::error::{Code, Error};

/// What a UDF may use at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How long a batch of calls may take, milliseconds in reports.
    pub call: Duration,
    /// How many bytes of memory an instance or a worker may have.
    pub memory: usize,
    /// How many elements all tables of an instance may have.
    pub table: usize,
    /// How many bytes of stack a call may use.
    pub stack: usize,
    /// How many bytes a module may have without its custom sections.
    pub module: usize,
    /// How many bytes the body of one function may have.
    pub function: usize,
    /// How long a module may be compiled in the background before it stays interpreted.
    pub compilation: Duration,
    /// How many bytes of native code are kept on disk; what was used longest ago goes first.
    pub cache: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            call: Duration::from_secs(1),
            memory: 64 << 20,
            table: 10_000,
            stack: 512 << 10,
            module: 16 << 20,
            function: 256 << 10,
            compilation: Duration::from_secs(10),
            cache: 512 << 20,
        }
    }
}

/// Which limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// [`Limits::call`], or the search's own deadline.
    Deadline,
    /// [`Limits::memory`].
    Memory,
    /// [`Limits::table`].
    Table,
    /// [`Limits::stack`].
    Stack,
    /// [`Limits::module`].
    Module,
    /// [`Limits::function`].
    Function,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::Table => "table",
            Self::Stack => "stack",
            Self::Module => "module size",
            Self::Function => "function size",
        })
    }
}

/// The error of a UDF (`name@version`, or a name that is not deployed yet) that exceeds a limit; `allowed` names it with its unit.
pub(crate) fn exceeded(udf: impl fmt::Display, limit: Limit, allowed: impl fmt::Display) -> Error {
    Error::new(Code::UdfLimit, format!("UDF [{udf}] exceeded its {limit} limit of {allowed}"))
}
