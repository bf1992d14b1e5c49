//! Plans and runs Elasticsearch-style search bodies with scripts, next to the data.

pub mod dsl;
pub mod error;
pub mod evaluation;
pub mod exec;
pub mod explain;
pub mod plan;
pub mod planner;
pub mod pushdown;

pub use error::{Code, Error, Place, Result, ScriptPlace, did_you_mean};
pub use evaluation::Evaluation;
pub use explain::ExplainStage;
pub use planner::{Planner, Request};
