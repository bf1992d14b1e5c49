//! `gauss`, `exp` and `linear`: how near a field's value is to an origin.

use serde_json::Value as Json;

use super::FunctionShape;
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::read::Cursor;
use crate::dsl::unit::{metres, milliseconds};
use crate::error::{Code, Error, Result};
use crate::plan::date::math::{Rounding, parse_date_math};
use crate::plan::date::zone::TimeZone;
use crate::plan::field::{FieldType, geo_point};
use crate::plan::function_score::{Curve, Decay, DecayOrigin, Function, MultiValueMode};

const MODES: &[(&str, MultiValueMode)] = &[
    ("min", MultiValueMode::Min),
    ("max", MultiValueMode::Max),
    ("avg", MultiValueMode::Avg),
    ("sum", MultiValueMode::Sum),
    ("median", MultiValueMode::Median),
];

#[derive(Debug)]
struct Shape {
    curve: Curve,
    field: String,
    origin: Option<Json>,
    scale: Option<Json>,
    offset: Option<Json>,
    decay: f64,
    mode: MultiValueMode,
    at: String,
}

/// Reads `gauss`.
pub(super) fn read_gauss(at: Cursor<'_>) -> Result<Box<dyn FunctionShape>> {
    read(at, Curve::Gauss)
}

/// Reads `exp`.
pub(super) fn read_exp(at: Cursor<'_>) -> Result<Box<dyn FunctionShape>> {
    read(at, Curve::Exp)
}

/// Reads `linear`.
pub(super) fn read_linear(at: Cursor<'_>) -> Result<Box<dyn FunctionShape>> {
    read(at, Curve::Linear)
}

/// Reads `{"FIELD": {"origin": .., "scale": .., "offset": .., "decay": ..}, "multi_value_mode": ..}`. Of several
/// fields the last counts, as in OpenSearch.
fn read(at: Cursor<'_>, curve: Curve) -> Result<Box<dyn FunctionShape>> {
    let (mut shape, mut mode) = (None, MultiValueMode::Min);
    at.each_key(|key, value| {
        match key {
            _ if value.value.is_object() => shape = Some(read_field(key, value, curve)?),
            "multi_value_mode" => mode = value.word_of_any_case(MODES)?,
            "_name" => drop(value.text()?),
            _ => return Err(value.wrong_type("an object with `origin` and `scale`")),
        }
        Ok(())
    })?;
    let shape = shape.ok_or_else(|| {
        at.error(Code::MissingKey, "a decay function without a field found")
            .expected("a field with an object of `origin` and `scale`")
    })?;
    Ok(Box::new(Shape { mode, ..shape }))
}

fn read_field(field: &str, at: Cursor<'_>, curve: Curve) -> Result<Shape> {
    let (mut origin, mut scale, mut offset, mut decay) = (None, None, None, 0.5);
    at.each_key(|key, value| {
        match key {
            "origin" => origin = Some(value.value.clone()),
            "scale" => scale = Some(value.value.clone()),
            "offset" => offset = Some(value.value.clone()),
            "decay" => {
                decay = value.number()?;
                if !(decay > 0.0 && decay < 1.0) {
                    return Err(value
                        .error(Code::InvalidValue, format!("decay {} found", value.value))
                        .expected("a number between 0 and 1"));
                }
            }
            _ => {
                return Err(value.unknown_key(key, "decay function", &["origin", "scale", "offset", "decay"]));
            }
        }
        Ok(())
    })?;
    let (field, at) = (field.to_owned(), at.path.to_string());
    Ok(Shape { curve, field, origin, scale, offset, decay, mode: MultiValueMode::Min, at })
}

impl FunctionShape for Shape {
    fn lower(&self, cx: &Lowering<'_>) -> Result<Function> {
        self.decay(cx).map(Function::Decay).map_err(|e| e.at(self.at.clone()))
    }
}

impl Shape {
    fn decay(&self, cx: &Lowering<'_>) -> Result<Decay> {
        let FieldRef::Mapped(field) = cx.resolve(&self.field)? else {
            return Err(Error::new(Code::UnknownField, format!("field `{}` is not mapped", self.field)));
        };
        let (origin, scale, offset) = match &field.ty {
            // A scaled_float is no number to OpenSearch's decay functions either.
            FieldType::Integer(_) | FieldType::UnsignedLong(_) | FieldType::Float(_) => {
                let origin = self.part("origin", self.origin.as_ref(), |c| c.number())?;
                let scale = self.part("scale", self.scale.as_ref(), |c| c.number())?;
                let offset =
                    self.part("offset", Some(self.offset.as_ref().unwrap_or(&Json::from(0))), |c| c.number())?;
                (DecayOrigin::Number(origin), scale, offset)
            }
            FieldType::Date(date) => {
                let origin = match &self.origin {
                    None => cx.now_ms,
                    origin => self.part("origin", origin.as_ref(), |c| {
                        parse_date_math(&c.text()?, &date.format, &TimeZone::default(), cx.now_ms, Rounding::Down)
                    })?,
                };
                let (scale, offset) = self.lengths("0d", |text| milliseconds(text).map(|ms| ms as f64))?;
                (DecayOrigin::Number(origin as f64), scale, offset)
            }
            FieldType::GeoPoint(_) => {
                // Without an origin OpenSearch measures from 0° north, 0° east.
                let (lat, lon) = match &self.origin {
                    None => (0.0, 0.0),
                    origin => self.part("origin", origin.as_ref(), |c| {
                        geo_point::parse(c.value).map_err(|reason| c.error(Code::InvalidValue, reason))
                    })?,
                };
                let (scale, offset) = self.lengths("0km", metres)?;
                (DecayOrigin::Point { lat, lon }, scale, offset)
            }
            FieldType::Unsupported(_) => return Err(field.unsupported()),
            _ => return Err(field.refuse("decay functions work on numbers, dates and geo points only:")),
        };
        if scale.is_nan() || scale <= 0.0 {
            return Err(self.invalid("scale", "a length above 0"));
        }
        if offset.is_nan() || offset < 0.0 {
            return Err(self.invalid("offset", "a length that is not negative"));
        }
        let Self { curve, decay, mode, .. } = *self;
        Ok(Decay { curve, field: field.path.clone(), origin, offset, scale, decay, mode })
    }

    /// The scale and the offset of a field whose lengths have units.
    fn lengths(&self, no_offset: &str, parse: impl Fn(&str) -> Result<f64>) -> Result<(f64, f64)> {
        let scale = self.part("scale", self.scale.as_ref(), |c| parse(&c.text()?))?;
        let no_offset = Json::from(no_offset);
        let offset = self.part("offset", Some(self.offset.as_ref().unwrap_or(&no_offset)), |c| parse(&c.text()?))?;
        Ok((scale, offset))
    }

    /// Reads a part whose form the field's type decides.
    fn part<T>(&self, key: &str, json: Option<&Json>, read: impl FnOnce(Cursor<'_>) -> Result<T>) -> Result<T> {
        let at = format!("{}.{key}", self.at);
        let json = json.ok_or_else(|| {
            Error::new(Code::MissingKey, format!("a decay function without `{key}` found"))
                .expected("`origin` and `scale`")
                .at(self.at.clone())
        })?;
        // The way to the part is in `at`; what the cursor itself would say is only the part's own end of it.
        read(Cursor::root(json)).map_err(|e| e.moved_to(at))
    }

    fn invalid(&self, key: &str, expected: &str) -> Error {
        Error::new(Code::InvalidValue, format!("`{key}` of a decay function is out of range"))
            .expected(expected)
            .at(format!("{}.{key}", self.at))
    }
}
