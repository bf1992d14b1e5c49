//! What a registry held at one instant, whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::error::Result;
use crate::exec::udf::registry::Registry;
use crate::exec::udf::registry::files::Stamp;
use crate::exec::udf::registry::head::{Event, Head, Objects};
use crate::exec::udf::registry::manifest::Manifest;
use crate::plan::udf::Catalog;

/// What a registry held at one instant.
#[derive(Debug)]
pub(crate) struct Snapshot {
    stamp: Option<Stamp>,
    head: Head,
    /// By name and version.
    manifests: BTreeMap<(String, u32), Arc<Manifest>>,
    /// What planning sees of it.
    pub(crate) catalog: Arc<Catalog>,
}

/// The versions of a name.
#[derive(Clone, Debug)]
pub struct Versions {
    /// The active one.
    pub active: Arc<Manifest>,
    /// All of them, in order.
    pub all: Vec<Arc<Manifest>>,
}

impl Registry {
    /// Whether the registry has changed since a snapshot; one call of the system.
    pub(crate) fn has_changed(&self, since: &Snapshot) -> bool {
        self.files.stamp() != since.stamp
    }

    /// What the registry holds; manifests that `before` has are not read again.
    pub(crate) fn snapshot(&self, before: Option<&Snapshot>) -> Result<Snapshot> {
        // First the stamp: a head that is swapped in meanwhile is seen at the next look.
        let stamp = self.files.stamp();
        let head = self.head()?;
        let mut manifests = BTreeMap::new();
        let mut catalog = Catalog::default();
        for (name, udf) in &head.udfs {
            let Some(active) = udf.active() else { continue };
            let mut profiles = Vec::with_capacity(udf.versions.len());
            for (version, objects) in &udf.versions {
                let key = (name.clone(), *version);
                let known = before.filter(|before| before.objects(name, *version) == Some(objects));
                let manifest = match known.and_then(|before| before.manifests.get(&key)) {
                    Some(manifest) => Arc::clone(manifest),
                    None => Arc::new(self.manifest(name, *version, objects)?),
                };
                profiles.push(Arc::new(manifest.profile.clone()));
                manifests.insert(key, manifest);
            }
            catalog.insert(name.as_str(), active, profiles);
        }
        Ok(Snapshot { stamp, head, manifests, catalog: Arc::new(catalog) })
    }
}

impl Snapshot {
    /// The names that are deployed, each with its active version.
    pub(crate) fn active(&self) -> impl Iterator<Item = (&str, u32)> {
        self.head.udfs.iter().filter_map(|(name, udf)| Some((name.as_str(), udf.active()?)))
    }

    /// The versions of a name.
    pub(crate) fn versions(&self, name: &str) -> Result<Versions> {
        let (_, active) = self.head.find(name)?;
        let of_name = self.manifests.iter().filter(|((owner, _), _)| owner == name);
        let all: Vec<_> = of_name.map(|(_, manifest)| Arc::clone(manifest)).collect();
        let is_active = |manifest: &&Arc<Manifest>| manifest.profile.version == active;
        let active = all.iter().find(is_active).expect("the active version of a head is one of its versions");
        Ok(Versions { active: Arc::clone(active), all })
    }

    /// Whether a version that is deployed runs this code.
    pub(crate) fn has_code(&self, hash: &str) -> bool {
        self.manifests.values().any(|manifest| manifest.profile.hash == hash)
    }

    /// What happened, the latest last.
    pub(crate) fn history(&self) -> &[Event] {
        &self.head.history
    }

    fn objects(&self, name: &str, version: u32) -> Option<&Objects> {
        self.head.udfs.get(name)?.versions.get(&version)
    }
}
