//! Tests of the WebAssembly runtime: what is common to them.

mod cache;
mod calls;
mod hostile;
mod prepare;
mod property;
mod sizes;
mod strings;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::error::{Error, Place, Result};
use crate::exec::context::Deadline;
use crate::exec::udf::deployment::{DeclaredArg, Deployment, Source};
use crate::exec::udf::limits::Limits;
use crate::exec::udf::registry::hash;
use crate::exec::udf::wasm::module::prepare;
use crate::exec::udf::wasm::{Tier, WasmRuntime};
use crate::exec::udf::{Calls, Input, Instance};
use crate::plan::function::batch::{Batch, BatchMut, StrBatch};
use crate::plan::udf::{UdfProfile, UdfType};

/// The tiers that a test runs in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum In {
    Interpreter,
    Native,
}

pub(super) const BOTH: [In; 2] = [In::Interpreter, In::Native];

/// Little memory, and time enough on a machine that does much else.
pub(super) fn limits() -> Limits {
    Limits { call: Duration::from_secs(10), memory: 4 << 20, table: 10_000, ..Limits::default() }
}

/// As little time as what never ends should have.
pub(super) fn hasty() -> Limits {
    Limits { call: Duration::from_millis(50), ..limits() }
}

pub(super) fn deployment(args: Option<&str>, returns: Option<UdfType>) -> Deployment {
    let source = Source::Wasm { module: Vec::new(), export: None };
    let args = args.map(|args| DeclaredArg::list(args).unwrap());
    Deployment { name: "udf".into(), source, args, returns, nulls: None, bounds: None, deterministic: true }
}

/// A deployed UDF and a runtime of its own.
pub(super) struct Deployed {
    pub(super) profile: Arc<UdfProfile>,
    pub(super) code: Vec<u8>,
    pub(super) runtime: WasmRuntime,
    pub(super) dir: TempDir,
}

impl Deployed {
    pub(super) fn new(wasm: &[u8], deployment: &Deployment, limits: Limits) -> Result<Self> {
        let prepared = prepare(wasm, None, deployment, &limits)?;
        let mut profile = deployment.profile(&prepared)?;
        profile.version = 1;
        profile.hash = hash(&prepared.code);
        let dir = tempfile::tempdir().unwrap();
        let runtime = WasmRuntime::new(limits, dir.path().join("cache"));
        Ok(Self { profile: Arc::new(profile), code: prepared.code, runtime, dir })
    }

    /// One whose compilation never ends in time, or has ended.
    pub(super) fn in_tier(wasm: &[u8], deployment: &Deployment, limits: Limits, tier: In) -> Result<Self> {
        let compilation = if tier == In::Native { Duration::from_secs(60) } else { Duration::ZERO };
        let deployed = Self::new(wasm, deployment, Limits { compilation, ..limits })?;
        let is_there = |now: &Tier| match tier {
            In::Interpreter => matches!(now, Tier::OnlyInterpreter(_)),
            In::Native => matches!(now, Tier::Native(_)),
        };
        let begin = Instant::now();
        drop(deployed.instance());
        while !is_there(&deployed.tier()) {
            assert!(begin.elapsed() < Duration::from_secs(60), "{:?}", deployed.tier());
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(deployed)
    }

    pub(super) fn wat(wat: &str, tier: In) -> Self {
        Self::in_tier(&wat::parse_str(wat).unwrap(), &deployment(None, None), limits(), tier).unwrap()
    }

    pub(super) fn tier(&self) -> Tier {
        self.runtime.tier(&self.profile, || Ok(self.code.clone())).unwrap()
    }

    pub(super) fn instance(&self) -> Box<dyn Instance> {
        self.runtime.instance(&self.profile, || Ok(self.code.clone())).unwrap()
    }
}

/// Calls for all rows.
pub(super) fn all(rows: usize) -> Calls<'static> {
    Calls { rows, active: None, deadline: Deadline::after(None) }
}

/// Calls a function of one double.
pub(super) fn call1(instance: &mut dyn Instance, values: &[f64]) -> Result<Vec<f64>> {
    let mut out = vec![0.0; values.len()];
    instance.call(all(values.len()), &[Input::Each(Batch::F64(values))], &mut BatchMut::F64(&mut out))?;
    Ok(out)
}

/// What an error says, and of which row of the batch.
pub(super) fn said(error: &Error) -> String {
    match error.found_at() {
        Some(Place::Row(row)) => format!("{}, at row {row}", error.reason()),
        _ => error.reason().to_owned(),
    }
}

/// Strings as a batch holds them.
pub(super) struct Strings {
    text: String,
    spans: Vec<(u32, u32)>,
}

impl Strings {
    pub(super) fn new(strings: &[&str]) -> Self {
        let mut all = Self { text: String::new(), spans: Vec::new() };
        for string in strings {
            let start = all.text.len() as u32;
            all.text.push_str(string);
            all.spans.push((start, all.text.len() as u32));
        }
        all
    }

    pub(super) fn batch(&self) -> Batch<'_> {
        Batch::Str(StrBatch { text: &self.text, spans: &self.spans })
    }
}
