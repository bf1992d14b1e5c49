//! What a request means: mapping and types, expressions, script languages, the logical DAG. No JSON bodies, no runtimes.

pub mod analysis;
pub mod check;
pub mod date;
pub(crate) mod depth;
pub mod expr;
pub mod field;
pub mod fold;
pub mod function;
pub mod function_score;
pub mod graph;
pub mod interval;
pub mod mapping;
pub mod node;
pub mod query;
pub mod script;
pub mod text;
pub mod udf;
pub mod value;
pub mod walk;
