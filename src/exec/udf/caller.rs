//! Calls a deployed UDF by hand, outside of any search: to try it out, and to measure it.

use crate::error::Result;
use crate::exec::context::Deadline;
use crate::exec::udf::{Calls, Input, Instance};
use crate::plan::function::batch::{Batch, BatchMut};

/// A UDF that is ready to be called.
#[derive(Debug)]
pub struct Caller(Box<dyn Instance>);

impl Caller {
    pub(super) fn new(instance: Box<dyn Instance>) -> Self {
        Self(instance)
    }

    /// Calls it for `rows` rows. Arguments have a value for each of them, or one for all.
    ///
    /// # Errors
    /// The UDF fails or exceeds a limit.
    ///
    /// # Panics
    /// The arguments or `out` have other types than the UDF, or another number of rows.
    pub fn call(&mut self, rows: usize, args: &[Batch<'_>], out: &mut BatchMut<'_>) -> Result<()> {
        let input = |arg| if Batch::rows(&arg) == rows { Input::Each(arg) } else { Input::Same(arg) };
        let inputs: Vec<_> = args.iter().copied().map(input).collect();
        self.0.call(Calls { rows, active: None, deadline: Deadline::after(None) }, &inputs, out)
    }

    /// Where the last call ran.
    pub fn tier(&self) -> &'static str {
        self.0.tier()
    }
}
