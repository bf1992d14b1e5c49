//! The integration tests: one binary.

mod alloc;
mod bad;
mod brute;
mod cli;
mod compare;
mod conformance;
mod equivalence;
mod eval;
mod explain;
mod functions;
mod index;
mod mutations;
mod random;
mod reference;
mod rules;
mod search;
mod search_alloc;
mod tidy;
mod trees;
