//! `random_score`: a number of [0, 1) for each document.

use serde_json::Value as Json;

use super::FunctionShape;
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::query::common::doc_values;
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result};
use crate::plan::field::DocType;
use crate::plan::function_score::{ColumnRef, Function, Random};

#[derive(Debug)]
struct Shape {
    seed: Option<i32>,
    field: Option<String>,
    at: String,
}

/// Reads `{"seed": .., "field": NAME}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn FunctionShape>> {
    let mut shape = Shape { seed: None, field: None, at: at.path.to_string() };
    at.each_key(|key, value| {
        match key {
            "seed" => shape.seed = Some(read_seed(value)?),
            "field" => shape.field = Some(value.text()?),
            "_name" => drop(value.text()?),
            _ => return Err(value.unknown_key(key, "random_score", &["seed", "field"])),
        }
        Ok(())
    })?;
    Ok(Box::new(shape))
}

/// A seed: an int as it is, a long folded, a text by Java's hash of it.
fn read_seed(at: Cursor<'_>) -> Result<i32> {
    match at.value {
        Json::Number(n) => match n.as_i64() {
            Some(seed) => Ok(i32::try_from(seed).unwrap_or_else(|_| fold(seed))),
            None => Err(at.wrong_type("a whole number or a text")),
        },
        Json::String(text) => {
            Ok(text.encode_utf16().fold(0, |hash: i32, c| hash.wrapping_mul(31).wrapping_add(i32::from(c))))
        }
        _ => Err(at.wrong_type("a whole number or a text")),
    }
}

/// `Long.hashCode`.
fn fold(long: i64) -> i32 {
    (long ^ (long as u64 >> 32) as i64) as i32
}

impl FunctionShape for Shape {
    fn lower(&self, cx: &Lowering<'_>) -> Result<Function> {
        // Without a seed every request has its own, and the document's number decides; else a field, or the `_id`.
        let Some(seed) = self.seed else {
            return Ok(Function::Random(Random { seed: fold(cx.now_ms), column: None }));
        };
        let id = || Some(ColumnRef { path: "_id".to_owned(), ty: DocType::String });
        let Some(name) = &self.field else {
            return Ok(Function::Random(Random { seed, column: id() }));
        };
        let column = match cx.resolve(name).map_err(|e| e.at(self.at.clone()))? {
            FieldRef::Mapped(field) => {
                let column = doc_values(field).map_err(|e| e.at(self.at.clone()))?;
                if !Random::is_possible(&column) {
                    return Err(field.refuse("`random_score` cannot draw from").at(self.at.clone()));
                }
                Some(column)
            }
            FieldRef::Id => id(),
            FieldRef::Unmapped => {
                let reason = format!("field `{name}` is not mapped and cannot be a source of random numbers");
                return Err(Error::new(Code::UnknownField, reason).at(self.at.clone()));
            }
        };
        Ok(Function::Random(Random { seed, column }))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn seeds_are_hashed_as_java_does() {
        let seed = |json: Json| read_seed(Cursor::root(&json)).unwrap();
        assert_eq!(seed(json!(-5)), -5);
        assert_eq!(seed(json!(4_294_967_296_i64)), 1);
        assert_eq!(seed(json!("abc")), 96354);
        assert!(read_seed(Cursor::root(&json!(1.5))).is_err());
    }
}
