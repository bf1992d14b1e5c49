//! Runs deployed UDFs: the registry on disk, and a runtime for WebAssembly and one for Python behind one interface.

mod bounds;
mod caller;
mod counted;
mod deployment;
mod handle;
pub mod limits;
mod python;
mod registry;
mod rows;
mod wasm;

use std::fmt::Debug;

use crate::error::Result;
use crate::exec::context::Deadline;
use crate::plan::function::batch::{Batch, BatchMut};

pub use caller::Caller;
pub use deployment::{DeclaredArg, Deployment, Source};
pub use handle::{Deployed, Status, Udfs};
pub(crate) use python::batch_rows as worker_batch_rows;
pub use python::{Hello, PoolStatus};
pub use registry::{Action, Event, Manifest, Outcome, Versions, timestamp};

/// An argument of a batch of calls.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Input<'a> {
    /// A value for each row.
    Each(Batch<'a>),
    /// The same value in all rows, as a batch of one; it is passed once a batch, not once a row.
    Same(Batch<'a>),
}

/// The rows of a batch of calls.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Calls<'a> {
    /// How many rows the batch has.
    pub(crate) rows: usize,
    /// Which of them are called; `None`: all. The function does not see the others, and their results mean nothing.
    pub(crate) active: Option<&'a [bool]>,
    /// When the search has to end.
    pub(crate) deadline: Deadline,
}

/// A UDF that is ready to be called, by one thread at a time.
pub(crate) trait Instance: Debug + Send {
    /// Calls the function for the active rows of a batch.
    ///
    /// # Errors
    /// The function traps, raises, exceeds a limit or gives a value that its type or its bounds do not allow; the error
    /// names the UDF, its version and the limit. The instance starts afresh at the next call.
    fn call(&mut self, calls: Calls<'_>, inputs: &[Input<'_>], out: &mut BatchMut<'_>) -> Result<()>;

    /// Where the last call ran, such as `interpreter`, `native`, `python`.
    fn tier(&self) -> &'static str;
}
