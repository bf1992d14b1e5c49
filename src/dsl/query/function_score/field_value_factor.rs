//! `field_value_factor`: a field's value as a function.

use super::FunctionShape;
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::query::common::doc_values;
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result};
use crate::plan::field::DocType;
use crate::plan::function_score::{FieldValueFactor, Function, Modifier};

#[derive(Debug)]
struct Shape {
    field: String,
    factor: f32,
    modifier: Modifier,
    missing: Option<f64>,
    at: String,
}

/// Reads `{"field": NAME, "factor": .., "modifier": .., "missing": ..}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn FunctionShape>> {
    let (mut field, mut factor, mut modifier, mut missing) = (None, 1.0, Modifier::None, None);
    at.each_key(|key, value| {
        match key {
            _ if value.value.is_null() => {}
            "field" => field = Some((value.text()?, value.path.to_string())),
            "factor" => factor = value.float()?,
            "modifier" => modifier = value.word_of_any_case(Modifier::NAMES)?,
            "missing" => missing = Some(value.number()?),
            "_name" => drop(value.text()?),
            _ => {
                let known = ["field", "factor", "modifier", "missing"];
                return Err(value.unknown_key(key, "field_value_factor", &known));
            }
        }
        Ok(())
    })?;
    let (field, at) = field.ok_or_else(|| {
        at.error(Code::MissingKey, "`field_value_factor` without `field` found").expected("`field`, a numeric field")
    })?;
    Ok(Box::new(Shape { field, factor, modifier, missing, at }))
}

impl FunctionShape for Shape {
    fn lower(&self, cx: &Lowering<'_>) -> Result<Function> {
        let column = match cx.resolve(&self.field).map_err(|e| e.at(self.at.clone()))? {
            FieldRef::Mapped(field) => {
                let column = doc_values(field).map_err(|e| e.at(self.at.clone()))?;
                if matches!(column.ty, DocType::String | DocType::Ip | DocType::GeoPoint) {
                    return Err(field.refuse("`field_value_factor` works on numbers only:").at(self.at.clone()));
                }
                Some(column)
            }
            FieldRef::Id | FieldRef::Unmapped if self.missing.is_some() => None,
            FieldRef::Id | FieldRef::Unmapped => {
                return Err(Error::new(Code::UnknownField, format!("field `{}` is not mapped", self.field))
                    .at(self.at.clone())
                    .hint("with `missing` the function has a value without the field"));
            }
        };
        let Self { field, factor, modifier, missing, .. } = self;
        let function =
            FieldValueFactor { field: field.clone(), column, factor: *factor, modifier: *modifier, missing: *missing };
        Ok(Function::FieldValueFactor(function))
    }
}
