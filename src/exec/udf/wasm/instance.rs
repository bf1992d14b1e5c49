//! Calls a WebAssembly UDF for batches of rows: in the interpreter first, in native code from the batch on that finds it.

use std::fmt;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use crate::error::{Code, Error, Result};
use crate::exec::udf::rows::Rows;
use crate::exec::udf::wasm::columns::{Arg, Results, fitting, text_bytes};
use crate::exec::udf::wasm::fault::{Failed, Fault};
use crate::exec::udf::wasm::guest::Guest;
use crate::exec::udf::wasm::layout::{self, CELL};
use crate::exec::udf::wasm::tier::{Engines, Loaded};
use crate::exec::udf::{Calls, Input, Instance};
use crate::plan::function::batch::BatchMut;
use crate::plan::udf::{UdfProfile, UdfType};

/// How much room the text of results has at least.
const ROOM: usize = 64 << 10;

/// A UDF that one thread calls.
pub(super) struct WasmInstance {
    profile: Arc<UdfProfile>,
    passed: Vec<UdfType>,
    engines: Arc<Engines>,
    loaded: Arc<Loaded>,
    running: Option<Running>,
    /// Whether the last call ran in native code.
    native: bool,
    /// The rows of a batch that are called, where that is not all of them.
    picked: Vec<u32>,
}

/// A guest that has been started and has not failed.
struct Running {
    guest: Box<dyn Guest>,
    native: bool,
    /// How many rows it has answered.
    rows: u64,
}

/// The time that a batch has.
#[derive(Clone, Copy)]
struct Time {
    begin: Instant,
    end: Instant,
}

impl WasmInstance {
    pub(super) fn new(profile: Arc<UdfProfile>, engines: Arc<Engines>, loaded: Arc<Loaded>) -> Self {
        let passed = profile.signature();
        Self { profile, passed, engines, loaded, running: None, native: false, picked: Vec::new() }
    }

    fn call_rows(
        &mut self,
        rows: Rows<'_>,
        inputs: &[Input<'_>],
        results: &mut Results<'_, '_>,
        time: Time,
    ) -> Result<()> {
        let mut done = 0;
        while done < rows.len() {
            let part = done..done + fitting(inputs, rows, done);
            let now = if done == 0 { time.begin } else { Instant::now() };
            let mut running = self.start(time, now)?;
            self.native = running.native;
            let text = self.write(&mut *running.guest, rows, part.clone(), inputs, time)?;
            match drive(&mut *running.guest, rows, part.clone(), text, results, time) {
                Ok(()) => {
                    done = part.end;
                    running.rows += part.len() as u64;
                    if !self.is_worn_out(&mut running) {
                        self.running = Some(running);
                    }
                }
                Err(Stopped::Wrong(error)) => return Err(error),
                Err(Stopped::Fault(fault, place)) => {
                    running.rows += place as u64;
                    done += place;
                    // Its memory may be full of the strings that it was passed and of its own. Then an instance whose memory is
                    // empty answers the row; if it does not, neither was that the reason.
                    let is_worn_out = self.has_text() && running.rows > 0;
                    if !is_worn_out || !matches!(fault, Fault::Trap(_) | Fault::Memory) {
                        return Err(self.error(&fault, Some(rows.row(done)), time, running.guest.columns()));
                    }
                }
            }
        }
        Ok(())
    }

    /// The guest of the last batch, or one that is started now: the first, or after a fault, or because there is native code.
    fn start(&mut self, time: Time, now: Instant) -> Result<Running> {
        if now >= time.end {
            return Err(self.error(&Fault::Deadline, None, time, &[]));
        }
        if let Some(running) = self.running.take()
            && (running.native || !self.loaded.is_native())
        {
            return Ok(running);
        }
        let driver = layout::pages(self.passed.len(), self.has_text()) << 16;
        let made = caught(|| self.loaded.instantiate(&self.engines, driver as usize, time.end));
        let (mut guest, native) = made.map_err(|fault| self.error(&fault, None, time, &[]))?;
        if guest.columns().len() < layout::text(self.passed.len()) {
            let fault = Fault::Engine("its columns are not those of its arguments".into());
            return Err(self.error(&fault, None, time, &[]));
        }
        match caught(|| guest.start(time.end)) {
            Ok(()) => Ok(Running { guest, native, rows: 0 }),
            Err(fault) => Err(self.error(&fault, None, time, guest.columns())),
        }
    }

    /// Writes the arguments of a part of the rows; says where the text of results may begin.
    fn write(
        &self,
        guest: &mut dyn Guest,
        rows: Rows<'_>,
        part: Range<usize>,
        inputs: &[Input<'_>],
        time: Time,
    ) -> Result<usize> {
        let mut text = layout::text(self.passed.len());
        if self.has_text() {
            let brought: usize = inputs.iter().map(|input| text_bytes(input, rows, part.clone())).sum();
            let needed = text + brought + ROOM;
            let made = if brought > self.engines.limits.memory { Err(Fault::Memory) } else { make_room(guest, needed) };
            made.map_err(|fault| self.error(&fault, Some(rows.row(part.start)), time, &[]))?;
        }
        let memory = guest.columns();
        for (index, (input, ty)) in inputs.iter().zip(&self.passed).enumerate() {
            let arg = Arg { input: *input, index, ty: *ty };
            arg.write(memory, rows, part.clone(), &mut text, self.loaded.facts.utf16).map_err(|reason| {
                Error::new(Code::UdfFailed, format!("UDF [{}] cannot be called: {reason}", self.profile))
            })?;
        }
        Ok(text)
    }

    fn has_text(&self) -> bool {
        self.profile.result == UdfType::Str || self.passed.contains(&UdfType::Str)
    }

    /// Whether the strings that were passed fill its memory; nobody frees them but the module, and few do.
    fn is_worn_out(&self, running: &mut Running) -> bool {
        let pages = if self.has_text() { layout::cell(running.guest.columns(), layout::PAGES) } else { 0 };
        (pages as usize) << 16 > self.engines.limits.memory / 2
    }

    fn error(&self, fault: &Fault, row: Option<usize>, time: Time, header: &[u8]) -> Error {
        let given = time.end.saturating_duration_since(time.begin);
        fault.error(&*self.profile, &self.engines.limits, given, Failed { row, header })
    }
}

/// Why a batch was not finished.
enum Stopped {
    /// The guest failed, at this place of the part; the results before it were read.
    Fault(Fault, usize),
    /// A result is not what it must be.
    Wrong(Error),
}

/// Drives a part of the rows, whose arguments are written; the text of results begins at `text`.
fn drive(
    guest: &mut dyn Guest,
    rows: Rows<'_>,
    part: Range<usize>,
    text: usize,
    results: &mut Results<'_, '_>,
    time: Time,
) -> Result<(), Stopped> {
    let mut at = 0;
    loop {
        let memory = guest.columns();
        let end = u32::try_from(memory.len()).unwrap_or(u32::MAX);
        layout::set_cell(memory, layout::TEXT_NEXT, text as u32);
        layout::set_cell(memory, layout::TEXT_END, end);
        let driven = caught(|| guest.drive((at * CELL) as u32, (part.len() * CELL) as u32, time.end));
        let memory = guest.columns();
        let reached = match &driven {
            Ok(reached) => *reached,
            Err(_) => layout::cell(memory, layout::ROW),
        };
        let reached = (reached as usize / CELL).clamp(at, part.len());
        results.read(memory, rows, part.start, at..reached).map_err(Stopped::Wrong)?;
        if let Err(fault) = driven {
            return Err(Stopped::Fault(fault, reached.min(part.len() - 1)));
        }
        if reached == part.len() {
            return Ok(());
        }
        // The result of a row has no room behind those before it; they have been read.
        let needed = text + layout::cell(memory, layout::RESULT) as usize;
        make_room(guest, needed).map_err(|fault| Stopped::Fault(fault, reached))?;
        at = reached;
    }
}

/// An engine that panics is one that refuses; what it was doing is dropped.
fn caught<T>(call: impl FnOnce() -> Result<T, Fault>) -> Result<T, Fault> {
    catch_unwind(AssertUnwindSafe(call)).unwrap_or_else(|_| Err(Fault::Engine("its engine failed".into())))
}

fn make_room(guest: &mut dyn Guest, bytes: usize) -> Result<(), Fault> {
    if guest.columns().len() >= bytes { Ok(()) } else { guest.make_room(bytes) }
}

impl Instance for WasmInstance {
    fn call(&mut self, calls: Calls<'_>, inputs: &[Input<'_>], out: &mut BatchMut<'_>) -> Result<()> {
        let begin = Instant::now();
        let limit = begin.checked_add(self.engines.limits.call);
        let end = [limit, calls.deadline.end()].into_iter().flatten().min().unwrap_or(begin);
        let time = Time { begin, end };
        let mut picked = std::mem::take(&mut self.picked);
        let rows = Rows::of(calls, &mut picked);
        let profile = Arc::clone(&self.profile);
        let (args, utf16) = (self.passed.len(), self.loaded.facts.utf16);
        let mut results = Results { out, profile: &profile, args, utf16, next: 0 };
        let called = self.call_rows(rows, inputs, &mut results, time);
        results.finish(calls.rows);
        self.picked = picked;
        called
    }

    fn tier(&self) -> &'static str {
        if self.native { "native" } else { "interpreter" }
    }
}

impl fmt::Debug for WasmInstance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WasmInstance").field("udf", &self.profile.to_string()).field("tier", &self.tier()).finish()
    }
}
