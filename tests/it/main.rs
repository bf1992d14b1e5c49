//! The integration tests: one binary.

mod index;
