//! The registry of deployed UDFs: a directory whose head names what is deployed, and whose objects are named by their hash.
//!
//! ```text
//! DIR/head.json           names, versions, which is active, history; replaced whole by a rename, last
//! DIR/objects/<SHA-256>   manifests and code; never changed
//! DIR/lock                held by writers, never by readers
//! ```
//!
//! It keeps code and knows nothing of what is in it.

mod files;
mod head;
mod manifest;
mod snapshot;
mod steps;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use sha2::{Digest, Sha256};

use crate::error::{Code, Error, Result};
use crate::exec::udf::registry::files::{Files, Folder, Name};
use crate::exec::udf::registry::head::{Head, Objects};
use crate::exec::udf::registry::steps::Step;
use crate::plan::udf::UdfProfile;

pub(crate) use head::check_name;
pub use head::{Action, Event};
pub(crate) use manifest::{MAX_ARGS, fitting_default};
pub use manifest::{Manifest, timestamp};
pub(crate) use snapshot::Snapshot;
pub use snapshot::Versions;

/// So many bytes a head, a manifest and code may have; what is larger was not written by us.
const MAX_HEAD: usize = 64 << 20;
const MAX_MANIFEST: usize = 1 << 20;
const MAX_CODE: usize = 64 << 20;

/// A registry on disk.
#[derive(Debug)]
pub(crate) struct Registry {
    files: Files,
}

/// What became of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a new version, and it is active.
    New,
    /// There was a version of the same code and declarations, which is active again.
    Activated,
    /// The active version is of the same code and declarations.
    Unchanged,
}

impl Registry {
    /// The registry in a directory that is there.
    pub(crate) fn open(dir: &Path) -> Result<Self> {
        let files = Files::new(dir);
        if files.exists() {
            return Ok(Self { files });
        }
        Err(Error::new(Code::Io, format!("there is no directory {}", dir.display()))
            .expected("a registry of UDFs")
            .hint("`udf deploy` makes one"))
    }

    /// The registry in a directory, which is made if it is not there.
    pub(crate) fn create(dir: &Path) -> Result<Self> {
        let files = Files::new(dir);
        files.create()?;
        Ok(Self { files })
    }

    /// The directory.
    pub(crate) fn root(&self) -> &Path {
        self.files.root()
    }

    /// The code of a hash.
    pub(crate) fn code(&self, hash: &str) -> Result<Vec<u8>> {
        self.object(hash, MAX_CODE)
    }

    /// Adds a version and makes it active; `profile` has neither version nor hash yet.
    pub(crate) fn deploy(&self, mut profile: UdfProfile, code: &[u8], original: String) -> Result<(Manifest, Outcome)> {
        check_name(&profile.name)?;
        profile.hash = hash(code);
        let at = now();
        let _lock = self.files.lock()?;
        let mut head = self.head()?;
        let code = (profile.hash.clone(), code.to_vec());
        if let Some(same) = self.same(&head, &profile, &original) {
            let is_changed = head.activate(&profile.name, same.profile.version, Action::Deploy, at);
            // Code that was damaged meanwhile is whole again.
            self.write(&head, vec![code], at)?;
            return Ok((same, if is_changed { Outcome::Activated } else { Outcome::Unchanged }));
        }
        profile.version = head.next_version(&profile.name);
        let manifest = Manifest { profile, original, deployed: at };
        let bytes = manifest.to_bytes();
        let objects = Objects { manifest: hash(&bytes), code: code.0.clone() };
        head.deploy(&manifest.profile.name, objects.clone(), at);
        self.write(&head, vec![code, (objects.manifest, bytes)], at)?;
        Ok((manifest, Outcome::New))
    }

    /// Makes the version before the active one active again, or `to`; gives it.
    pub(crate) fn rollback(&self, name: &str, to: Option<u32>) -> Result<u32> {
        self.change(|head, at| head.rollback(name, to, at))
    }

    /// Deletes a version that is not active, or a name with all its versions.
    pub(crate) fn delete(&self, name: &str, version: Option<u32>) -> Result<()> {
        self.change(|head, at| head.delete(name, version, at))
    }

    fn change<T>(&self, change: impl FnOnce(&mut Head, u64) -> Result<T>) -> Result<T> {
        let at = now();
        let _lock = self.files.lock()?;
        let mut head = self.head()?;
        let changed = change(&mut head, at)?;
        self.write(&head, Vec::new(), at)?;
        Ok(changed)
    }

    /// The version of a name that is the same but for its number and time.
    fn same(&self, head: &Head, profile: &UdfProfile, original: &str) -> Option<Manifest> {
        let versions = &head.udfs.get(&profile.name)?.versions;
        let of_code = versions.iter().filter(|(_, objects)| objects.code == profile.hash);
        // A manifest that cannot be read is not the same.
        let manifests =
            of_code.rev().filter_map(|(version, objects)| self.manifest(&profile.name, *version, objects).ok());
        manifests.into_iter().find(|manifest| {
            let numbered = UdfProfile { version: manifest.profile.version, ..profile.clone() };
            manifest.profile == numbered && manifest.original == original
        })
    }

    /// Writes a change, and clears away what nothing needs.
    fn write(&self, head: &Head, objects: Vec<(String, Vec<u8>)>, at: u64) -> Result<()> {
        let (change, cleanup) = self.steps(head, objects, at)?;
        change.iter().try_for_each(|step| self.files.apply(step))?;
        for step in &cleanup {
            // The change is made; what stays lying is cleared away by the next one.
            let _ = self.files.apply(step);
        }
        Ok(())
    }

    /// The steps that make a change, and those that clear away what nothing needs after it.
    fn steps(&self, head: &Head, objects: Vec<(String, Vec<u8>)>, at: u64) -> Result<(Vec<Step>, Vec<Step>)> {
        let (mut change, mut cleanup) = (Vec::new(), Vec::new());
        if !self.files.has_objects() {
            change.extend([Step::MakeObjects, Step::Sync(Folder::Root)]);
        }
        let before = change.len();
        for (hash, bytes) in objects {
            if self.object(&hash, MAX_CODE).is_err() {
                change.push(Step::Write { name: Name::NextObject, bytes, modified: None });
                change.push(Step::Rename { from: Name::NextObject, to: Name::Object(hash) });
            }
        }
        if change.len() > before {
            change.push(Step::Sync(Folder::Objects));
        }
        // Later than the head before it, so that no two heads have the same stamp.
        let after = self.files.modified().and_then(|time| time.checked_add(Duration::from_micros(1)));
        let modified = after.into_iter().fold(SystemTime::now(), SystemTime::max);
        change.push(Step::Write { name: Name::NextHead, bytes: head.to_bytes(), modified: Some(modified) });
        change.push(Step::Rename { from: Name::NextHead, to: Name::Head });
        change.push(Step::Sync(Folder::Root));
        let kept = head.kept(at);
        for name in self.files.objects()? {
            if head::is_hash(&name) && !kept.contains(name.as_str()) {
                cleanup.push(Step::Remove(Name::Object(name)));
            }
        }
        Ok((change, cleanup))
    }

    fn head(&self) -> Result<Head> {
        match self.files.read(&Name::Head, MAX_HEAD)? {
            Some(bytes) => Head::from_bytes(&bytes).map_err(|e| self.files.damaged(&Name::Head, e)),
            None => Ok(Head::default()),
        }
    }

    fn manifest(&self, name: &str, version: u32, objects: &Objects) -> Result<Manifest> {
        let read = || {
            let bytes = self.object(&objects.manifest, MAX_MANIFEST)?;
            let damaged = |e: String| self.files.damaged(&Name::Object(objects.manifest.clone()), e);
            let manifest = Manifest::from_bytes(&bytes).map_err(damaged)?;
            let profile = &manifest.profile;
            if (profile.name.as_str(), profile.version, &profile.hash) != (name, version, &objects.code) {
                return Err(damaged(format!("it is the manifest of {profile}")));
            }
            Ok(manifest)
        };
        read().map_err(|e| {
            let e = Error::new(e.code(), format!("the manifest of {name}@{version} cannot be read")).because(e);
            e.hint(format!("`udf delete {name}@{version}`, or `udf delete {name}`, then deploy it again"))
        })
    }

    /// What is in an object; its hash is checked.
    fn object(&self, hash: &str, most: usize) -> Result<Vec<u8>> {
        let name = Name::Object(hash.to_owned());
        let bytes = self.files.read(&name, most)?.ok_or_else(|| self.files.damaged(&name, "it is not there"))?;
        if self::hash(&bytes) != hash {
            return Err(self.files.damaged(&name, "its content has another hash"));
        }
        Ok(bytes)
    }
}

/// The SHA-256 in hexadecimal.
pub(crate) fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a String takes all that is written");
        text
    })
}

/// The time in seconds since 1970.
fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs()
}
