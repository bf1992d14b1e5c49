//! Runs Python UDFs in worker processes: whatever the code does, the node lives.
//!
//! ```text
//! deploy   file -> a worker parses it -> Prepared                                        inspect.rs
//! call     rows -> area (shared memory) -> worker -> results                  instance.rs, columns.rs, results.rs
//! workers  a spare -> loads a UDF, serves it -> idle -> serves it again, or is ended     pool.rs, process.rs
//! ```
//!
//! A worker has given up all that a UDF does not need before it sees code of a user (`worker/lockdown.py`). It is killed at
//! a deadline, when it ends its channel and when it answers with anything but an answer; the call fails, and the next one
//! gets another worker. Results are checked by the worker for their type (it says which row is wrong), and by the node again
//! for what it relies on.

mod area;
mod columns;
mod failure;
mod inspect;
mod instance;
mod pool;
mod process;
mod protocol;
mod results;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::error::{Code, Error, Result};
use crate::exec::udf::Instance;
use crate::exec::udf::deployment::{Deployment, Prepared};
use crate::exec::udf::limits::{Limit, Limits, exceeded};
use crate::exec::udf::python::area::AREA;
use crate::exec::udf::python::failure::{require_numpy, unready};
use crate::exec::udf::python::instance::PythonInstance;
use crate::exec::udf::python::pool::Pool;
use crate::exec::udf::python::protocol::{Outcome, Request};
use crate::plan::udf::{PythonMode, UdfProfile};

pub use pool::PoolStatus;
pub use process::Hello;
pub(crate) use process::interpreter;

/// The most that a file may have: it goes to a worker in the shared area, as JSON.
const SOURCE: usize = AREA / 8;

/// So many rows go to a worker at once: enough for the way there and back, 20 us with what Python does for a batch, to weigh
/// little, and few enough for their values to stay in the caches of the processor. Rows of doubles are objects of Python.
pub(crate) const fn batch_rows(mode: PythonMode) -> usize {
    match mode {
        PythonMode::Row => 8 << 10,
        PythonMode::Vectorised => 32 << 10,
    }
}

/// The workers of a node, and the files that they load.
#[derive(Debug)]
pub(crate) struct PythonRuntime {
    pool: Arc<Pool>,
    /// By the hash of the file.
    sources: Mutex<HashMap<String, Arc<str>>>,
}

impl PythonRuntime {
    /// A runtime with these limits whose workers are processes of `interpreter`. None is started before one is needed.
    pub(crate) fn new(limits: Limits, interpreter: String) -> Self {
        Self { pool: Pool::new(limits, interpreter), sources: Mutex::default() }
    }

    /// Checks a file that is to be deployed, and makes of it what a worker loads.
    ///
    /// # Errors
    /// It is no Python, has no such function, or the function does not take what is declared; or there is no Python, or no
    /// NumPy where the function is vectorised.
    pub(crate) fn prepare(
        &self,
        deployment: &Deployment,
        source: &str,
        function: Option<&str>,
        mode: PythonMode,
    ) -> Result<Prepared> {
        if source.len() > SOURCE {
            return Err(exceeded(&deployment.name, Limit::Module, format!("{SOURCE} bytes")));
        }
        let mut worker = self.pool.take(None)?;
        if mode == PythonMode::Vectorised {
            require_numpy(&worker, &deployment.name)?;
        }
        let end = Instant::now() + self.pool.limits.call;
        let answer = worker.ask_about(Request::Inspect, inspect::request(source).as_bytes(), end);
        let Some(answer) = answer.ok().filter(|answer| answer.outcome == Outcome::Done) else {
            // Python's parser gives up, or crashes, where a file nests too deep.
            return Err(Error::new(
                Code::InvalidUdf,
                format!("the file of UDF [{}] cannot be parsed", deployment.name),
            ));
        };
        let inspected = worker.said(&answer).map_err(unready)?;
        // It has run no code of the file.
        self.pool.give_back_spare(worker);
        inspect::prepare(&inspected, deployment, source, function, mode)
    }

    /// A UDF that is ready to be called; `read` reads its file, if that was not read yet.
    ///
    /// # Errors
    /// The file cannot be read.
    pub(crate) fn instance(
        &self,
        profile: &Arc<UdfProfile>,
        read: impl FnOnce() -> Result<Vec<u8>>,
    ) -> Result<Box<dyn Instance>> {
        let mut sources = self.sources.lock().unwrap_or_else(PoisonError::into_inner);
        let source = match sources.get(&profile.hash) {
            Some(source) => Arc::clone(source),
            None => {
                let wrong = |_| Error::new(Code::UdfFailed, format!("the file of UDF [{profile}] is not UTF-8"));
                let source: Arc<str> = String::from_utf8(read()?).map_err(wrong)?.into();
                sources.insert(profile.hash.clone(), Arc::clone(&source));
                source
            }
        };
        Ok(Box::new(PythonInstance::new(Arc::clone(&self.pool), Arc::clone(profile), source)))
    }

    /// Forgets files but those of these hashes; what runs keeps its own.
    pub(crate) fn keep(&self, is_kept: impl Fn(&str) -> bool) {
        self.sources.lock().unwrap_or_else(PoisonError::into_inner).retain(|hash, _| is_kept(hash));
    }

    /// Has a worker get ready.
    ///
    /// # Errors
    /// There is no Python that starts.
    pub(crate) fn start(&self) -> Result<()> {
        let worker = self.pool.take(None)?;
        self.pool.give_back_spare(worker);
        Ok(())
    }

    /// What the workers do.
    pub(crate) fn status(&self) -> PoolStatus {
        self.pool.status()
    }
}
