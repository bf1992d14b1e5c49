//! The functions that scripts of a score may call: `ScoreScriptUtils` of OpenSearch.

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, Operator};

use super::lower::Lowering;
use super::types::Type;
use super::value::{Typed, Value};
use crate::error::Result;
use crate::plan::expr::{ColumnPart, binary, column, column_part, double, long, require, salted, to_double};
use crate::plan::fold::fold;
use crate::plan::function::call;
use crate::plan::script::ScriptContext;
use crate::plan::value::Value as Constant;

/// The names, for "did you mean".
pub(super) const NAMES: [&str; 12] = [
    "saturation",
    "sigmoid",
    "randomScore",
    "decayNumericLinear",
    "decayNumericExp",
    "decayNumericGauss",
    "decayDateLinear",
    "decayDateExp",
    "decayDateGauss",
    "decayGeoLinear",
    "decayGeoExp",
    "decayGeoGauss",
];

impl Lowering<'_> {
    /// A call of one of these functions; `None` where the name is another, or this is no score.
    pub(super) fn score_function(&self, name: &str, args: &[Value], at: usize) -> Result<Option<Value>> {
        if self.context != ScriptContext::Score {
            return Ok(None);
        }
        let number = |i: usize| self.argument(&args[i], Type::Double, at);
        let expr = match (name, args.len()) {
            ("saturation", 2) => call("saturation", vec![number(0)?, number(1)?]),
            ("sigmoid", 3) => call("sigmoid", vec![number(0)?, number(1)?, number(2)?]),
            ("randomScore", 1) => {
                let seed = self.seed(&args[0], at)?;
                call("random_score", vec![column("_doc"), seed])
            }
            ("randomScore", 2) => {
                let seed = self.seed(&args[0], at)?;
                call("random_score_text", vec![self.first_as_text(&args[1], at)?, seed])
            }
            (_, 5) => {
                let Some((kind, curve)) = decay(name) else { return Ok(None) };
                let (distance, scale) = match kind {
                    Kind::Numeric => {
                        let difference = binary(number(4)?, Operator::Minus, number(0)?);
                        (beyond(call("abs", vec![difference]), number(2)?), number(1)?)
                    }
                    Kind::Date => self.date_distance(args, at)?,
                    Kind::Geo => self.geo_distance(args, at)?,
                };
                call(curve, vec![distance, scale, number(3)?])
            }
            _ => return Ok(None),
        };
        Ok(Some(Value::of(expr, Type::Double)))
    }

    fn seed(&self, value: &Value, at: usize) -> Result<Expr> {
        let seed = self.argument(value, Type::Int, at)?;
        let known = match (fold(&seed), value) {
            (Ok(ScalarValue::Int64(seed)), _) => seed,
            (_, Value::One(Typed { known: Some(Constant::I64(seed)), .. })) => Some(*seed),
            _ => None,
        };
        match known {
            Some(seed) => Ok(salted(long(seed))),
            None => Err(self.not_tree(at, "a seed that depends on the document")),
        }
    }

    /// The first value of the named field as text.
    fn first_as_text(&self, name: &Value, at: usize) -> Result<Expr> {
        let path = self.known_text(name, "a field's name", at)?;
        let field = self.member(Value::Doc, &path, at)?;
        let value = self.member(field, "value", at)?;
        match value {
            Value::One(typed) => Ok(super::convert::text(typed.expr, typed.ty)),
            other => Err(self.not_tree(at, &format!("`randomScore` of a {}", other.type_name()))),
        }
    }

    /// How far a date is from the origin, and the scale, in milliseconds.
    fn date_distance(&self, args: &[Value], at: usize) -> Result<(Expr, Expr)> {
        let origin = self.known_text(&args[0], "the origin", at)?;
        let origin = self.instant(&origin, at)?;
        let duration = |i: usize, what: &str| -> Result<Expr> {
            let text = self.known_text(&args[i], what, at)?;
            parse_duration(&text).map(double).ok_or_else(|| {
                let reason = format!("failed to parse [{text}] as a time value");
                self.error(at, "illegal_argument_exception", reason)
            })
        };
        let (scale, offset) = (duration(1, "the scale")?, duration(2, "the offset")?);
        let date = self.argument(&args[4], Type::Date, at)?;
        let difference = to_double(binary(date, Operator::Minus, long(origin)));
        Ok((beyond(call("abs", vec![difference]), offset), scale))
    }

    /// How far a point is from the origin, and the scale, in metres.
    fn geo_distance(&self, args: &[Value], at: usize) -> Result<(Expr, Expr)> {
        let origin = self.known_text(&args[0], "the origin", at)?;
        let (lat, lon) = crate::plan::field::geo_point::parse(&serde_json::Value::String(origin.clone()))
            .map_err(|e| self.error(at, "parse_exception", format!("failed to parse origin [{origin}]: {e}")))?;
        let length = |i: usize, what: &str| -> Result<Expr> {
            let text = self.known_text(&args[i], what, at)?;
            parse_distance(&text).map(double).ok_or_else(|| {
                let reason = format!("failed to parse distance [{text}]");
                self.error(at, "illegal_argument_exception", reason)
            })
        };
        let (scale, offset) = (length(1, "the scale")?, length(2, "the offset")?);
        let Value::Point(path, _) = &args[4] else {
            return Err(self.not_tree(at, "a point that is no field's value"));
        };
        let part = |part| require(column_part(path, part), at);
        let distance =
            call("arc_distance", vec![double(lat), double(lon), part(ColumnPart::Lat), part(ColumnPart::Lon)]);
        Ok((beyond(distance, offset), scale))
    }

    /// A text that the source or a parameter says.
    fn known_text(&self, value: &Value, what: &str, at: usize) -> Result<String> {
        match value {
            Value::One(Typed { known: Some(Constant::Str(text)), .. }) => Ok(text.clone()),
            Value::One(Typed { ty: Type::Text, .. }) => {
                Err(self.not_tree(at, &format!("{what} that depends on the document")))
            }
            other => {
                let reason = format!("Cannot cast from [{}] to [java.lang.String].", other.type_name());
                Err(self.error(at, "class_cast_exception", reason))
            }
        }
    }

    fn instant(&self, text: &str, at: usize) -> Result<i64> {
        use crate::plan::date::{DateFormat, zone::TimeZone};
        DateFormat::new("strict_date_optional_time||epoch_millis")
            .and_then(|format| format.parse(text, &TimeZone::default()))
            .map_err(|e| {
                self.error(at, "parse_exception", format!("failed to parse date [{text}]")).hint(e.reason().to_owned())
            })
    }
}

enum Kind {
    Numeric,
    Date,
    Geo,
}

/// What a decay function measures, and its curve.
fn decay(name: &str) -> Option<(Kind, &'static str)> {
    let rest = name.strip_prefix("decay")?;
    let (kind, curve) = if let Some(curve) = rest.strip_prefix("Numeric") {
        (Kind::Numeric, curve)
    } else if let Some(curve) = rest.strip_prefix("Date") {
        (Kind::Date, curve)
    } else {
        (Kind::Geo, rest.strip_prefix("Geo")?)
    };
    Some((
        kind,
        match curve {
            "Linear" => "decay_linear",
            "Exp" => "decay_exp",
            "Gauss" => "decay_gauss",
            _ => return None,
        },
    ))
}

/// The part of a distance beyond an offset.
fn beyond(distance: Expr, offset: Expr) -> Expr {
    call("max", vec![double(0.0), binary(distance, Operator::Minus, offset)])
}

/// Milliseconds of `30d`, `1.5h`, `10s`.
fn parse_duration(text: &str) -> Option<f64> {
    let text = text.trim().to_lowercase();
    let units = [
        ("nanos", 1e-6),
        ("micros", 1e-3),
        ("ms", 1.0),
        ("s", 1000.0),
        ("m", 60_000.0),
        ("h", 3_600_000.0),
        ("d", 86_400_000.0),
    ];
    if text == "0" || text == "-1" {
        return text.parse().ok();
    }
    let (number, factor) = units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    let number: f64 = number.trim().parse().ok()?;
    Some((number * factor).trunc())
}

/// Metres of `5km`, `10mi`, `3`.
fn parse_distance(text: &str) -> Option<f64> {
    let text = text.trim();
    // Longest suffix first, metres last.
    let units = [
        ("nauticalmiles", 1852.0),
        ("centimeters", 0.01),
        ("millimeters", 0.001),
        ("kilometers", 1000.0),
        ("meters", 1.0),
        ("inch", 0.0254),
        ("yards", 0.9144),
        ("miles", 1609.344),
        ("feet", 0.3048),
        ("NM", 1852.0),
        ("nmi", 1852.0),
        ("km", 1000.0),
        ("cm", 0.01),
        ("mm", 0.001),
        ("mi", 1609.344),
        ("yd", 0.9144),
        ("ft", 0.3048),
        ("in", 0.0254),
        ("m", 1.0),
    ];
    let (number, factor) =
        units.iter().find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, *factor))).unwrap_or((text, 1.0));
    let number: f64 = number.trim().parse().ok()?;
    number.is_finite().then_some(number * factor)
}
