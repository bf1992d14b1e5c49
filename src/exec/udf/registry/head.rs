//! The head of a registry: which versions there are, which one is active, and what happened; and how that changes.
//!
//! Pure: no file is touched here.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::did_you_mean;
use crate::error::{Code, Error, Result};

/// The version of this form.
const FORMAT: u32 = 1;

/// So many past changes are kept.
const HISTORY: usize = 1_000;

/// How long what a deleted version needs stays, in seconds: a search that has seen it may still run.
pub(super) const GRACE: u64 = 600;

/// Everything that is deployed, at one instant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    format: u32,
    /// How many changes there were.
    pub(super) generation: u64,
    /// By name; one that was deleted stays, so that no version number comes twice.
    pub(super) udfs: BTreeMap<String, Udf>,
    /// What deleted versions needed.
    retired: Vec<Retired>,
    /// What happened, the latest last.
    pub(super) history: Vec<Event>,
}

/// The versions of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Udf {
    /// The highest version that there ever was.
    pub(super) latest: u32,
    /// The versions that were active, each the way back from the next; the last one is active.
    pub(super) activations: Vec<u32>,
    /// Those that are there.
    pub(super) versions: BTreeMap<u32, Objects>,
}

impl Udf {
    /// The active version; `None`: the name was deleted.
    pub(super) fn active(&self) -> Option<u32> {
        self.activations.last().copied()
    }
}

/// The hashes of what makes a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Objects {
    /// Its manifest.
    pub(super) manifest: String,
    /// Its code.
    pub(super) code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Retired {
    objects: Objects,
    /// When it was deleted, in seconds since 1970.
    at: u64,
}

/// A change that was made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// When, in seconds since 1970.
    pub at: u64,
    /// What was done.
    pub action: Action,
    /// The name.
    pub name: String,
    /// The version that was deployed, made active or deleted; `None`: all of the name.
    pub version: Option<u32>,
}

/// What can be done to a registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// A new version, or an old one anew.
    Deploy,
    /// An earlier version is active again.
    Rollback,
    /// A version, or a name, is gone.
    Delete,
}

impl Default for Head {
    fn default() -> Self {
        Self { format: FORMAT, generation: 0, udfs: BTreeMap::new(), retired: Vec::new(), history: Vec::new() }
    }
}

impl Head {
    /// Reads a head; the error says what is wrong with it.
    pub(super) fn from_bytes(bytes: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Format {
            format: u32,
        }
        let Format { format } = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        if format != FORMAT {
            return Err(format!("it has format {format}, and this program reads format {FORMAT}"));
        }
        let head: Self = serde_json::from_slice(bytes).map_err(|e| e.to_string())?;
        head.check()?;
        Ok(head)
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec_pretty(self).expect("a head is made of maps with text keys, numbers and texts")
    }

    /// What a head must be beyond its form.
    fn check(&self) -> Result<(), String> {
        for (name, udf) in &self.udfs {
            check_name(name).map_err(|e| e.reason().to_owned())?;
            let there = |version: &u32| udf.versions.contains_key(version);
            let is_whole = udf.activations.iter().all(there) && udf.activations.is_empty() == udf.versions.is_empty();
            let highest = udf.versions.last_key_value().map_or(0, |(version, _)| *version);
            if !is_whole || highest > udf.latest || there(&0) {
                return Err(format!("the versions of {name} contradict each other"));
            }
        }
        match self.kept(0).into_iter().find(|hash| !is_hash(hash)) {
            Some(hash) => Err(format!("{hash:?} is no hash")),
            None => Ok(()),
        }
    }

    /// The versions of a name that is deployed, and which one is active.
    pub(super) fn find(&self, name: &str) -> Result<(&Udf, u32)> {
        if let Some(udf) = self.udfs.get(name)
            && let Some(active) = udf.active()
        {
            return Ok((udf, active));
        }
        let deployed = self.udfs.iter().filter(|(_, udf)| udf.active().is_some()).map(|(name, _)| name.as_str());
        let names: Vec<_> = deployed.collect();
        let e = Error::new(Code::UnknownScript, format!("no UDF of the name `{name}` is deployed"));
        Err(match did_you_mean(name, names.iter().copied()) {
            Some(near) => e.hint(format!("did you mean `{near}`?")),
            None if names.is_empty() => e.hint("nothing is deployed here"),
            None => e.hint("`udf list` shows what is deployed"),
        })
    }

    /// The version that the next deployment of a name gets.
    pub(super) fn next_version(&self, name: &str) -> u32 {
        self.udfs.get(name).map_or(1, |udf| udf.latest.saturating_add(1))
    }

    /// Adds a version and makes it active.
    pub(super) fn deploy(&mut self, name: &str, objects: Objects, at: u64) {
        let version = self.next_version(name);
        let udf = self.udfs.entry(name.to_owned()).or_default();
        udf.latest = version;
        udf.versions.insert(version, objects);
        udf.activations.push(version);
        self.happened(Action::Deploy, name, Some(version), at);
    }

    /// Makes a version active that is there; whether it was not.
    pub(super) fn activate(&mut self, name: &str, version: u32, action: Action, at: u64) -> bool {
        let Some(udf) = self.udfs.get_mut(name).filter(|udf| udf.active() != Some(version)) else { return false };
        // Back to where it was active before, else forward to it.
        match udf.activations.iter().position(|active| *active == version) {
            Some(at) if action == Action::Rollback => udf.activations.truncate(at + 1),
            _ => {
                udf.activations.retain(|active| *active != version);
                udf.activations.push(version);
            }
        }
        self.happened(action, name, Some(version), at);
        true
    }

    /// Makes an earlier version active: the one before the active one, or `to`.
    pub(super) fn rollback(&mut self, name: &str, to: Option<u32>, at: u64) -> Result<u32> {
        let (udf, active) = self.find(name)?;
        let version = match to {
            None => udf.activations.iter().rev().nth(1).copied().ok_or_else(|| {
                let e = Error::new(Code::InvalidUdf, format!("no version was active before {name}@{active}"));
                e.hint(format!("{}; `--to` takes one of them", versions(udf)))
            })?,
            Some(to) if udf.versions.contains_key(&to) => to,
            Some(to) => return Err(no_version(name, to, udf)),
        };
        self.activate(name, version, Action::Rollback, at);
        Ok(version)
    }

    /// Deletes a version that is not active, or a name with all its versions.
    pub(super) fn delete(&mut self, name: &str, version: Option<u32>, at: u64) -> Result<()> {
        let (found, active) = self.find(name)?;
        match version {
            Some(version) if !found.versions.contains_key(&version) => return Err(no_version(name, version, found)),
            Some(version) if version == active && found.versions.len() > 1 => {
                let e = Error::new(Code::InvalidUdf, format!("{name}@{version} is active"));
                return Err(e.hint(format!("make another version active first: `udf rollback {name}`")));
            }
            _ => {}
        }
        let udf = self.udfs.entry(name.to_owned()).or_default();
        let gone = match version {
            Some(version) => {
                udf.activations.retain(|active| *active != version);
                udf.versions.remove(&version).into_iter().collect()
            }
            None => {
                udf.activations.clear();
                std::mem::take(&mut udf.versions).into_values().collect::<Vec<_>>()
            }
        };
        self.retired.extend(gone.into_iter().map(|objects| Retired { objects, at }));
        self.happened(Action::Delete, name, version, at);
        Ok(())
    }

    fn happened(&mut self, action: Action, name: &str, version: Option<u32>, at: u64) {
        self.generation += 1;
        self.retired.retain(|retired| retired.at.saturating_add(GRACE) > at);
        self.history.push(Event { at, action, name: name.to_owned(), version });
        let surplus = self.history.len().saturating_sub(HISTORY);
        self.history.drain(..surplus);
    }

    /// The objects that are needed, at a time: by what is deployed, and by what was deleted a short while ago.
    pub(super) fn kept(&self, at: u64) -> BTreeSet<&str> {
        let deployed = self.udfs.values().flat_map(|udf| udf.versions.values());
        let retired = self.retired.iter().filter(|retired| retired.at.saturating_add(GRACE) > at);
        let objects = deployed.chain(retired.map(|retired| &retired.objects));
        objects.flat_map(|objects| [objects.manifest.as_str(), objects.code.as_str()]).collect()
    }
}

fn no_version(name: &str, version: u32, udf: &Udf) -> Error {
    Error::new(Code::UnknownScript, format!("there is no {name}@{version}")).hint(versions(udf))
}

fn versions(udf: &Udf) -> String {
    let versions: Vec<_> = udf.versions.keys().map(u32::to_string).collect();
    match &versions[..] {
        [version] => format!("there is version {version} alone"),
        versions => format!("there are versions {}", versions.join(", ")),
    }
}

/// Refuses what is no name of a UDF.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let mut chars = name.chars();
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    if name.len() <= 64 && chars.next().is_some_and(is_start) && chars.all(|c| is_start(c) || c.is_ascii_digit()) {
        return Ok(());
    }
    let shown: String = name.chars().take(80).collect();
    Err(Error::new(Code::InvalidUdf, format!("`{}` is no name of a UDF", shown.escape_debug()))
        .expected("a letter or `_`, then letters, digits and `_`, 64 characters at most"))
}

/// Whether a text is a SHA-256 in lower-case hexadecimal.
pub(super) fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
