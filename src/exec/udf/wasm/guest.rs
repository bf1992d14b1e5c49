//! A module in an engine, ready to be driven: what both tiers offer to an instance, and what they allow it to have.

use std::time::Instant;

use crate::exec::udf::limits::Limits;
use crate::exec::udf::wasm::fault::{Denied, Fault};

/// A module with its memory, in one of the engines. After a fault it is dropped.
pub(super) trait Guest: Send {
    /// The driver's memory.
    fn columns(&mut self) -> &mut [u8];

    /// Gives the driver's memory so many bytes at least.
    fn make_room(&mut self, bytes: usize) -> Result<(), Fault>;

    /// Calls the start function, if there is one.
    fn start(&mut self, deadline: Instant) -> Result<(), Fault>;

    /// Drives from one place of the columns to another and says how far it came.
    fn drive(&mut self, from: u32, to: u32, deadline: Instant) -> Result<u32, Fault>;
}

/// What the memories and tables of a module take together, and what they may.
#[derive(Debug)]
pub(super) struct Allowance {
    memory: usize,
    table: usize,
    /// What the module asked for and was not given.
    pub(super) denied: Denied,
}

impl Allowance {
    /// The allowance of a module whose driver has so many bytes.
    pub(super) fn new(limits: &Limits, driver: usize) -> Self {
        Self { memory: limits.memory.saturating_add(driver), table: limits.table, denied: Denied::default() }
    }

    /// The host itself makes the driver's memory larger; that does not count.
    pub(super) fn add_driver(&mut self, bytes: usize) {
        self.memory = self.memory.saturating_add(bytes);
    }

    /// Whether a memory may grow.
    pub(super) fn grow_memory(&mut self, current: usize, desired: usize) -> bool {
        let left = self.memory.checked_sub(desired.saturating_sub(current));
        self.memory = left.unwrap_or(self.memory);
        self.denied.memory |= left.is_none();
        left.is_some()
    }

    /// Whether a table may grow.
    pub(super) fn grow_table(&mut self, current: usize, desired: usize) -> bool {
        let left = self.table.checked_sub(desired.saturating_sub(current));
        self.table = left.unwrap_or(self.table);
        self.denied.table |= left.is_none();
        left.is_some()
    }
}
