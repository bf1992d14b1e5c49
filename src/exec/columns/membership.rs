//! Whether a constant is among a document's values.

use std::net::{IpAddr, Ipv6Addr};

use super::column::{Encoding, Values, id};
use super::cursor::Cursor;
use super::decode;
use crate::error::{Code, Error, Result};
use crate::plan::value::Value;

/// A value that is looked for.
#[derive(Clone, Copy, Debug)]
pub enum Wanted<'a> {
    /// A double.
    F64(f64),
    /// A long.
    I64(i64),
    /// A boolean.
    Bool(bool),
    /// A string, or the text of an address.
    Str(&'a str),
}

impl Cursor {
    /// Whether each of the documents, which ascend, has the value: of the column's type, and equal as Java's objects are (a
    /// NaN is itself, `0.0` is not `-0.0`).
    ///
    /// # Errors
    /// The dictionary cannot be read.
    pub fn contains(&mut self, docs: &[u32], wanted: Wanted<'_>, out: &mut [bool]) -> Result<()> {
        let is = |encoding: Encoding, raw: u64| match (encoding, wanted) {
            (Encoding::Long, Wanted::I64(v)) => decode::long(raw) == v,
            (Encoding::Double, Wanted::F64(v)) => decode::double(raw).to_bits() == v.to_bits(),
            (Encoding::Scaled(inverse), Wanted::F64(v)) => {
                (decode::long(raw) as f64 * inverse).to_bits() == v.to_bits()
            }
            (Encoding::Boolean, Wanted::Bool(v)) => (raw != 0) == v,
            _ => false,
        };
        match (&self.column.values, wanted) {
            (Values::Numbers { column, encoding, unpacking }, _) => {
                self.batch.fetch(column, unpacking, docs);
                let encoding = *encoding;
                let any = |values: &[u64]| values.iter().any(|raw| is(encoding, *raw));
                self.batch.each(docs, false, out, |raw| is(encoding, raw), any);
            }
            (Values::Strings { ordinals, dictionary, unpacking }, Wanted::Str(text)) => {
                let ordinal = dictionary
                    .ordinal(text)
                    .map_err(|e| Error::new(Code::Storage, format!("the terms of a column cannot be read: {e}")))?;
                self.batch.fetch(ordinals, unpacking, docs);
                let is = |raw: u64| Some(raw) == ordinal;
                self.batch.each(docs, false, out, is, |values| values.iter().any(|raw| is(*raw)));
            }
            (Values::Ips(column), Wanted::Str(text)) => {
                let wanted = address(text);
                for (out, doc) in out.iter_mut().zip(docs) {
                    *out = column.values_for_doc(*doc).any(|ip| Some(ip) == wanted);
                }
            }
            (Values::Ids(ids), Wanted::Str(text)) => {
                for (out, doc) in out.iter_mut().zip(docs) {
                    *out = id(ids, *doc) == Some(text);
                }
            }
            (Values::Missing | Values::Strings { .. } | Values::Ips(_) | Values::Ids(_) | Values::Table { .. }, _) => {
                out.fill(false);
            }
        }
        Ok(())
    }
}

/// The address of a text, if it is written as scripts see addresses.
fn address(text: &str) -> Option<Ipv6Addr> {
    let address = match text.parse().ok()? {
        IpAddr::V4(v4) => v4.to_ipv6_mapped(),
        IpAddr::V6(v6) => v6,
    };
    (Value::Ip(address).to_string() == text).then_some(address)
}
