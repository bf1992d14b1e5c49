//! Runs plans over real documents: shards, operators, kernels, merge, response. It sees no JSON bodies.

pub mod columns;
#[allow(dead_code, reason = "the operators that read it are not there yet")]
pub mod index;
pub mod kernel;
