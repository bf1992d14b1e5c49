//! The integration tests: one binary.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and reports by printing")]

mod alloc;
mod bad;
mod cli;
mod eval;
mod explain;
mod functions;
mod index;
mod mutations;
mod rules;
mod search;
mod search_alloc;
mod tidy;
mod trees;
