//! Deployed UDFs as planning sees them: what a version is called, takes, gives and promises, and a call of it in a tree.
//!
//! Data only. Where the code lies and how it runs is known to `exec`; it finds a UDF by the hash of its code. The names that
//! types, policies and runtimes have in JSON are those of manifests.

mod argument;
mod call;
mod catalog;
mod formula;

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::interval::{Bounds, Interval, Longs};
use crate::plan::script::ValueType;
use crate::plan::value::Value;

pub(crate) use argument::{Argument, convert, lower_call};
pub(crate) use call::gives_int;
pub use call::{as_udf, called_udfs, is_deterministic, udf_call};
pub use catalog::Catalog;
pub use formula::{CompareOp, Formula, LogicOp, MathOp};

/// A version of a deployed UDF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UdfProfile {
    /// The name that scripts call.
    pub name: String,
    /// The version, from 1.
    pub version: u32,
    /// The SHA-256 of the code that runs, in hexadecimal.
    pub hash: String,
    /// What runs it.
    pub runtime: UdfRuntime,
    /// What it takes, in order.
    pub args: Vec<UdfArg>,
    /// What it gives.
    pub result: UdfType,
    /// What a missing value of a document means to it.
    pub nulls: NullPolicy,
    /// Whether equal arguments always give equal results.
    pub deterministic: bool,
    /// Between which numbers its result lies, where the deployment declares it. It is checked at every call.
    pub bounds: Option<(f64, f64)>,
}

impl UdfProfile {
    /// The types that a call passes: those of the arguments, with [`NullPolicy::Flag`] a boolean after each of them.
    pub fn signature(&self) -> Vec<UdfType> {
        let flag = (self.nulls == NullPolicy::Flag).then_some(UdfType::Bool);
        self.args.iter().flat_map(|arg| std::iter::once(arg.ty).chain(flag)).collect()
    }

    /// What is known of a result. That a call may fail does not count: which documents a UDF is called for is not promised,
    /// unless it is not deterministic.
    pub(crate) fn result_bounds(&self) -> Bounds {
        let value = match (self.bounds, self.result) {
            (Some((lo, hi)), UdfType::F32 | UdfType::F64) => Interval::doubles(lo, hi),
            (None, UdfType::I32) => Longs::INTS.into(),
            // A bound is compared with the nearest double, so it is exact up to 2^53.
            (Some((lo, hi)), UdfType::I32 | UdfType::I64) if lo.abs().max(hi.abs()) < (1u64 << 53) as f64 => {
                Interval::longs(lo.ceil() as i64, hi.floor() as i64)
            }
            (_, result) => Interval::all(result.value_type()),
        };
        Bounds { value, fails: !self.deterministic }
    }

    /// How it is called, for people: `custom_score(score: f64, boost: f64) -> f64`.
    pub fn usage(&self) -> String {
        let args = self.args.iter().map(|arg| match &arg.name {
            Some(name) => format!("{name}: {}", arg.ty),
            None => arg.ty.to_string(),
        });
        format!("{}({}) -> {}", self.name, args.collect::<Vec<_>>().join(", "), self.result)
    }

    /// An argument, as errors name it.
    pub(crate) fn argument(&self, i: usize) -> String {
        match self.args.get(i).and_then(|arg| arg.name.as_ref()) {
            Some(name) => format!("argument `{name}` of {self}"),
            None => format!("argument {} of {self}", i + 1),
        }
    }

    /// The first digits of the hash, by which people tell versions apart.
    pub fn short_hash(&self) -> &str {
        self.hash.get(..12).unwrap_or(&self.hash)
    }
}

impl fmt::Display for UdfProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.name, self.version)
    }
}

/// What runs a UDF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UdfRuntime {
    /// A WebAssembly module.
    Wasm {
        /// The function that the module exports.
        export: String,
    },
    /// A Python file, in a worker process.
    Python {
        /// The function of the file.
        function: String,
        /// How it takes a batch.
        mode: PythonMode,
        /// What it computes, where that is arithmetic only: then it runs as a tree.
        #[serde(default)]
        formula: Option<Formula>,
    },
}

impl UdfRuntime {
    /// The languages by which scripts name UDFs.
    pub const LANGUAGES: &'static [&'static str] = &["wasm", "python"];

    /// The language by which scripts name such a UDF.
    pub fn language(&self) -> &'static str {
        match self {
            Self::Wasm { .. } => "wasm",
            Self::Python { .. } => "python",
        }
    }
}

/// How a Python function takes a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PythonMode {
    /// Called once a row, with numbers.
    Row,
    /// Called once a batch, with NumPy arrays.
    Vectorised,
}

impl fmt::Display for PythonMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Row => "row",
            Self::Vectorised => "vectorised",
        })
    }
}

/// An argument of a UDF.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UdfArg {
    /// The name that it binds by; compilers often leave none.
    pub name: Option<String>,
    /// Its type.
    pub ty: UdfType,
    /// What stands for a missing value with [`NullPolicy::Default`].
    pub default: Option<Value>,
}

/// The types that cross to a UDF.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UdfType {
    /// A 32-bit integer.
    I32,
    /// A 64-bit integer.
    I64,
    /// A 32-bit float.
    F32,
    /// A 64-bit float.
    F64,
    /// A boolean; to WebAssembly an `i32` of 0 or 1.
    Bool,
    /// A string in UTF-8.
    #[serde(rename = "string")]
    Str,
}

impl UdfType {
    /// All types.
    pub const ALL: &'static [Self] = &[Self::I32, Self::I64, Self::F32, Self::F64, Self::Bool, Self::Str];

    /// Its name in declarations, manifests and messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Bool => "bool",
            Self::Str => "string",
        }
    }

    /// The type of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|ty| ty.name() == name)
    }

    /// The type that a tree holds it in.
    pub fn value_type(self) -> ValueType {
        match self {
            Self::I32 | Self::I64 => ValueType::I64,
            Self::F32 | Self::F64 => ValueType::F64,
            Self::Bool => ValueType::Bool,
            Self::Str => ValueType::Str,
        }
    }
}

impl fmt::Display for UdfType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a document's missing value means to a UDF. It is written into the tree when a call is lowered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NullPolicy {
    /// The function is not called: the value is 0, false or the empty string.
    #[default]
    Skip,
    /// The argument's default is passed.
    Default,
    /// The argument's default (or 0) is passed, and after it whether there was a value.
    Flag,
}
