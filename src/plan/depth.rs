//! A limit on how deep queries and values may nest when they are read from bytes.
//!
//! Serde reads nested data by recursion, so a few kilobytes of hostile bytes could otherwise overflow the stack.

use std::cell::Cell;

use serde::de::{Deserializer, Error};

/// How deep a fragment's queries and values may nest, together.
pub(crate) const MAX_DEPTH: usize = 256;

thread_local! {
    static DEPTH: Cell<usize> = const { Cell::new(0) };
}

/// Runs `read` one level deeper.
pub(crate) fn nested<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(D) -> Result<T, D::Error>,
) -> Result<T, D::Error> {
    let depth = DEPTH.get();
    if depth == MAX_DEPTH {
        return Err(D::Error::custom("nested too deeply"));
    }
    DEPTH.set(depth + 1);
    let result = read(deserializer);
    DEPTH.set(depth);
    result
}

/// Derives `Serialize` and `Deserialize` of a recursive type, which must stand under `#[serde(remote = "Self")]`,
/// with the limit.
macro_rules! limit_depth {
    ($ty:ty) => {
        impl serde::Serialize for $ty {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                Self::serialize(self, serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $ty {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                crate::plan::depth::nested(deserializer, |deserializer| Self::deserialize(deserializer))
            }
        }
    };
}
pub(crate) use limit_depth;
