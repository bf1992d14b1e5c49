//! Extends a dynamic mapping by the keys that documents bring along.
//!
//! Nearly all documents of a large file have only keys that the mapping has by then. A walk over the text tells, without
//! building anything of it; only the others are parsed.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value as Json};

use crate::error::{Code, Error};
use crate::exec::index::build::LoadReport;
use crate::exec::index::input::Entry;
use crate::plan::mapping::{Dynamic, Mapping};

/// How many fields and objects documents may bring a mapping to, as in Elasticsearch.
const MAX_FIELDS: usize = 1000;

/// Extends the mapping in the order of the documents; those that would make it too large are rejected.
pub(super) fn extend(mapping: &mut Mapping, entries: &mut Vec<Entry<'_>>, report: &mut LoadReport) {
    if !mapping.objects().iter().any(|object| mapping.dynamic_of(&object.path) == Dynamic::True) {
        return;
    }
    entries.retain(|entry| {
        if knows_all(mapping, entry.source) {
            return true;
        }
        // What is no document, or has a key that cannot become a field, is rejected when it is read.
        let Ok(document) = entry.parse() else { return true };
        let might_be_too_large = size(mapping) + 2 * keys(&document) > MAX_FIELDS;
        let before = might_be_too_large.then(|| mapping.clone());
        let _ = mapping.add_dynamic(&Json::Object(document));
        match before {
            Some(before) if size(mapping) > MAX_FIELDS.max(size(&before)) => {
                *mapping = before;
                let reason =
                    format!("limit of total fields [{MAX_FIELDS}] has been exceeded by document '{}'", entry.id);
                report.reject(entry, Error::new(Code::InvalidDocument, reason).with_type("illegal_argument_exception"));
                false
            }
            _ => true,
        }
    });
}

fn size(mapping: &Mapping) -> usize {
    mapping.fields().len() + mapping.objects().len() - 1
}

/// How many keys a document has, at all depths. A key with dots counts for each part, as each may become an object.
fn keys(document: &Map<String, Json>) -> usize {
    fn below(value: &Json) -> usize {
        match value {
            Json::Object(object) => keys(object),
            Json::Array(items) => items.iter().map(below).sum(),
            _ => 0,
        }
    }
    document.iter().map(|(key, value)| key.split('.').count() + below(value)).sum()
}

/// Whether the mapping has every key of a document. A document that is no JSON object has none.
fn knows_all(mapping: &Mapping, source: &str) -> bool {
    let mut walk = Walk { mapping, path: String::new(), all: true };
    let mut json = serde_json::Deserializer::from_str(source);
    // What is no JSON is rejected when it is read.
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
