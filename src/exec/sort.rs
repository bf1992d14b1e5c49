//! Sorting: the keys of hits, read column by column for a batch, compared as numbers wherever that is possible.

mod candidates;
mod documents;
mod key;
mod numbers;
mod own;
mod reader;
mod texts;

pub(crate) use candidates::Candidates;
pub(crate) use key::{Key, KeyKind, Kind, double_bits};
pub(crate) use reader::{KeyReader, LocalKey, missing_value};
pub(crate) use texts::Texts;
