//! The shape of a search body: JSON in, logical plan out. It knows no documents and no runtimes.

pub mod body;
pub mod json;
pub mod lower;
pub mod mapping;
pub mod query;
pub mod read;
pub mod request;
pub mod script;
pub mod text;
mod unit;
pub mod url;
