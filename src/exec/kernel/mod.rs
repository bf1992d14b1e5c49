//! Expression trees as register programs over batches.
//!
//! [`Program::compile`] turns a tree of the subset in [`crate::plan::expr`] into a straight line of typed operations,
//! [`Machine`] runs it over batches of at most [`BATCH_ROWS`] documents. The way there:
//!
//! 1. `compile`: tree to a graph of typed values in which equal subtrees are one node and constants are folded (`graph`);
//! 2. `schedule`: the graph in an order of evaluation; branches that may fail or cost much get a mask and are skipped
//!    where no row takes them;
//! 3. `allocate`: as few registers as the values that live at the same time.
//!
//! Every operation (`step`) is a loop over slices (`ops`), compiled once per type and kind of operand, so that constants
//! cost nothing, and for doubles once more for wider vectors (`wide`). What cannot fail is computed for all rows; what can
//! fail is computed too, but only the rows of its mask are asked whether they failed.
//!
//! Of a program, [`bounding`] makes a cheaper one that bounds it for each document.
//!
//! The same program runs over intervals (`bounds`): what is known of a zone of documents bounds its result there.

mod allocate;
mod assume;
mod bounding;
mod bounds;
mod compile;
mod graph;
mod machine;
mod op_bounds;
mod ops;
mod program;
mod registers;
mod schedule;
mod simplify;
mod step;
mod table;
#[cfg(test)]
mod tests;
mod udf;
mod wide;

pub(crate) use bounding::{ClassZones, Grounds, Side};
pub(crate) use bounds::{BoundsMachine, ZoneInputs, ZoneResults};
pub use compile::Inputs;
pub(crate) use compile::{Known, NOTHING_KNOWN};
pub use machine::{Failure, Machine, Rows};
pub(crate) use program::ProgramColumn;
pub use program::{BATCH_ROWS, Program};
pub(crate) use table::Table;
