//! The workers of a node: those that have loaded a UDF and are free, and a spare that is started before it is needed.
//!
//! A worker serves one version of one UDF all its life, so that no code sees the values of another. All of them are started
//! by one thread that lives as long as the pool: the kernel kills a worker when the thread that started it ends.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use crate::error::{Code, Error, Result};
use crate::exec::udf::limits::Limits;
use crate::exec::udf::python::failure::unready;
use crate::exec::udf::python::process::{Hello, Worker};
use crate::plan::udf::UdfProfile;

/// How many workers may be at work at the same time.
const MOST: usize = 64;

/// How many workers without work are kept; beyond that, the one that waits longest is ended.
const IDLE: usize = 8;

/// How long a worker may take to start: it imports NumPy.
pub(super) const STARTING: Duration = Duration::from_secs(10);

/// The workers.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) limits: Limits,
    interpreter: String,
    state: Mutex<State>,
    changed: Condvar,
}

/// A worker that has loaded a UDF.
#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) worker: Worker,
    pub(super) profile: Arc<UdfProfile>,
}

/// What the workers do, for people.
#[derive(Clone, Debug, Default)]
pub struct PoolStatus {
    /// What the last worker that got ready said of itself.
    pub hello: Option<Hello>,
    /// How many workers are at work.
    pub busy: usize,
    /// How many have loaded a UDF and wait for calls.
    pub idle: usize,
    /// How many are ready for any UDF, or on the way there.
    pub spare: usize,
    /// How many have been started.
    pub started: u64,
}

#[derive(Debug, Default)]
struct State {
    /// Asks the thread that starts workers for one more.
    starter: Option<Sender<()>>,
    /// How many it was asked for and has not delivered.
    pending: usize,
    spares: VecDeque<Result<Worker>>,
    idle: VecDeque<Loaded>,
    busy: usize,
    started: u64,
    hello: Option<Hello>,
}

/// The right to have one worker at work; the worker is counted as long as this lives.
#[derive(Debug)]
pub(super) struct Permit(Arc<Pool>);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.state().busy -= 1;
    }
}

impl Pool {
    pub(super) fn new(limits: Limits, interpreter: String) -> Arc<Self> {
        Arc::new(Self { limits, interpreter, state: Mutex::default(), changed: Condvar::new() })
    }

    /// The right to have one more worker at work.
    pub(super) fn permit(self: &Arc<Self>) -> Result<Permit> {
        let mut state = self.state();
        if state.busy >= MOST {
            return Err(Error::new(
                Code::UdfRuntime,
                format!("{MOST} Python workers are at work, and more are not allowed"),
            )
            .hint("try again later"));
        }
        state.busy += 1;
        drop(state);
        Ok(Permit(Arc::clone(self)))
    }

    /// A free worker that has loaded this UDF.
    pub(super) fn idle(&self, profile: &Arc<UdfProfile>) -> Option<Loaded> {
        let mut state = self.state();
        loop {
            let found = state.idle.iter().rposition(|loaded| loaded.profile == *profile)?;
            let loaded = state.idle.remove(found)?;
            if loaded.worker.is_quiet() {
                return Some(loaded);
            }
        }
    }

    /// Takes back a worker that has answered all that it was asked.
    pub(super) fn give_back(&self, loaded: Loaded) {
        let mut state = self.state();
        state.idle.push_back(loaded);
        let oldest = if state.idle.len() > IDLE { state.idle.pop_front() } else { None };
        // It is ended without the lock.
        drop(state);
        drop(oldest);
    }

    /// A worker that is ready and has loaded nothing.
    pub(super) fn take(self: &Arc<Self>, end: Option<Instant>) -> Result<Worker> {
        let end = end.into_iter().fold(Instant::now() + STARTING, Instant::min);
        let mut worker = self.spare(end)?;
        worker.ready(end).map_err(unready)?;
        self.state().hello = worker.hello().cloned();
        Ok(worker)
    }

    /// Takes back a worker that has loaded nothing.
    pub(super) fn give_back_spare(&self, worker: Worker) {
        self.state().spares.push_back(Ok(worker));
    }

    /// Has a spare started, if there is none.
    pub(super) fn warm_up(self: &Arc<Self>) {
        let mut state = self.state();
        if state.pending == 0 && state.spares.is_empty() {
            // Who needs it is told.
            let _ = self.start_one(&mut state);
        }
    }

    pub(super) fn status(&self) -> PoolStatus {
        let state = self.state();
        PoolStatus {
            hello: state.hello.clone(),
            busy: state.busy,
            idle: state.idle.len(),
            spare: state.spares.iter().filter(|spare| spare.is_ok()).count() + state.pending,
            started: state.started,
        }
    }

    fn spare(self: &Arc<Self>, end: Instant) -> Result<Worker> {
        let mut state = self.state();
        // What could not be started before may be possible now.
        state.spares.retain(Result::is_ok);
        if state.spares.is_empty() {
            self.start_one(&mut state)?;
        }
        loop {
            if let Some(spare) = state.spares.pop_front() {
                return spare;
            }
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Error::new(Code::UdfRuntime, "no Python worker was started in time"));
            }
            state = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    fn start_one(self: &Arc<Self>, state: &mut State) -> Result<()> {
        if state.starter.is_none() {
            let (sender, receiver) = channel();
            let pool = Arc::downgrade(self);
            let thread = std::thread::Builder::new().name("udf-python".into());
            thread.spawn(move || start_workers(&pool, &receiver))?;
            state.starter = Some(sender);
        }
        let asked = state.starter.as_ref().is_some_and(|starter| starter.send(()).is_ok());
        if !asked {
            return Err(Error::new(Code::UdfRuntime, "the thread that starts Python workers has ended"));
        }
        state.pending += 1;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts a worker for each message, as long as there is a pool.
fn start_workers(pool: &Weak<Pool>, asked: &Receiver<()>) {
    while asked.recv().is_ok() {
        let Some(pool) = pool.upgrade() else { return };
        let worker = Worker::start(&pool.interpreter, &pool.limits);
        let mut state = pool.state();
        state.pending -= 1;
        state.started += u64::from(worker.is_ok());
        state.spares.push_back(worker);
        pool.changed.notify_all();
    }
}
