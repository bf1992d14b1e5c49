//! The files of a registry: where they are, and reads that follow no symlink and trust no size.
//!
//! It knows names and bytes, not what is in them.

use std::fs::File;
use std::io::Read;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use rustix::fs::{FileType, FlockOperation, Mode, OFlags};
use rustix::io::Errno;

use crate::error::{Code, Error, Result};

/// So long a writer waits for another.
const PATIENCE: Duration = Duration::from_secs(10);

/// What nobody else uses is read and written by its owner; others may read.
pub(super) const FILE_MODE: Mode = Mode::from_raw_mode(0o644);

/// The folder of the files that are named by the hash of what is in them.
pub(super) const OBJECTS: &str = "objects";

/// A file of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// What is deployed; everything else is found from it.
    Head,
    /// The next head, while it is written.
    NextHead,
    /// A manifest or code, by its hash.
    Object(String),
    /// The next object, while it is written.
    NextObject,
}

impl Name {
    /// The folder that it is in, and its name there.
    pub(super) fn parts(&self) -> (Folder, &str) {
        match self {
            Self::Head => (Folder::Root, "head.json"),
            Self::NextHead => (Folder::Root, "head.json.next"),
            Self::Object(hash) => (Folder::Objects, hash),
            Self::NextObject => (Folder::Objects, "next"),
        }
    }
}

/// A folder of a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    /// The registry's own.
    Root,
    /// That of the objects.
    Objects,
}

/// What tells one head from another without reading it. Writers see to it that `modified` grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    modified: (i64, i64),
    inode: u64,
    size: i64,
}

/// The directory of a registry.
#[derive(Clone, Debug)]
pub(super) struct Files {
    root: PathBuf,
}

/// Held while a change is made; the lock ends with it, and with the process.
#[derive(Debug)]
pub(super) struct Lock {
    _file: OwnedFd,
}

impl Files {
    /// The files in a directory.
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned() }
    }

    /// The directory.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Makes the directory, if it is not there.
    pub(super) fn create(&self) -> Result<()> {
        if self.exists() {
            return Ok(());
        }
        std::fs::create_dir_all(&self.root)
            .and_then(|()| match self.root.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                Some(parent) => File::open(parent)?.sync_all(),
                None => File::open(".")?.sync_all(),
            })
            .map_err(|e| Error::new(Code::Io, format!("cannot make {}: {e}", self.root.display())))
    }

    /// Whether the directory is there.
    pub(super) fn exists(&self) -> bool {
        self.root.is_dir()
    }

    /// The stamp of the head that is there; one call of the system.
    pub(super) fn stamp(&self) -> Option<Stamp> {
        let head = self.root.join(Name::Head.parts().1);
        let stat = rustix::fs::lstat(&head).ok()?;
        Some(Stamp {
            modified: (stat.st_mtime as i64, stat.st_mtime_nsec as i64),
            inode: stat.st_ino,
            size: stat.st_size,
        })
    }

    /// When the head says that it was written.
    pub(super) fn modified(&self) -> Option<SystemTime> {
        std::fs::symlink_metadata(self.root.join(Name::Head.parts().1)).ok()?.modified().ok()
    }

    /// What is in a file of at most `most` bytes; `None`: there is none.
    pub(super) fn read(&self, name: &Name, most: usize) -> Result<Option<Vec<u8>>> {
        let (folder, file) = name.parts();
        let found = self.open(folder).and_then(|dir| {
            // A pipe in place of a file must not make the reader wait.
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
            rustix::fs::openat(&dir, file, flags, Mode::empty())
        });
        let fd = match found {
            Ok(fd) => fd,
            Err(Errno::NOENT) => return Ok(None),
            Err(Errno::LOOP) => return Err(self.damaged(name, "it is a symlink")),
            Err(e) => return Err(self.failed("read", name, e)),
        };
        let stat = rustix::fs::fstat(&fd).map_err(|e| self.failed("read", name, e))?;
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
            return Err(self.damaged(name, "it is no regular file"));
        }
        let mut bytes = Vec::new();
        File::from(fd).take(most as u64 + 1).read_to_end(&mut bytes).map_err(|e| self.failed("read", name, e))?;
        if bytes.len() > most {
            return Err(self.damaged(name, format_args!("it has more than {most} bytes")));
        }
        Ok(Some(bytes))
    }

    /// Whether there is a folder of the objects, or what stands in its place.
    pub(super) fn has_objects(&self) -> bool {
        std::fs::symlink_metadata(self.root.join(OBJECTS)).is_ok()
    }

    /// The names in the folder of the objects.
    pub(super) fn objects(&self) -> Result<Vec<String>> {
        let failed = |e: Errno| Error::new(Code::Io, format!("cannot list {}: {e}", self.root.join(OBJECTS).display()));
        let dir = match self.open(Folder::Objects) {
            Ok(dir) => dir,
            Err(Errno::NOENT) => return Ok(Vec::new()),
            Err(e) => return Err(failed(e)),
        };
        let mut names = Vec::new();
        for entry in rustix::fs::Dir::new(dir).map_err(failed)? {
            // A name that is not UTF-8 is none of ours.
            if let Ok(name) = entry.map_err(failed)?.file_name().to_str()
                && name != "."
                && name != ".."
            {
                names.push(name.to_owned());
            }
        }
        Ok(names)
    }

    /// Keeps other writers out, waiting for one that is at work.
    pub(super) fn lock(&self) -> Result<Lock> {
        let failed = |e: Errno| Error::new(Code::Io, format!("cannot lock {}: {e}", self.root.display()));
        let dir = self.open(Folder::Root).map_err(failed)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&dir, "lock", flags, FILE_MODE).map_err(failed)?;
        let started = Instant::now();
        loop {
            match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(Errno::WOULDBLOCK | Errno::INTR) if started.elapsed() < PATIENCE => {
                    thread::sleep(Duration::from_millis(2));
                }
                Err(Errno::WOULDBLOCK) => {
                    return Err(Error::new(
                        Code::Io,
                        format!("{} is being changed by another process for {PATIENCE:?}", self.root.display()),
                    ));
                }
                Err(e) => return Err(failed(e)),
            }
        }
    }

    pub(super) fn open(&self, folder: Folder) -> Result<OwnedFd, Errno> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        // The path to the registry is the user's own and may go through symlinks.
        let root = rustix::fs::openat(rustix::fs::CWD, &self.root, flags, Mode::empty())?;
        match folder {
            Folder::Root => Ok(root),
            Folder::Objects => rustix::fs::openat(&root, OBJECTS, flags | OFlags::NOFOLLOW, Mode::empty()),
        }
    }

    fn path(&self, name: &Name) -> PathBuf {
        match name.parts() {
            (Folder::Root, file) => self.root.join(file),
            (Folder::Objects, file) => self.root.join(OBJECTS).join(file),
        }
    }

    /// The error of a file that is not what was written.
    pub(super) fn damaged(&self, name: &Name, what: impl std::fmt::Display) -> Error {
        Error::new(Code::Storage, format!("{} is damaged: {what}", self.path(name).display()))
    }

    pub(super) fn failed(&self, what: &str, name: &Name, e: impl std::fmt::Display) -> Error {
        Error::new(Code::Io, format!("cannot {what} {}: {e}", self.path(name).display()))
    }
}
