//! Runs plans over real documents: shards, operators, kernels, merge, response. It sees no JSON bodies.

mod batch;
mod bm25;
pub mod cluster;
pub mod columns;
mod context;
pub mod index;
pub mod kernel;
pub mod metrics;
mod ones;
mod operator;
mod pipeline;
mod prepared;
mod query;
pub mod response;
mod script;
mod segment;
mod skip;
mod sort;
mod source_filter;
mod statistics;
mod tables;
pub mod udf;
mod window;
pub(crate) mod zones;
