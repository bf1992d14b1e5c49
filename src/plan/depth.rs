//! A limit on how deep queries and values may nest when they are read from bytes.
//!
//! Serde reads nested data by recursion, so a few kilobytes of hostile bytes could otherwise overflow the stack.

use std::cell::Cell;

use serde::de::{Deserializer, Error};

/// How deep queries and values may nest where nothing else is said: any stack has room for that.
pub(crate) const MAX_SHALLOW: usize = 64;

thread_local! {
    static LEFT: Cell<usize> = const { Cell::new(MAX_SHALLOW) };
}

/// Runs `read` with another limit; the caller provides the stack for it.
pub(crate) fn with_limit<T>(limit: usize, read: impl FnOnce() -> T) -> T {
    let before = LEFT.replace(limit);
    let result = read();
    LEFT.set(before);
    result
}

/// Runs `read` one level deeper.
pub(crate) fn nested<'de, D: Deserializer<'de>, T>(
    deserializer: D,
    read: impl FnOnce(D) -> Result<T, D::Error>,
) -> Result<T, D::Error> {
    let left = LEFT.get();
    if left == 0 {
        return Err(D::Error::custom("nested too deeply"));
    }
    LEFT.set(left - 1);
    let result = read(deserializer);
    LEFT.set(left);
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
