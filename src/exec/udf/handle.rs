//! The door to deployed UDFs: a registry that was opened, and the runtimes of what is deployed in it.

use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::error::{Code, Error, Result};
use crate::exec::metrics::UdfMetrics;
use crate::exec::udf::Instance;
use crate::exec::udf::caller::Caller;
use crate::exec::udf::counted::Counts;
use crate::exec::udf::deployment::{Deployment, Prepared, Source};
use crate::exec::udf::limits::Limits;
use crate::exec::udf::python::{PoolStatus, PythonRuntime, interpreter};
use crate::exec::udf::registry::{Event, Manifest, Outcome, Registry, Snapshot, Versions, hash};
use crate::exec::udf::wasm::{self, WasmRuntime};
use crate::plan::udf::{Catalog, PythonMode, UdfProfile, UdfRuntime};

/// The folder of a registry in which native code is kept.
const CACHE: &str = "cache";

/// The deployed UDFs and what runs them. Clones are the same; by default none is deployed.
///
/// ```
/// use shardscript::exec::udf::Udfs;
/// let dir = std::env::temp_dir().join(format!("udfs-{}", std::process::id()));
/// let udfs = Udfs::create(&dir)?;
/// assert_eq!(udfs.catalog().names().count(), 0);
/// # std::fs::remove_dir_all(&dir)?;
/// # Ok::<(), shardscript::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Udfs {
    opened: Option<Arc<Opened>>,
    counts: Counts,
}

#[derive(Debug)]
struct Opened {
    limits: Limits,
    registry: Registry,
    seen: Mutex<Arc<Snapshot>>,
    wasm: WasmRuntime,
    python: PythonRuntime,
}

/// What became of a deployment.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// The version that is active now.
    pub manifest: Manifest,
    /// Whether it is new.
    pub outcome: Outcome,
}

/// Where the active version of a name runs.
#[derive(Clone, Debug)]
pub struct Status {
    /// The version.
    pub manifest: Arc<Manifest>,
    /// Where, in words.
    pub tier: String,
}

impl Udfs {
    /// Opens the registry in a directory.
    ///
    /// # Errors
    /// There is no such directory, or a file in it is damaged.
    pub fn open(dir: &Path) -> Result<Self> {
        Self::with_limits(dir, Limits::default())
    }

    /// Opens the registry in a directory; its UDFs have other limits than by default.
    ///
    /// # Errors
    /// There is no such directory, or a file in it is damaged.
    pub fn with_limits(dir: &Path, limits: Limits) -> Result<Self> {
        Self::of(Registry::open(dir)?, limits)
    }

    /// Opens the registry in a directory, which is made if it is not there.
    ///
    /// # Errors
    /// The directory cannot be made, or a file in it is damaged.
    pub fn create(dir: &Path) -> Result<Self> {
        Self::of(Registry::create(dir)?, Limits::default())
    }

    fn of(registry: Registry, limits: Limits) -> Result<Self> {
        let seen = Mutex::new(Arc::new(registry.snapshot(None)?));
        let wasm = WasmRuntime::new(limits, registry.root().join(CACHE));
        let python = PythonRuntime::new(limits, interpreter());
        Ok(Self { opened: Some(Arc::new(Opened { limits, registry, seen, wasm, python })), counts: Counts::default() })
    }

    /// What is deployed now, by whatever process. While the registry cannot be read, it is what was deployed before.
    pub fn catalog(&self) -> Arc<Catalog> {
        static NONE: LazyLock<Arc<Catalog>> = LazyLock::new(Arc::default);
        match &self.opened {
            Some(opened) => Arc::clone(&opened.look().catalog),
            None => Arc::clone(&NONE),
        }
    }

    /// Deploys a UDF: it is checked and prepared, stored, and active for every search that begins afterwards.
    ///
    /// # Errors
    /// The code is not what its runtime takes, it contradicts what is declared, or the registry cannot be written.
    pub fn deploy(&self, deployment: &Deployment) -> Result<Deployed> {
        let opened = self.opened()?;
        deployment.check()?;
        let prepared = opened.prepare(deployment)?;
        let profile = deployment.profile(&prepared)?;
        let original = hash(deployment.source.bytes());
        let (manifest, outcome) = opened.registry.deploy(profile, &prepared.code, original)?;
        Ok(Deployed { manifest, outcome })
    }

    /// Makes the version that was active before the active one active again, or `to`; gives its number.
    ///
    /// # Errors
    /// There is no such version, or the registry cannot be written.
    pub fn rollback(&self, name: &str, to: Option<u32>) -> Result<u32> {
        self.opened()?.registry.rollback(name, to)
    }

    /// Deletes a version that is not active, or a name with all its versions. Searches that have begun keep what they call.
    ///
    /// # Errors
    /// There is no such version, it is active, or the registry cannot be written.
    pub fn delete(&self, name: &str, version: Option<u32>) -> Result<()> {
        self.opened()?.registry.delete(name, version)
    }

    /// [`Udfs::delete`] in a registry that may be too damaged to be opened.
    ///
    /// # Errors
    /// See [`Udfs::delete`].
    pub fn delete_in(dir: &Path, name: &str, version: Option<u32>) -> Result<()> {
        Registry::open(dir)?.delete(name, version)
    }

    /// The names that are deployed, in order.
    ///
    /// # Errors
    /// No registry was opened.
    pub fn names(&self) -> Result<Vec<String>> {
        Ok(self.opened()?.look().active().map(|(name, _)| name.to_owned()).collect())
    }

    /// The versions of a name.
    ///
    /// # Errors
    /// The name is not deployed.
    pub fn versions(&self, name: &str) -> Result<Versions> {
        self.opened()?.look().versions(name)
    }

    /// Where the active version of a name would run now.
    ///
    /// # Errors
    /// The name is not deployed.
    pub fn status(&self, name: &str) -> Result<Status> {
        let active = self.versions(name)?.active;
        let opened = self.opened()?;
        let tier = match &active.profile.runtime {
            UdfRuntime::Wasm { .. } => {
                opened.wasm.tier(&active.profile, || opened.registry.code(&active.profile.hash))?.to_string()
            }
            UdfRuntime::Python { formula: Some(_), .. } if active.profile.bounds.is_none() => {
                "a tree; python, row by row, where an argument can fail".to_owned()
            }
            UdfRuntime::Python { mode: PythonMode::Row, .. } => "python, row by row".to_owned(),
            UdfRuntime::Python { mode: PythonMode::Vectorised, .. } => "python, vectorised".to_owned(),
        };
        Ok(Status { manifest: active, tier })
    }

    /// What was deployed, rolled back and deleted, the latest last.
    ///
    /// # Errors
    /// No registry was opened.
    pub fn history(&self) -> Result<Vec<Event>> {
        Ok(self.opened()?.look().history().to_vec())
    }

    /// Waits until what is compiled in the background is there, and kept for the next process; at most so long.
    pub fn settle(&self, patience: Duration) {
        if let Some(opened) = &self.opened {
            opened.wasm.settle(Instant::now() + patience);
        }
    }

    /// The same UDFs for one search, whose calls are counted.
    pub(crate) fn counting(&self) -> Self {
        Self { opened: self.opened.clone(), counts: Counts::default() }
    }

    /// What the UDFs of this search did.
    pub(crate) fn metrics(&self) -> Vec<UdfMetrics> {
        self.counts.metrics()
    }

    /// Makes the active version of a name, or `name@version`, ready to be called by hand.
    ///
    /// # Errors
    /// It is not deployed, its code is damaged, or it cannot run.
    pub fn caller(&self, reference: &str) -> Result<Caller> {
        let catalog = self.catalog();
        let unknown = || Error::new(Code::UnknownScript, format!("no UDF [{reference}] is deployed"));
        Ok(Caller::new(self.instance(catalog.find(reference).ok_or_else(unknown)?)?))
    }

    /// Makes a version of a UDF ready to be called.
    ///
    /// # Errors
    /// Its code is not here, is damaged, or cannot run.
    pub(crate) fn instance(&self, profile: &Arc<UdfProfile>) -> Result<Box<dyn Instance>> {
        let not_here = |e: Error| {
            Error::new(Code::UnknownScript, format!("the code of UDF [{profile}] is not deployed here")).because(e)
        };
        let opened = self.opened().map_err(not_here)?;
        let code = || opened.registry.code(&profile.hash).map_err(not_here);
        let instance = match &profile.runtime {
            UdfRuntime::Wasm { .. } => opened.wasm.instance(profile, code),
            UdfRuntime::Python { .. } => opened.python.instance(profile, code),
        };
        Ok(self.counts.counted(profile, instance?))
    }

    /// What the workers of Python UDFs do in this process.
    ///
    /// # Errors
    /// No registry was opened.
    pub fn python_status(&self) -> Result<PoolStatus> {
        Ok(self.opened()?.python.status())
    }

    /// Has a worker of Python UDFs get ready, so that the status says what it is.
    ///
    /// # Errors
    /// No registry was opened, or no worker starts.
    pub fn start_python(&self) -> Result<PoolStatus> {
        let opened = self.opened()?;
        opened.python.start()?;
        Ok(opened.python.status())
    }

    fn opened(&self) -> Result<&Arc<Opened>> {
        self.opened.as_ref().ok_or_else(|| {
            Error::new(Code::UdfRuntime, "no registry of UDFs was opened")
                .hint("`--udfs DIR` or the environment variable SHARDSCRIPT_UDFS names one")
        })
    }
}

impl Opened {
    /// What the registry holds now, as far as it can be read.
    fn look(&self) -> Arc<Snapshot> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if self.registry.has_changed(&seen)
            && let Ok(now) = self.registry.snapshot(Some(&seen))
        {
            self.wasm.keep(|hash| now.has_code(hash));
            self.python.keep(|hash| now.has_code(hash));
            *seen = Arc::new(now);
        }
        Arc::clone(&seen)
    }

    /// Checks the code of a deployment and makes of it what its runtime runs.
    fn prepare(&self, deployment: &Deployment) -> Result<Prepared> {
        match &deployment.source {
            Source::Wasm { module, export } => {
                wasm::module::prepare(module, export.as_deref(), deployment, &self.limits)
            }
            Source::Python { source, function, mode } => {
                self.python.prepare(deployment, source, function.as_deref(), *mode)
            }
        }
    }
}
