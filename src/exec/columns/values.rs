//! All values of one document, for what shows them: one by one, not in bulk.

use super::column::{Column, Encoding, Values, id};
use super::decode;
use super::strings::TermScratch;
use crate::error::{Code, Error, Result};
use crate::plan::value::Value;

impl Column {
    /// The values of a document, ascending.
    ///
    /// # Errors
    /// The dictionary cannot be read.
    pub fn values_of(&self, doc: u32) -> Result<Vec<Value>> {
        Ok(match &self.values {
            // What is computed is shown by no one.
            Values::Missing | Values::Table { .. } => Vec::new(),
            Values::Numbers { column, encoding, .. } => {
                column.values_for_doc(doc).map(|raw| number(*encoding, raw)).collect()
            }
            Values::Ips(column) => column.values_for_doc(doc).map(Value::Ip).collect(),
            Values::Ids(ids) => id(ids, doc).map(|id| Value::Str(id.to_owned())).into_iter().collect(),
            Values::Strings { ordinals, dictionary, .. } => {
                let ordinals: Vec<u64> = ordinals.values_for_doc(doc).collect();
                let (mut text, mut spans) = (String::new(), vec![(0, 0); ordinals.len()]);
                dictionary
                    .append(&ordinals, &mut TermScratch::default(), &mut text, &mut spans)
                    .map_err(|e| Error::new(Code::Storage, format!("the terms of a column cannot be read: {e}")))?;
                spans.iter().map(|(start, end)| Value::Str(text[*start as usize..*end as usize].to_owned())).collect()
            }
        })
    }
}

fn number(encoding: Encoding, raw: u64) -> Value {
    match encoding {
        Encoding::Long => Value::I64(decode::long(raw)),
        Encoding::Unsigned => Value::U64(raw),
        Encoding::Double => Value::F64(decode::double(raw)),
        Encoding::Boolean => Value::Bool(raw != 0),
        Encoding::Scaled(inverse) => Value::F64(decode::long(raw) as f64 * inverse),
    }
}
