//! The second tier: `wasmtime` runs a module as native code.
//!
//! Code that may take any time looks at an epoch that a thread advances; after each the clock is looked at.

use std::fmt;
use std::time::Instant;

use wasmtime::{
    Config, Engine, Instance, Memory, Module, ResourceLimiter, Store, Trap as Code, TypedFunc, UpdateDeadline,
    WasmParams, WasmResults,
};

use crate::exec::udf::limits::Limits;
use crate::exec::udf::wasm::fault::{Fault, Trap};
use crate::exec::udf::wasm::guest::{Allowance, Guest};
use crate::exec::udf::wasm::rewrite::{COLUMNS, DRIVE, START};
use crate::exec::udf::wasm::simd::substitute;
use crate::exec::udf::wasm::ticker::Ticker;

/// The engines of a process: one checks epochs, one does not.
#[derive(Clone)]
pub(super) struct Compiler {
    plain: Engine,
    metered: Engine,
    ticker: Ticker,
}

/// A module in native code.
#[derive(Clone)]
pub(super) struct Native {
    module: Module,
    /// What advances the epoch, where the code looks at it.
    ticker: Option<Ticker>,
}

struct Running {
    store: Store<State>,
    drive: TypedFunc<(i32, i32), i32>,
    start: Option<TypedFunc<(), ()>>,
    columns: Memory,
    ticker: Option<Ticker>,
}

struct State {
    allowance: Allowance,
    deadline: Instant,
}

impl Compiler {
    /// Engines with these limits.
    pub(super) fn new(limits: &Limits) -> wasmtime::Result<Self> {
        let metered = Engine::new(&config(limits, true))?;
        Ok(Self { plain: Engine::new(&config(limits, false))?, ticker: Ticker::new(metered.weak()), metered })
    }

    /// The engine for code that may take any time, or the one for code that does not.
    pub(super) fn engine(&self, metered: bool) -> &Engine {
        if metered { &self.metered } else { &self.plain }
    }

    /// Compiles a prepared module; this may take long.
    pub(super) fn compile(&self, module: &[u8], metered: bool) -> wasmtime::Result<Native> {
        let module = substitute(module)?;
        Ok(self.native(Module::from_binary(self.engine(metered), &module)?, metered))
    }

    /// A module that was compiled by [`Self::engine`].
    pub(super) fn native(&self, module: Module, metered: bool) -> Native {
        Native { module, ticker: metered.then(|| self.ticker.clone()) }
    }
}

fn config(limits: &Limits, metered: bool) -> Config {
    let mut config = Config::new();
    config
        .epoch_interruption(metered)
        .max_wasm_stack(limits.stack)
        .wasm_relaxed_simd(false)
        .wasm_backtrace_max_frames(None)
        .generate_address_map(false)
        .native_unwind_info(false);
    config
}

impl Native {
    /// The code, as it is kept on disk.
    pub(super) fn serialize(&self) -> wasmtime::Result<Vec<u8>> {
        self.module.serialize()
    }

    /// Makes an instance; nothing of it has run.
    pub(super) fn instantiate(&self, limits: &Limits, driver: usize) -> Result<Box<dyn Guest>, Fault> {
        let state = State { allowance: Allowance::new(limits, driver), deadline: Instant::now() };
        let mut store = Store::new(self.module.engine(), state);
        store.limiter(|state| &mut state.allowance);
        if self.ticker.is_some() {
            store.epoch_deadline_callback(|store| {
                let over = Instant::now() >= store.data().deadline;
                Ok(if over { UpdateDeadline::Interrupt } else { UpdateDeadline::Continue(1) })
            });
            store.set_epoch_deadline(1);
        }
        let instance = Instance::new(&mut store, &self.module, &[]);
        let instance = instance.map_err(|e| fault(&e).after(store.data().allowance.denied))?;
        let drive = instance.get_typed_func(&mut store, DRIVE).map_err(|e| fault(&e))?;
        let start = instance.get_typed_func(&mut store, START).ok();
        let columns = instance.get_memory(&mut store, COLUMNS);
        let columns = columns.ok_or_else(|| Fault::Engine("it has no columns".into()))?;
        Ok(Box::new(Running { store, drive, start, columns, ticker: self.ticker.clone() }))
    }
}

/// Calls a function, which has to end by a deadline.
fn call<P: WasmParams, R: WasmResults>(
    store: &mut Store<State>,
    ticker: Option<&Ticker>,
    function: &TypedFunc<P, R>,
    params: P,
    deadline: Instant,
) -> Result<R, Fault> {
    let state = store.data_mut();
    state.deadline = deadline;
    state.allowance.denied = Default::default();
    let _ticking = match ticker {
        None => None,
        Some(ticker) => {
            let run = ticker.run().ok_or_else(|| Fault::Engine("no thread for its deadline can be started".into()))?;
            store.set_epoch_deadline(1);
            Some(run)
        }
    };
    function.call(&mut *store, params).map_err(|e| fault(&e).after(store.data().allowance.denied))
}

impl Guest for Running {
    fn columns(&mut self) -> &mut [u8] {
        self.columns.data_mut(&mut self.store)
    }

    fn make_room(&mut self, bytes: usize) -> Result<(), Fault> {
        let missing = bytes.saturating_sub(self.columns.data_size(&self.store)).div_ceil(64 << 10);
        self.store.data_mut().allowance.add_driver(missing << 16);
        self.columns.grow(&mut self.store, missing as u64).map_err(|_| Fault::Memory)?;
        Ok(())
    }

    fn start(&mut self, deadline: Instant) -> Result<(), Fault> {
        match &self.start {
            None => Ok(()),
            Some(start) => call(&mut self.store, self.ticker.as_ref(), start, (), deadline),
        }
    }

    fn drive(&mut self, from: u32, to: u32, deadline: Instant) -> Result<u32, Fault> {
        let params = (from as i32, to as i32);
        Ok(call(&mut self.store, self.ticker.as_ref(), &self.drive, params, deadline)? as u32)
    }
}

/// What an error of the engine means.
fn fault(error: &wasmtime::Error) -> Fault {
    match error.downcast_ref() {
        Some(Code::UnreachableCodeReached) => Fault::Trap(Trap::Unreachable),
        Some(Code::MemoryOutOfBounds) => Fault::Trap(Trap::MemoryOutOfBounds),
        Some(Code::TableOutOfBounds) => Fault::Trap(Trap::TableOutOfBounds),
        Some(Code::IndirectCallToNull) => Fault::Trap(Trap::IndirectCallToNull),
        Some(Code::IntegerDivisionByZero) => Fault::Trap(Trap::IntegerDivisionByZero),
        Some(Code::IntegerOverflow) => Fault::Trap(Trap::IntegerOverflow),
        Some(Code::BadConversionToInteger) => Fault::Trap(Trap::BadConversionToInteger),
        Some(Code::BadSignature) => Fault::Trap(Trap::BadSignature),
        Some(Code::StackOverflow) => Fault::Stack,
        Some(Code::Interrupt) => Fault::Deadline,
        Some(_) | None => Fault::Engine(error.to_string()),
    }
}

impl ResourceLimiter for Allowance {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow_memory(current, desired))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        Ok(self.grow_table(current, desired))
    }
}

impl fmt::Debug for Compiler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiler").finish_non_exhaustive()
    }
}

impl fmt::Debug for Native {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Native").finish_non_exhaustive()
    }
}
