//! The integration tests: one binary.

mod alloc;
mod eval;
mod index;
mod search;
