//! Native code on disk, so that a restart need not compile.
//!
//! Code from a file is run as it is, so a file is believed only with a code of authentication (HMAC-SHA256) under a key
//! that this node made for itself and that nobody else can read. The folder is private, links are not followed, and what
//! is not as it should be is as if it were not there: it is compiled anew and replaced. The folder does not grow for ever.

#![expect(unsafe_code, reason = "loading native code that was authenticated")]

use std::fs::File;
use std::hash::{Hash, Hasher};
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use hmac::{Hmac, Mac};
use rustix::fs::{AtFlags, FileType, Mode, OFlags};
use rustix::io::Errno;
use sha2::{Digest, Sha256};
use wasmtime::{Engine, Module};

use crate::exec::udf::wasm::evict::{evict, touch};

/// What a file begins with; it changes when the form of the files does.
const MAGIC: &[u8; 8] = b"shsudf01";
/// The length of an authentication code, and of the key.
const MAC: usize = 32;
/// What is larger was not written here.
const LARGEST: u64 = 1 << 30;

const PRIVATE_FILE: Mode = Mode::from_raw_mode(0o600);
const PRIVATE_FOLDER: Mode = Mode::from_raw_mode(0o700);

/// The folder of native code, and the key of its files.
#[derive(Debug)]
pub(super) struct Cache {
    folder: OwnedFd,
    key: [u8; MAC],
    /// How many bytes the files may have together.
    most: u64,
}

impl Cache {
    /// Opens or makes a folder that holds at most so many bytes.
    ///
    /// # Errors
    /// It cannot be made, or it is a link, somebody else's, or open to others.
    pub(super) fn open(path: &Path, most: u64) -> std::io::Result<Self> {
        match rustix::fs::mkdir(path, PRIVATE_FOLDER) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(e) => return Err(e.into()),
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = rustix::fs::open(path, flags, Mode::empty())?;
        check_private(&folder, FileType::Directory)?;
        let key = match read_key(&folder) {
            Ok(key) => key,
            Err(_) => make_key(&folder)?,
        };
        Ok(Self { folder, key, most })
    }

    /// The native code of a module, if it was kept for this engine.
    pub(super) fn load(&self, hash: &str, engine: &Engine) -> Option<Module> {
        let name = file_name(hash, engine);
        let bytes = read(&self.folder, &name).ok()?;
        let (head, code) = bytes.split_at_checked(MAGIC.len() + MAC)?;
        let mac = head.strip_prefix(MAGIC)?;
        self.mac(&name, code).verify_slice(mac).ok()?;
        // SAFETY: `deserialize` asks for bytes that `Module::serialize` gave. These were authenticated under a key that
        // only `store` of this user's processes has used, and only on what `serialize` gave; they are in memory, where
        // nobody changes them any more. Another version of the engine or another configuration is refused by it.
        let module = unsafe { Module::deserialize(engine, code) }.ok()?;
        // A folder that cannot be written forgets in another order.
        let _ = touch(&self.folder, &name);
        Some(module)
    }

    /// Keeps the native code of a module. What cannot be kept is compiled again at the next start.
    pub(super) fn store(&self, hash: &str, engine: &Engine, code: &[u8]) -> std::io::Result<()> {
        let name = file_name(hash, engine);
        let mac = self.mac(&name, code).finalize().into_bytes();
        write(&self.folder, &name, &[MAGIC, &mac, code])?;
        touch(&self.folder, &name)?;
        evict(&self.folder, KEY, self.most)
    }

    fn mac(&self, name: &str, code: &[u8]) -> Hmac<Sha256> {
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(&self.key).expect("a key may have any length");
        mac.update(MAGIC);
        mac.update(&(name.len() as u64).to_le_bytes());
        mac.update(name.as_bytes());
        mac.update(code);
        mac
    }
}

/// The file of a module for an engine: its version, its configuration and the machine are in the name.
fn file_name(hash: &str, engine: &Engine) -> String {
    let mut compatibility = Sha256Hasher(Sha256::new());
    engine.precompile_compatibility_hash().hash(&mut compatibility);
    let engine = compatibility.finish();
    let hash = Sha256::digest(hash);
    let hash: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{hash}-{engine:016x}")
}

/// A hasher whose result is the same in every process.
struct Sha256Hasher(Sha256);

impl Hasher for Sha256Hasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    fn finish(&self) -> u64 {
        let digest = self.0.clone().finalize();
        u64::from_le_bytes(digest[..8].try_into().expect("eight of 32 bytes"))
    }
}

/// The name of the key's file.
const KEY: &str = "key";

fn read_key(folder: &OwnedFd) -> std::io::Result<[u8; MAC]> {
    let bytes = read(folder, KEY)?;
    bytes.try_into().map_err(|_| std::io::Error::other("the key has another length"))
}

/// Makes a key. Of several processes that do so at once, one wins, and all use its key.
fn make_key(folder: &OwnedFd) -> std::io::Result<[u8; MAC]> {
    let mut key = [0; MAC];
    File::open("/dev/urandom")?.read_exact(&mut key)?;
    let temporary = temporary_name();
    write_new(folder, &temporary, &[&key])?;
    let linked = rustix::fs::linkat(folder, &temporary, folder, KEY, AtFlags::empty());
    if let Err(Errno::EXIST) = linked {
        if let Ok(key) = read_key(folder) {
            let _ = rustix::fs::unlinkat(folder, &temporary, AtFlags::empty());
            return Ok(key);
        }
        // What has its name is no key: not a file, not private, cut short.
        rustix::fs::renameat(folder, &temporary, folder, KEY)?;
        return read_key(folder);
    }
    let _ = rustix::fs::unlinkat(folder, &temporary, AtFlags::empty());
    linked?;
    read_key(folder)
}

/// Reads a private file; links are not followed.
fn read(folder: &OwnedFd, name: &str) -> std::io::Result<Vec<u8>> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = rustix::fs::openat(folder, name, flags, Mode::empty())?;
    let size = check_private(&file, FileType::RegularFile)?;
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    File::from(file).take(LARGEST).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a file is of this kind, ours, and closed to others; its size.
fn check_private(file: &OwnedFd, kind: FileType) -> std::io::Result<u64> {
    let stat = rustix::fs::fstat(file)?;
    let is_ours = stat.st_uid == rustix::process::geteuid().as_raw();
    if !is_ours || FileType::from_raw_mode(stat.st_mode) != kind || stat.st_mode & 0o077 != 0 {
        return Err(std::io::Error::other("it is not a private file of this user"));
    }
    let size = u64::try_from(stat.st_size).unwrap_or(u64::MAX);
    if size > LARGEST {
        return Err(std::io::Error::other("it is too large"));
    }
    Ok(size)
}

/// Writes a private file whole: under another name first.
fn write(folder: &OwnedFd, name: &str, parts: &[&[u8]]) -> std::io::Result<()> {
    let temporary = temporary_name();
    write_new(folder, &temporary, parts)?;
    let renamed = rustix::fs::renameat(folder, &temporary, folder, name);
    if renamed.is_err() {
        let _ = rustix::fs::unlinkat(folder, &temporary, AtFlags::empty());
    }
    Ok(renamed?)
}

fn write_new(folder: &OwnedFd, name: &str, parts: &[&[u8]]) -> std::io::Result<()> {
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::openat(folder, name, flags, PRIVATE_FILE)?);
    let written = parts.iter().try_for_each(|part| file.write_all(part));
    if written.is_err() {
        let _ = rustix::fs::unlinkat(folder, name, AtFlags::empty());
    }
    written
}

/// A name that no other file of this folder has while this process lives.
fn temporary_name() -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos());
    format!("new-{}-{}-{now}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
