//! The integration tests: one binary.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test fails by panicking and reports by printing")]

mod again;
mod alloc;
mod bad;
mod brute;
mod classes;
mod cli;
mod compare;
mod conformance;
mod equivalence;
mod eval;
mod explain;
mod formulas;
mod functions;
mod index;
mod mutations;
mod partitions;
mod python;
mod random;
mod reference;
mod rules;
mod search;
mod search_alloc;
mod segment_facts;
mod tables;
mod tidy;
mod tiers;
mod trees;
mod udf;
mod udf_calls;
mod udf_plans;
mod udf_registry;
mod zones;
