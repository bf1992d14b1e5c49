//! Changes of a registry's files, as lists of steps.
//!
//! Each step is atomic; whatever prefix of a change has happened, the head is the old or the new one, whole, and what it
//! names is there. Which steps make a change is not decided here.

use std::fs::File;
use std::io::Write;
use std::time::SystemTime;

use rustix::fs::{AtFlags, Mode, OFlags};
use rustix::io::Errno;

use crate::error::{Code, Error, Result};
use crate::exec::udf::registry::files::{FILE_MODE, Files, Folder, Name, OBJECTS};

const DIR_MODE: Mode = Mode::from_raw_mode(0o755);

/// One step of a change.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// Makes the folder of the objects.
    MakeObjects,
    /// Writes a file anew, down to the disk.
    Write {
        /// Which; nothing refers to it yet.
        name: Name,
        /// What is in it.
        bytes: Vec<u8>,
        /// When it says that it was written, where that matters.
        modified: Option<SystemTime>,
    },
    /// Gives a file its final name, in place of what has that name.
    Rename {
        /// The file.
        from: Name,
        /// Its name.
        to: Name,
    },
    /// Writes what is in a folder down to the disk.
    Sync(Folder),
    /// Removes a file that nothing refers to.
    Remove(Name),
}

impl Files {
    /// Does one step of a change.
    pub(super) fn apply(&self, step: &Step) -> Result<()> {
        match step {
            Step::MakeObjects => {
                let made = self.open(Folder::Root).and_then(|dir| rustix::fs::mkdirat(&dir, OBJECTS, DIR_MODE));
                made.map_err(|e| {
                    Error::new(Code::Io, format!("cannot make {}: {e}", self.root().join(OBJECTS).display()))
                })
            }
            Step::Write { name, bytes, modified } => {
                self.write(name, bytes, *modified).map_err(|e| self.failed("write", name, e))
            }
            Step::Rename { from, to } => {
                let ((folder, old), (to_folder, new)) = (from.parts(), to.parts());
                self.open(folder)
                    .and_then(|dir| rustix::fs::renameat(&dir, old, &self.open(to_folder)?, new))
                    .map_err(|e| self.failed("write", to, e))
            }
            Step::Sync(folder) => {
                let synced = self.open(*folder).and_then(|dir| rustix::fs::fsync(&dir));
                synced.map_err(|e| Error::new(Code::Io, format!("cannot sync {}: {e}", self.root().display())))
            }
            Step::Remove(name) => {
                let (folder, file) = name.parts();
                self.open(folder)
                    .and_then(|dir| rustix::fs::unlinkat(&dir, file, AtFlags::empty()))
                    .map_err(|e| self.failed("remove", name, e))
            }
        }
    }

    fn write(&self, name: &Name, bytes: &[u8], modified: Option<SystemTime>) -> std::io::Result<()> {
        let (folder, file) = name.parts();
        let dir = self.open(folder)?;
        // What a writer left that crashed goes first, so that the file is ours alone.
        match rustix::fs::unlinkat(&dir, file, AtFlags::empty()) {
            Ok(()) | Err(Errno::NOENT) => {}
            Err(e) => return Err(e.into()),
        }
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut file = File::from(rustix::fs::openat(&dir, file, flags, FILE_MODE)?);
        file.write_all(bytes)?;
        if let Some(modified) = modified {
            file.set_modified(modified)?;
        }
        file.sync_all()
    }
}
