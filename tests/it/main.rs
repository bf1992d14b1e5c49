//! The integration tests: one binary.

mod alloc;
mod bad;
mod cli;
mod eval;
mod explain;
mod index;
mod mutations;
mod rules;
mod search;
mod tidy;
