//! Keeps the folder of native code within its size: what was used longest ago goes first.

use std::io::Result;
use std::os::fd::OwnedFd;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::fs::{AtFlags, Dir, FileType, Timespec, Timestamps};

/// Notes that a file is used now. The kernel's own times are those of its last tick, and many files are used in one.
pub(super) fn touch(folder: &OwnedFd, name: &str) -> Result<()> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let now = Timespec { tv_sec: now.as_secs() as _, tv_nsec: now.subsec_nanos().into() };
    let times = Timestamps { last_access: now, last_modification: now };
    Ok(rustix::fs::utimensat(folder, name, &times, AtFlags::SYMLINK_NOFOLLOW)?)
}

/// Removes files until they have at most so many bytes together. `kept` is none of them.
pub(super) fn evict(folder: &OwnedFd, kept: &str, most: u64) -> Result<()> {
    let mut files = Vec::new();
    for entry in Dir::read_from(folder)? {
        let name = entry?.file_name().to_owned();
        let Ok(stat) = rustix::fs::statat(folder, &name, AtFlags::SYMLINK_NOFOLLOW) else { continue };
        if name.as_bytes() == kept.as_bytes() || FileType::from_raw_mode(stat.st_mode) == FileType::Directory {
            continue;
        }
        files.push(((stat.st_mtime, stat.st_mtime_nsec), name, u64::try_from(stat.st_size).unwrap_or(0)));
    }
    let mut size = files.iter().map(|(_, _, size)| size).sum::<u64>();
    files.sort_unstable();
    for (_, name, bytes) in files {
        if size <= most {
            break;
        }
        // Another process may have removed it meanwhile.
        let _ = rustix::fs::unlinkat(folder, &name, AtFlags::empty());
        size -= bytes;
    }
    Ok(())
}
