//! Sorting: the keys of hits, read column by column for a batch, compared as numbers wherever that is possible.

mod documents;
mod key;
mod numbers;
mod reader;
mod texts;

pub(crate) use key::{Key, KeyKind, Kind, double_bits};
pub(crate) use reader::{KeyReader, LocalKey, missing_value};
