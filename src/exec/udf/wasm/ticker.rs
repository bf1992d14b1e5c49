//! Advances the epoch of native code about once a millisecond, while calls run and a little longer.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use wasmtime::EngineWeak;

/// The time between two epochs.
const TICK: Duration = Duration::from_millis(1);
/// How many of them the thread goes on for when no call runs: waking it costs more than a batch does.
const LINGER: u32 = 100;

/// A handle on the thread; it starts with the first call, and ends with the engine.
#[derive(Clone)]
pub(super) struct Ticker(Arc<Shared>);

struct Shared {
    engine: EngineWeak,
    /// How many calls run.
    running: AtomicUsize,
    /// Whether the thread ticks; if it does not, a call has to wake or start it.
    ticking: AtomicBool,
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    NotStarted,
    Ticking,
    Asleep,
}

/// A call that runs.
pub(super) struct Run<'a>(&'a Shared);

impl Ticker {
    /// For this engine.
    pub(super) fn new(engine: EngineWeak) -> Self {
        let (running, ticking) = (AtomicUsize::new(0), AtomicBool::new(false));
        Self(Arc::new(Shared { engine, running, ticking, state: Mutex::new(State::NotStarted), wake: Condvar::new() }))
    }

    /// Ticks until what it returns is dropped; `None`: there is no thread that could.
    pub(super) fn run(&self) -> Option<Run<'_>> {
        self.0.running.fetch_add(1, Ordering::SeqCst);
        let run = Run(&self.0);
        (self.0.ticking.load(Ordering::SeqCst) || self.wake()).then_some(run)
    }

    #[cold]
    fn wake(&self) -> bool {
        let shared = &*self.0;
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        match *state {
            State::Ticking => {}
            State::Asleep => shared.wake.notify_one(),
            State::NotStarted => {
                let thread = Arc::clone(&self.0);
                let started = thread::Builder::new().name("udf-epochs".into()).spawn(move || tick(&thread));
                if started.is_err() {
                    return false;
                }
            }
        }
        *state = State::Ticking;
        shared.ticking.store(true, Ordering::SeqCst);
        true
    }
}

/// The thread.
fn tick(shared: &Shared) {
    let mut idle = 0;
    loop {
        thread::sleep(TICK);
        let Some(engine) = shared.engine.upgrade() else { return };
        engine.increment_epoch();
        drop(engine);
        idle = if shared.running.load(Ordering::SeqCst) == 0 { idle + 1 } else { 0 };
        if idle < LINGER {
            continue;
        }
        let mut state = shared.state.lock().unwrap_or_else(PoisonError::into_inner);
        shared.ticking.store(false, Ordering::SeqCst);
        // A call that began before that store saw a thread that ticks.
        if shared.running.load(Ordering::SeqCst) != 0 {
            shared.ticking.store(true, Ordering::SeqCst);
            continue;
        }
        *state = State::Asleep;
        while *state == State::Asleep {
            let (guard, waited) =
                shared.wake.wait_timeout(state, Duration::from_secs(1)).unwrap_or_else(PoisonError::into_inner);
            state = guard;
            if waited.timed_out() && shared.engine.upgrade().is_none() {
                return;
            }
        }
        idle = 0;
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        self.0.running.fetch_sub(1, Ordering::SeqCst);
    }
}

impl fmt::Debug for Ticker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticker").finish_non_exhaustive()
    }
}
