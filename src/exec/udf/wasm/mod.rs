//! Runs UDFs in WebAssembly: prepared at deployment, interpreted at once, in native code soon after.
//!
//! ```text
//! deploy   bytes -> inspect -> signature -> rewrite (wasi, driver, reach) -> Prepared      module.rs
//! load     Prepared -> cache, or queue -> Native                                           tier.rs
//! call     rows -> columns -> Guest (interpreter, native) -> results                       instance.rs
//! ```
//!
//! Both tiers run the same module, native code two rows at once where it can (`simd.rs`), and give the same bits, but for
//! the payload of NaN. What a module can do is bounded by
//! [`Limits`]; after a trap its instance is dropped.

mod cache;
mod columns;
mod driver;
mod evict;
mod facts;
mod fault;
mod guest;
mod inline;
mod inspect;
mod instance;
mod interpreter;
mod layout;
pub(crate) mod module;
mod native;
mod queue;
mod reach;
mod rewrite;
mod signature;
mod simd;
mod sizes;
#[cfg(test)]
mod tests;
mod ticker;
mod tier;
mod wasi;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use crate::error::{Code, Error, Result};
use crate::exec::udf::Instance;
use crate::exec::udf::limits::Limits;
use crate::exec::udf::registry::hash;
use crate::exec::udf::wasm::cache::Cache;
use crate::exec::udf::wasm::facts::Facts;
use crate::exec::udf::wasm::instance::WasmInstance;
use crate::exec::udf::wasm::tier::{Engines, Loaded};
use crate::plan::udf::UdfProfile;

pub(crate) use tier::{Origin, Tier};

/// The engines of a process, and the modules that they run.
#[derive(Debug)]
pub(crate) struct WasmRuntime {
    limits: Limits,
    /// Where native code is kept.
    cache: PathBuf,
    /// They are made when the first module is loaded.
    engines: OnceLock<Result<Arc<Engines>>>,
    modules: Mutex<HashMap<String, Arc<Loaded>>>,
}

impl WasmRuntime {
    /// A runtime with these limits that keeps native code in the folder `cache`.
    pub(crate) fn new(limits: Limits, cache: PathBuf) -> Self {
        Self { limits, cache, engines: OnceLock::new(), modules: Mutex::default() }
    }

    /// A UDF that is ready to be called; `read` reads its prepared module, if it is not loaded yet.
    ///
    /// # Errors
    /// The module cannot be read, or is not the one that was deployed.
    pub(crate) fn instance(
        &self,
        profile: &Arc<UdfProfile>,
        read: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Box<dyn Instance>> {
        let loaded = self.load(profile, read)?;
        Ok(Box::new(WasmInstance::new(Arc::clone(profile), self.engines()?, loaded)))
    }

    /// Where the calls of a UDF run, or would run. Nothing is compiled for that.
    ///
    /// # Errors
    /// The module cannot be read, or is not the one that was deployed.
    pub(crate) fn tier(&self, profile: &UdfProfile, read: impl FnOnce() -> Result<Vec<u8>>) -> Result<Tier> {
        let engines = self.engines()?;
        if let Some(loaded) = self.modules.lock().unwrap_or_else(PoisonError::into_inner).get(&profile.hash) {
            return Ok(loaded.tier());
        }
        let (_, facts) = checked(profile, read)?;
        let cached = engines.cached(&profile.hash, facts).is_some();
        Ok(if cached { Tier::Native(Origin::Cache) } else { Tier::Interpreter })
    }

    /// Forgets modules but those of these hashes; what runs keeps its own.
    pub(crate) fn keep(&self, is_kept: impl Fn(&str) -> bool) {
        self.modules.lock().unwrap_or_else(PoisonError::into_inner).retain(|hash, _| is_kept(hash));
    }

    /// Waits until nothing that is loaded is being compiled any more, or the time is over.
    pub(crate) fn settle(&self, deadline: Instant) {
        let modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded: Vec<_> = modules.values().map(Arc::clone).collect();
        drop(modules);
        loaded.iter().for_each(|loaded| loaded.settle(deadline));
    }

    fn engines(&self) -> Result<Arc<Engines>> {
        let make = || {
            // Without a cache a restart compiles again.
            let engines = Engines::new(self.limits, Cache::open(&self.cache, self.limits.cache).ok());
            let wrong = |e| Error::new(Code::UdfRuntime, format!("WebAssembly does not run on this machine: {e}"));
            Ok(Arc::new(engines.map_err(wrong)?))
        };
        self.engines.get_or_init(make).clone()
    }

    fn load(&self, profile: &UdfProfile, read: impl FnOnce() -> Result<Vec<u8>>) -> Result<Arc<Loaded>> {
        let engines = self.engines()?;
        let mut modules = self.modules.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = modules.get(&profile.hash) {
            return Ok(Arc::clone(loaded));
        }
        let (bytes, facts) = checked(profile, read)?;
        let loaded = Arc::new(Loaded::new(&engines, &profile.hash, bytes.into(), facts));
        modules.insert(profile.hash.clone(), Arc::clone(&loaded));
        Ok(loaded)
    }
}

/// Reads a module. What its facts say decides whether its code can be interrupted: they have to be those that were deployed.
fn checked(profile: &UdfProfile, read: impl FnOnce() -> Result<Vec<u8>>) -> Result<(Vec<u8>, Facts)> {
    let bytes = read()?;
    let wrong = |reason: &str| Error::new(Code::UdfFailed, format!("the module of UDF [{profile}] {reason}"));
    if hash(&bytes) != profile.hash {
        return Err(wrong("is not the one that was deployed: its hash is another"));
    }
    let facts = Facts::read(&bytes)
        .ok_or_else(|| wrong("was prepared by another version of this program").hint("deploy it again"))?;
    Ok((bytes, facts))
}
