//! A module in both tiers: interpreted at once, in native code as soon as that is there.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

use crate::exec::udf::limits::Limits;
use crate::exec::udf::wasm::cache::Cache;
use crate::exec::udf::wasm::facts::Facts;
use crate::exec::udf::wasm::fault::Fault;
use crate::exec::udf::wasm::guest::Guest;
use crate::exec::udf::wasm::interpreter::{Interpreted, Interpreter};
use crate::exec::udf::wasm::native::{Compiler, Native};
use crate::exec::udf::wasm::queue::{Outcome, Queue};

/// What runs modules: both engines, the threads that compile, the cache.
#[derive(Debug)]
pub(super) struct Engines {
    pub(super) limits: Limits,
    interpreter: Interpreter,
    compiler: Compiler,
    queue: Queue,
    cache: Option<Cache>,
}

impl Engines {
    /// Engines with these limits.
    pub(super) fn new(limits: Limits, cache: Option<Cache>) -> wasmtime::Result<Self> {
        let compiler = Compiler::new(&limits)?;
        let queue = Queue::new(limits.compilation);
        Ok(Self { limits, interpreter: Interpreter::new(&limits), compiler, queue, cache })
    }

    /// The native code of a module, if it was kept.
    pub(super) fn cached(&self, hash: &str, facts: Facts) -> Option<Native> {
        let module = self.cache.as_ref()?.load(hash, self.compiler.engine(facts.metered))?;
        Some(self.compiler.native(module, facts.metered))
    }
}

/// Where native code comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// It was compiled in this process.
    Compiled,
    /// It was read from the cache.
    Cache,
}

/// Where the calls of a module run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// In the interpreter, until it is compiled.
    Interpreter,
    /// As native code.
    Native(Origin),
    /// In the interpreter for good: why it is not compiled.
    OnlyInterpreter(String),
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interpreter => f.write_str("interpreter, until it is compiled"),
            Self::Native(Origin::Compiled) => f.write_str("native"),
            Self::Native(Origin::Cache) => f.write_str("native, from the cache"),
            Self::OnlyInterpreter(reason) => write!(f, "interpreter: {reason}"),
        }
    }
}

/// A prepared module that was loaded.
pub(super) struct Loaded {
    bytes: Arc<[u8]>,
    pub(super) facts: Facts,
    interpreted: OnceLock<Result<Interpreted, Fault>>,
    native: Arc<Slot>,
}

/// Where native code is put when it is there.
#[derive(Default)]
struct Slot {
    state: Mutex<State>,
    settled: Condvar,
}

#[derive(Clone, Default)]
enum State {
    #[default]
    Compiling,
    Ready(Native, Origin),
    Failed(String),
}

impl Loaded {
    /// Loads a module: its native code from the cache, or else it is compiled in the background.
    pub(super) fn new(engines: &Arc<Engines>, hash: &str, bytes: Arc<[u8]>, facts: Facts) -> Self {
        let native = Arc::<Slot>::default();
        if let Some(cached) = engines.cached(hash, facts) {
            native.settle(State::Ready(cached, Origin::Cache));
        } else {
            let (slot, shared) = (Arc::clone(&native), Arc::clone(engines));
            let (hash, wasm) = (hash.to_owned(), Arc::clone(&bytes));
            let work = move || compile(&shared, &hash, &wasm, facts);
            engines.queue.submit(work, move |outcome| {
                slot.settle(match outcome {
                    Ok(native) => State::Ready(native, Origin::Compiled),
                    Err(reason) => State::Failed(reason),
                });
            });
        }
        Self { bytes, facts, interpreted: OnceLock::new(), native }
    }

    /// Where calls run now.
    pub(super) fn tier(&self) -> Tier {
        match &*self.native.lock() {
            State::Compiling => Tier::Interpreter,
            State::Ready(_, origin) => Tier::Native(*origin),
            State::Failed(reason) => Tier::OnlyInterpreter(reason.clone()),
        }
    }

    /// Waits until it is compiled, or is known to stay interpreted, or the time is over.
    pub(super) fn settle(&self, deadline: Instant) {
        self.native.wait(deadline);
    }

    /// Whether native code is there.
    pub(super) fn is_native(&self) -> bool {
        matches!(*self.native.lock(), State::Ready(..))
    }

    /// An instance in the best tier that there is, and whether that is the native one; nothing of it has run.
    pub(super) fn instantiate(
        &self,
        engines: &Engines,
        driver: usize,
        deadline: Instant,
    ) -> Result<(Box<dyn Guest>, bool), Fault> {
        if self.facts.native_only {
            self.native.wait(deadline);
        }
        let state = self.native.lock().clone();
        match state {
            State::Ready(native, _) => Ok((native.instantiate(&engines.limits, driver)?, true)),
            State::Compiling if self.facts.native_only => Err(Fault::Deadline),
            State::Failed(reason) if self.facts.native_only => Err(Fault::Engine(reason)),
            State::Compiling | State::Failed(_) => {
                let read = || engines.interpreter.read(&self.bytes, self.facts.metered);
                let interpreted = self.interpreted.get_or_init(read).as_ref().map_err(Clone::clone)?;
                Ok((interpreted.instantiate(&engines.limits, driver)?, false))
            }
        }
    }
}

/// Compiles a module and keeps its native code.
fn compile(engines: &Engines, hash: &str, wasm: &[u8], facts: Facts) -> Outcome {
    let native = engines.compiler.compile(wasm, facts.metered).map_err(|e| format!("it does not compile: {e}"))?;
    if let Some(cache) = &engines.cache
        && let Ok(code) = native.serialize()
    {
        // A disk that is full costs the next start some time, and nothing else.
        drop(cache.store(hash, engines.compiler.engine(facts.metered), &code));
    }
    Ok(native)
}

impl Slot {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn settle(&self, state: State) {
        *self.lock() = state;
        self.settled.notify_all();
    }

    /// Waits until it is settled, or the time is over.
    fn wait(&self, deadline: Instant) {
        let mut state = self.lock();
        while let State::Compiling = *state {
            let Some(left) = deadline.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                return;
            };
            state = self.settled.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl fmt::Debug for Loaded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Loaded").field("facts", &self.facts).field("tier", &self.tier()).finish_non_exhaustive()
    }
}
