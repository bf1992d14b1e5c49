//! The deployed UDFs as one search sees them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::UdfProfile;

/// The deployed UDFs at one instant: what a search sees, whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    udfs: BTreeMap<String, CatalogEntry>,
}

/// The versions of a name.
#[derive(Clone, Debug, PartialEq)]
struct CatalogEntry {
    active: u32,
    versions: Vec<Arc<UdfProfile>>,
}

impl Catalog {
    /// No UDF at all.
    pub const fn new() -> Self {
        Self { udfs: BTreeMap::new() }
    }

    /// Adds a name with its versions and says which is active.
    pub fn insert(&mut self, name: impl Into<String>, active: u32, versions: Vec<Arc<UdfProfile>>) {
        self.udfs.insert(name.into(), CatalogEntry { active, versions });
    }

    /// Finds the UDF that `name` (the active version) or `name@version` stands for.
    pub fn find(&self, reference: &str) -> Option<&Arc<UdfProfile>> {
        let (name, version) = match reference.split_once('@') {
            Some((name, version)) => (name, Some(version.parse().ok()?)),
            None => (reference, None),
        };
        let entry = self.udfs.get(name)?;
        let version = version.unwrap_or(entry.active);
        entry.versions.iter().find(|profile| profile.version == version)
    }

    /// The versions of a name, in the order in which they were given.
    pub fn versions(&self, name: &str) -> impl Iterator<Item = &Arc<UdfProfile>> {
        self.udfs.get(name).into_iter().flat_map(|entry| &entry.versions)
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.udfs.keys().map(String::as_str)
    }
}
