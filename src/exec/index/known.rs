//! Tells whether a document has keys that the mapping lacks, without building anything of it.
//!
//! Nearly all documents of a large file have none; only the others are parsed to extend the mapping.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::plan::mapping::Mapping;

/// Whether the mapping has every key of a document. A document that is no JSON object has none.
pub(super) fn knows_all(mapping: &Mapping, source: &str) -> bool {
    let mut walk = Walk { mapping, path: String::new(), all: true };
    let mut json = serde_json::Deserializer::from_str(source);
    // What is no JSON is refused when it is indexed.
    let _ = walk.deserialize(&mut json);
    walk.all
}

struct Walk<'a> {
    mapping: &'a Mapping,
    /// The path of the object that is being read.
    path: String,
    all: bool,
}

impl<'de> DeserializeSeed<'de> for &mut Walk<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Walk<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let length = self.path.len();
            if length > 0 {
                self.path.push('.');
            }
            self.path.push_str(&key);
            if self.mapping.field_ordinal(&self.path).is_some() {
                map.next_value::<IgnoredAny>()?;
            } else if self.mapping.object(&self.path).is_some() {
                map.next_value_seed(&mut *self)?;
            } else {
                self.all = false;
                map.next_value::<IgnoredAny>()?;
            }
            self.path.truncate(length);
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(&mut *self)?.is_some() {}
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}
