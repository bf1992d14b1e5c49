//! The memory that a node and a worker share.
//!
//! The node reads and writes it as a file: whatever a worker does to it, the node's own memory is not concerned.

use std::fs::File;
use std::io::Result;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::FileExt;

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};

/// The bytes of an area. Only those that were written take memory.
pub(super) const AREA: usize = 8 << 20;

/// The shared memory.
#[derive(Debug)]
pub(super) struct Area(File);

impl Area {
    /// An area of [`AREA`] bytes, which nobody can make larger or smaller.
    pub(super) fn new() -> Result<Self> {
        let file = memfd_create("shardscript-udf", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING)?;
        ftruncate(&file, AREA as u64)?;
        fcntl_add_seals(&file, SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL)?;
        Ok(Self(File::from(file)))
    }

    /// Reads from a place.
    pub(super) fn read(&self, at: usize, bytes: &mut [u8]) -> Result<()> {
        self.0.read_exact_at(bytes, at as u64)
    }

    /// Writes to a place.
    pub(super) fn write(&self, at: usize, bytes: &[u8]) -> Result<()> {
        self.0.write_all_at(bytes, at as u64)
    }
}

impl AsFd for Area {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
