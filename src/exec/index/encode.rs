//! Turns typed values into rows: values in the order of Lucene's doc values, text as the tokens of its analyzer.

use std::cmp::Ordering;

use tantivy::schema::{Field as TantivyField, OwnedValue};

use crate::error::{Code, Error, Result};
use crate::exec::index::document::Values;
use crate::exec::index::layout::{Layout, Slot};
use crate::exec::index::row::Row;
use crate::exec::index::tokens::Packer;
use crate::plan::field::FieldType;
use crate::plan::field::text::Text;
use crate::plan::mapping::{Field, Mapping};
use crate::plan::value::Value;

/// Lucene's limit on the bytes of a term.
const MAX_TERM_BYTES: usize = 32766;

/// The row of a document's values; `_id` and `_source` are left to the caller.
pub(super) fn encode(mapping: &Mapping, layout: &Layout, document: Values<'_>) -> Result<Row> {
    let Values { scope, mut values } = document;
    let mut row = Row::default();
    // Stable: the values of text keep their order.
    values.sort_by_key(|(ordinal, _)| *ordinal);
    for group in values.chunk_by_mut(|(a, _), (b, _)| a == b) {
        let ordinal = group[0].0;
        if let Some(slot) = layout.slot(ordinal) {
            encode_field(&mapping.fields()[ordinal], slot, group, &mut row.values)?;
        }
    }
    if let Some(field) = layout.nested() {
        let number = scope.and_then(|path| mapping.nested_ordinal(path)).map_or(0, |ordinal| ordinal as u64 + 1);
        row.values.push((field, OwnedValue::U64(number)));
    }
    Ok(row)
}

fn encode_field(
    field: &Field,
    slot: &Slot,
    values: &mut [(usize, Value)],
    row: &mut Vec<(TantivyField, OwnedValue)>,
) -> Result<()> {
    if let FieldType::Text(text) = &field.ty {
        if field.indexed {
            row.push((slot.field, OwnedValue::Str(tokens(field, text, values)?)));
            row.extend(slot.presence.map(|presence| (presence, OwnedValue::Bool(true))));
        }
        return Ok(());
    }
    values.sort_by(|(_, a), (_, b)| order(a, b));
    // Strings and addresses are sets in Lucene's doc values, numbers are not.
    let is_set = matches!(field.ty, FieldType::Keyword(_) | FieldType::Ip(_));
    let mut last = None;
    for (_, value) in values.iter() {
        if is_set && last == Some(value) {
            continue;
        }
        last = Some(value);
        let stored = match value {
            Value::Str(v) => OwnedValue::Str(v.clone()),
            Value::I64(v) => OwnedValue::I64(*v),
            Value::U64(v) => OwnedValue::U64(*v),
            Value::F64(v) => OwnedValue::F64(*v),
            Value::Bool(v) => OwnedValue::Bool(*v),
            Value::Ip(v) => OwnedValue::IpAddr(*v),
            Value::Null | Value::List(_) | Value::Object(_) => continue,
        };
        row.push((slot.field, stored));
    }
    Ok(())
}

fn tokens(field: &Field, text: &Text, values: &[(usize, Value)]) -> Result<String> {
    let mut packer = Packer::new(text.position_gap());
    for (_, value) in values {
        let Value::Str(value) = value else { continue };
        let tokens = text.analyzer.tokens(value);
        if let Some(token) = tokens.iter().find(|token| token.term.len() > MAX_TERM_BYTES) {
            let bytes = token.term.len();
            return Err(Error::new(
                Code::InvalidDocument,
                format!("field `{}` has a term of {bytes} bytes, the limit is {MAX_TERM_BYTES}", field.path),
            ));
        }
        packer.push_value(tokens.iter().map(|token| (token.position, token.term.as_str())));
    }
    Ok(packer.finish())
}

/// The order of a field's doc values; they are all of one type.
fn order(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::Str(a), Value::Str(b)) => a.cmp(b),
        (Value::I64(a), Value::I64(b)) => a.cmp(b),
        (Value::U64(a), Value::U64(b)) => a.cmp(b),
        (Value::F64(a), Value::F64(b)) => a.total_cmp(b),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Ip(a), Value::Ip(b)) => a.cmp(b),
        _ => Ordering::Equal,
    }
}
