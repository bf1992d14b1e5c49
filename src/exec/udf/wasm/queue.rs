//! Compiles in the background, on few threads, and gives up on what does not end.
//!
//! A compilation cannot be stopped. One that exceeds its time is left behind: its result is not waited for, and another
//! thread takes its place. When too many are left behind, nothing is compiled until one of them ends; modules are
//! interpreted meanwhile. So a module that is made to be compiled for hours costs others nothing but a share of the
//! processor.

use std::collections::VecDeque;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::exec::udf::wasm::native::Native;

/// How many modules are compiled at the same time.
const THREADS: usize = 2;
/// How many compilations may be left behind.
const MOST_LEFT: usize = 4;
/// The stack of a thread that compiles.
const STACK: usize = 8 << 20;

/// What is done in the background: the work, and what happens with what it gives.
struct Job {
    work: Box<dyn FnOnce() -> Outcome + Send>,
    done: Box<dyn FnOnce(Outcome) + Send>,
}

/// What became of it.
pub(super) type Outcome = Result<Native, String>;

/// The threads and what waits for them.
#[derive(Clone)]
pub(super) struct Queue {
    state: Arc<Mutex<State>>,
    time: Duration,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    /// Threads that take jobs.
    threads: usize,
    /// Compilations that were left behind and still run.
    left: usize,
}

impl Queue {
    /// A queue whose compilations may take so long each; 0 switches them off.
    pub(super) fn new(time: Duration) -> Self {
        Self { state: Arc::default(), time }
    }

    /// Compiles when it is the turn; `done` is told what came of it.
    pub(super) fn submit(
        &self,
        work: impl FnOnce() -> Outcome + Send + 'static,
        done: impl FnOnce(Outcome) + Send + 'static,
    ) {
        if self.time.is_zero() {
            return done(Err("compilation is switched off".into()));
        }
        let mut state = lock(&self.state);
        state.waiting.push_back(Job { work: Box::new(work), done: Box::new(done) });
        if state.threads >= THREADS {
            return;
        }
        state.threads += 1;
        drop(state);
        let queue = self.clone();
        if thread::Builder::new().name("udf-compile".into()).spawn(move || queue.take_jobs()).is_err() {
            let mut state = lock(&self.state);
            state.threads -= 1;
            // Nobody is left to do it.
            let waiting = if state.threads == 0 { std::mem::take(&mut state.waiting) } else { VecDeque::new() };
            drop(state);
            waiting.into_iter().for_each(|job| (job.done)(Err("no thread can be started".into())));
        }
    }

    /// Runs jobs until none waits.
    fn take_jobs(&self) {
        loop {
            let mut state = lock(&self.state);
            let Some(job) = state.waiting.pop_front() else {
                state.threads -= 1;
                return;
            };
            let refused = state.left >= MOST_LEFT;
            drop(state);
            let outcome = if refused {
                Err(format!("{MOST_LEFT} compilations that do not end are still running"))
            } else {
                self.run(job.work)
            };
            (job.done)(outcome);
        }
    }

    /// Waits for a job as long as it may take.
    fn run(&self, work: Box<dyn FnOnce() -> Outcome + Send>) -> Outcome {
        let (send, receive) = mpsc::sync_channel(1);
        let state = Arc::clone(&self.state);
        let compile = move || {
            let outcome = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("the compiler failed".into()));
            // It fails where nobody waits any more.
            if send.send(outcome).is_err() {
                lock(&state).left -= 1;
            }
        };
        let thread = thread::Builder::new().name("udf-compiling".into()).stack_size(STACK).spawn(compile);
        if let Err(e) = thread {
            return Err(format!("no thread can be started: {e}"));
        }
        match receive.recv_timeout(self.time) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Disconnected) => Err("the compiler failed".into()),
            Err(RecvTimeoutError::Timeout) => {
                let mut state = lock(&self.state);
                state.left += 1;
                // It may have ended just now: then its send went well, and it does not count itself out.
                match receive.try_recv() {
                    Ok(outcome) => {
                        state.left -= 1;
                        outcome
                    }
                    Err(_) => Err(format!("it took longer than {} ms to compile", self.time.as_millis())),
                }
            }
        }
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue").field("time", &self.time).finish_non_exhaustive()
    }
}
