//! Plans and runs Elasticsearch-style search bodies with scripts, next to the data.

pub mod dsl;
pub mod error;
pub mod exec;
pub mod plan;
pub mod pushdown;

pub use error::{Code, Error, Place, Result, ScriptPlace, did_you_mean};
