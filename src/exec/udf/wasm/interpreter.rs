//! The first tier: `wasmi` runs a module at once.
//!
//! Code that may take any time runs in slices of fuel; the clock is looked at between them.

use std::fmt;
use std::time::Instant;

use wasmi::errors::{ErrorKind, InstantiationError, MemoryError, TableError};
use wasmi::{
    CompilationMode, Config, CustomFuelCosts, Engine, Linker, Memory, Module, OperatorCost, ResourceLimiter, Store,
    TrapCode, TypedFunc, TypedResumableCall, WasmParams, WasmResults,
};
use wasmi_core::LimiterError;

use crate::exec::udf::limits::Limits;
use crate::exec::udf::wasm::fault::{Fault, Trap};
use crate::exec::udf::wasm::guest::{Allowance, Guest};
use crate::exec::udf::wasm::rewrite::{COLUMNS, DRIVE, START};

/// How much fuel a slice has: some hundred microseconds.
const SLICE: u64 = 100_000;

/// What the growth of a memory costs. Optimised builds of wasmi 2.0 leave a frame of 200 bytes on the native stack for each
/// (its handlers are tail calls, but not this one) until the slice ends: so there are a thousand frames at most. See also
/// [`MAX_GROWTHS`](super::sizes::MAX_GROWTHS).
const GROWTH: u8 = u8::MAX;

/// A frame takes this much of the stack at least, so that recursion ends where that of native code would about.
const LEAST_FRAME: usize = 16;

/// The engines of a process: one counts fuel, one does not.
#[derive(Clone)]
pub(super) struct Interpreter {
    plain: Engine,
    metered: Engine,
}

/// A module that can be interpreted.
#[derive(Clone)]
pub(super) struct Interpreted {
    module: Module,
    metered: bool,
}

struct Interpretation {
    store: Store<Allowance>,
    drive: TypedFunc<(i32, i32), i32>,
    start: Option<TypedFunc<(), ()>>,
    columns: Memory,
    metered: bool,
}

impl Interpreter {
    /// Engines with these limits.
    pub(super) fn new(limits: &Limits) -> Self {
        Self { plain: engine(limits, false), metered: engine(limits, true) }
    }

    /// Reads a prepared module.
    pub(super) fn read(&self, module: &[u8], metered: bool) -> Result<Interpreted, Fault> {
        let engine = if metered { &self.metered } else { &self.plain };
        Ok(Interpreted { module: Module::new(engine, module).map_err(|e| fault(&e))?, metered })
    }
}

/// Whether the interpreter takes a module with all its functions; otherwise it translates each when it is first called.
pub(super) fn check(module: &[u8], limits: &Limits) -> Result<(), wasmi::Error> {
    let mut config = config(limits, false);
    config.compilation_mode(CompilationMode::Eager);
    Module::new(&Engine::new(&config), module).map(drop)
}

fn engine(limits: &Limits, metered: bool) -> Engine {
    Engine::new(&config(limits, metered))
}

fn config(limits: &Limits, metered: bool) -> Config {
    let mut config = Config::default();
    config
        .consume_fuel(metered)
        // Functions are translated when they are first called; that ends soon, and cannot be resumed.
        .fuel_cost(CustomFuelCosts {
            bytes_copied_per_fuel: 64,
            fuel_per_bytes_translated: 0,
            fuel_per_bytes_validated: 0,
        })
        .operator_cost(OperatorCost { memory_grow: GROWTH, ..OperatorCost::default() })
        .ignore_custom_sections(true)
        .set_max_stack_height(limits.stack.max(1_000))
        .set_max_recursion_depth(limits.stack / LEAST_FRAME);
    config
}

impl Interpreted {
    /// Makes an instance; nothing of it has run.
    pub(super) fn instantiate(&self, limits: &Limits, driver: usize) -> Result<Box<dyn Guest>, Fault> {
        let engine = self.module.engine();
        let mut store = Store::new(engine, Allowance::new(limits, driver));
        store.limiter(|allowance| allowance);
        if self.metered {
            store.set_fuel(SLICE).map_err(|e| fault(&e))?;
        }
        let instance = Linker::new(engine).instantiate_and_start(&mut store, &self.module);
        let instance = instance.map_err(|e| fault(&e).after(store.data().denied))?;
        let drive = instance.get_typed_func(&store, DRIVE).map_err(|e| fault(&e))?;
        let start = instance.get_typed_func(&store, START).ok();
        let columns = instance.get_memory(&store, COLUMNS).ok_or_else(|| Fault::Engine("it has no columns".into()))?;
        Ok(Box::new(Interpretation { store, drive, start, columns, metered: self.metered }))
    }
}

impl Interpretation {
    fn call<P: WasmParams, R: WasmResults>(
        &mut self,
        function: TypedFunc<P, R>,
        params: P,
        deadline: Instant,
    ) -> Result<R, Fault> {
        self.store.data_mut().denied = Default::default();
        let result = if self.metered {
            self.call_metered(function, params, deadline)
        } else {
            function.call(&mut self.store, params).map_err(|e| fault(&e))
        };
        result.map_err(|fault| fault.after(self.store.data().denied))
    }

    fn call_metered<P: WasmParams, R: WasmResults>(
        &mut self,
        function: TypedFunc<P, R>,
        params: P,
        deadline: Instant,
    ) -> Result<R, Fault> {
        self.store.set_fuel(SLICE).map_err(|e| fault(&e))?;
        let mut state = function.call_resumable(&mut self.store, params);
        loop {
            match state.map_err(|e| fault(&e))? {
                TypedResumableCall::Finished(result) => return Ok(result),
                TypedResumableCall::OutOfFuel(call) => {
                    if Instant::now() >= deadline {
                        return Err(Fault::Deadline);
                    }
                    let slice = SLICE.max(call.required_fuel());
                    self.store.set_fuel(slice).map_err(|e| fault(&e))?;
                    state = call.resume(&mut self.store);
                }
                TypedResumableCall::HostTrap(_) => return Err(Fault::Engine("it has no host functions".into())),
            }
        }
    }
}

impl Guest for Interpretation {
    fn columns(&mut self) -> &mut [u8] {
        self.columns.data_mut(&mut self.store)
    }

    fn make_room(&mut self, bytes: usize) -> Result<(), Fault> {
        let missing = bytes.saturating_sub(self.columns.data_size(&self.store)).div_ceil(64 << 10);
        self.store.data_mut().add_driver(missing << 16);
        self.columns.grow(&mut self.store, missing as u64).map_err(|_| Fault::Memory)?;
        Ok(())
    }

    fn start(&mut self, deadline: Instant) -> Result<(), Fault> {
        self.start.map_or(Ok(()), |start| self.call(start, (), deadline))
    }

    fn drive(&mut self, from: u32, to: u32, deadline: Instant) -> Result<u32, Fault> {
        Ok(self.call(self.drive, (from as i32, to as i32), deadline)? as u32)
    }
}

/// What an error of the engine means.
fn fault(error: &wasmi::Error) -> Fault {
    if let Some(code) = error.as_trap_code() {
        return match code {
            TrapCode::UnreachableCodeReached => Fault::Trap(Trap::Unreachable),
            TrapCode::MemoryOutOfBounds => Fault::Trap(Trap::MemoryOutOfBounds),
            TrapCode::TableOutOfBounds => Fault::Trap(Trap::TableOutOfBounds),
            TrapCode::IndirectCallToNull => Fault::Trap(Trap::IndirectCallToNull),
            TrapCode::IntegerDivisionByZero => Fault::Trap(Trap::IntegerDivisionByZero),
            TrapCode::IntegerOverflow => Fault::Trap(Trap::IntegerOverflow),
            TrapCode::BadConversionToInteger => Fault::Trap(Trap::BadConversionToInteger),
            TrapCode::BadSignature => Fault::Trap(Trap::BadSignature),
            TrapCode::StackOverflow => Fault::Stack,
            TrapCode::OutOfFuel => Fault::Deadline,
            other => Fault::Engine(other.trap_message().into()),
        };
    }
    match error.kind() {
        ErrorKind::Memory(MemoryError::ResourceLimiterDeniedAllocation) => Fault::Memory,
        ErrorKind::Table(TableError::ResourceLimiterDeniedAllocation) => Fault::Table,
        ErrorKind::Memory(MemoryError::OutOfBoundsAccess) => Fault::Trap(Trap::MemoryOutOfBounds),
        ErrorKind::Instantiation(InstantiationError::ElementSegmentDoesNotFit { .. }) => {
            Fault::Trap(Trap::TableOutOfBounds)
        }
        _ => Fault::Engine(error.to_string()),
    }
}

impl ResourceLimiter for Allowance {
    fn memory_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool, LimiterError> {
        Ok(self.grow_memory(current, desired))
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> Result<bool, LimiterError> {
        Ok(self.grow_table(current, desired))
    }

    fn instances(&self) -> usize {
        1
    }

    fn tables(&self) -> usize {
        usize::MAX
    }

    fn memories(&self) -> usize {
        usize::MAX
    }
}

impl fmt::Debug for Interpreter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interpreter").finish_non_exhaustive()
    }
}

impl fmt::Debug for Interpreted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interpreted").field("metered", &self.metered).finish_non_exhaustive()
    }
}
