//! The verdict on a script: in which tier it runs, why, and what that costs.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::plan::udf::PythonMode;

/// How a script runs, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The tier; of a tree that calls UDFs, that of the dearest call.
    pub tier: Tier,
    /// Why this tier, in a few words.
    pub reason: String,
    /// Estimated nanoseconds a document.
    pub cost: f64,
}

/// The ways in which a script can run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tier {
    /// A native expression tree, evaluated in batches.
    Expression,
    /// A tree that calls a function of a WebAssembly module.
    Wasm {
        /// The function that the module exports.
        export: String,
        /// What brings a batch to it.
        driver: WasmDriver,
    },
    /// A tree that calls a Python function in a worker process.
    Python {
        /// How the function takes a batch.
        mode: PythonMode,
    },
}

/// What brings a batch of arguments to a WebAssembly function, inside its module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WasmDriver {
    /// A loop over columns of numbers in the module's memory.
    Columns,
    /// The same, with strings in memory that the module allocates.
    Strings,
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expression => "expression",
            Self::Wasm { .. } => "wasm",
            Self::Python { .. } => "python",
        })
    }
}

impl fmt::Display for WasmDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Columns => "columns",
            Self::Strings => "strings",
        })
    }
}
