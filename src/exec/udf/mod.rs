//! Runs deployed UDFs: the registry on disk, and a runtime for WebAssembly and one for Python behind one interface.

pub mod limits;

use std::fmt::Debug;
use std::sync::Arc;

use crate::error::{Code, Error, Result};
use crate::exec::context::Deadline;
use crate::plan::function::batch::{Batch, BatchMut};
use crate::plan::udf::{Catalog, UdfProfile};

/// The deployed UDFs and what runs them; clones are the same. By default none is deployed.
#[derive(Clone, Debug, Default)]
pub struct Udfs {
    catalog: Arc<Catalog>,
}

impl Udfs {
    /// What is deployed now.
    pub fn catalog(&self) -> Arc<Catalog> {
        Arc::clone(&self.catalog)
    }

    /// Makes a version of a UDF ready to be called.
    ///
    /// # Errors
    /// Its code is not here, or cannot run.
    pub(crate) fn instance(&self, profile: &Arc<UdfProfile>) -> Result<Box<dyn Instance>> {
        Err(Error::new(Code::UnknownScript, format!("the code of UDF [{profile}] is not deployed here")))
    }
}

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
