//! Reads the type of a field with the parameters that the type has.

use super::Reader;
use super::params::Params;
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::date::DateFormat;
use crate::plan::field::FieldType;
use crate::plan::field::boolean::Boolean;
use crate::plan::field::date::Date;
use crate::plan::field::float::{Float, Precision};
use crate::plan::field::geo_point::GeoPoint;
use crate::plan::field::integer::{Integer, Width};
use crate::plan::field::ip::Ip;
use crate::plan::field::keyword::Keyword;
use crate::plan::field::number::NumberOptions;
use crate::plan::field::scaled_float::ScaledFloat;
use crate::plan::field::text::Text;
use crate::plan::field::unsigned_long::UnsignedLong;
use crate::plan::mapping::Field;
use crate::plan::value::Value;

/// The types that work.
const TYPES: &[&str] = &[
    "text",
    "keyword",
    "byte",
    "short",
    "integer",
    "long",
    "unsigned_long",
    "half_float",
    "float",
    "double",
    "scaled_float",
    "boolean",
    "date",
    "ip",
    "geo_point",
    "object",
    "nested",
    "alias",
];

/// The types that OpenSearch knows and that do not work here yet: their values stay in the source.
pub(super) const UNSUPPORTED_TYPES: &[&str] = &[
    "binary",
    "completion",
    "constant_keyword",
    "context_aware_grouping",
    "date_nanos",
    "date_range",
    "derived",
    "double_range",
    "flat_object",
    "float_range",
    "geo_shape",
    "integer_range",
    "ip_range",
    "join",
    "knn_vector",
    "long_range",
    "match_only_text",
    "murmur3",
    "percolator",
    "rank_feature",
    "rank_features",
    "search_as_you_type",
    "semantic",
    "shape",
    "star_tree",
    "token_count",
    "version",
    "wildcard",
    "xy_point",
    "xy_shape",
];

impl Reader {
    fn number_options(&self, params: &mut Params<'_>) -> Result<NumberOptions> {
        let NumberOptions { is_strict, ignore_malformed } = self.settings.defaults;
        Ok(NumberOptions {
            is_strict: !params.boolean("coerce", !is_strict)?,
            ignore_malformed: params.boolean("ignore_malformed", ignore_malformed)?,
        })
    }

    /// Reads the parameters of a type.
    pub(super) fn field_type(&self, path: &str, ty: &str, params: &mut Params<'_>) -> Result<FieldType> {
        Ok(match ty {
            "text" => {
                params.accept(&[
                    "index_options",
                    "norms",
                    "index_phrases",
                    "index_prefixes",
                    "term_vector",
                    "eager_global_ordinals",
                    "fielddata",
                    "fielddata_frequency_filter",
                    "search_quote_analyzer",
                ]);
                params.read("similarity", only_bm25)?;
                let analyzer = params.read("analyzer", |c| self.settings.analysis.analyzer(c))?;
                let search_analyzer = match params.read("search_analyzer", |c| self.settings.analysis.analyzer(c))? {
                    None if analyzer.is_none() => self.settings.analysis.default_search_analyzer(),
                    given => given,
                };
                FieldType::Text(Text {
                    analyzer: analyzer.unwrap_or_else(|| self.settings.analysis.default_analyzer()),
                    search_analyzer,
                    position_increment_gap: params.read("position_increment_gap", gap)?,
                })
            }
            "keyword" => {
                params.accept(&[
                    "index_options",
                    "norms",
                    "eager_global_ordinals",
                    "similarity",
                    "split_queries_on_whitespace",
                ]);
                FieldType::Keyword(Keyword {
                    normalizer: params.read("normalizer", |c| self.settings.analysis.normalizer(c))?,
                    null_value: params.read("null_value", nullable(|c: Cursor<'_>| c.text()))?.flatten(),
                    ignore_above: params.read("ignore_above", limit)?,
                })
            }
            "byte" | "short" | "integer" | "long" => {
                let width = match ty {
                    "byte" => Width::Byte,
                    "short" => Width::Short,
                    "integer" => Width::Integer,
                    _ => Width::Long,
                };
                let options = self.number_options(params)?;
                let read = |c: Cursor<'_>| null_value(path, FieldType::Integer(Integer::new(width)), c);
                let null_value = match params.read("null_value", read)? {
                    Some(Some(Value::I64(v))) => Some(v),
                    _ => None,
                };
                FieldType::Integer(Integer { width, null_value, options })
            }
            "unsigned_long" => {
                let options = self.number_options(params)?;
                let read = |c: Cursor<'_>| null_value(path, FieldType::UnsignedLong(UnsignedLong::default()), c);
                let null_value = match params.read("null_value", read)? {
                    Some(Some(Value::U64(v))) => Some(v),
                    _ => None,
                };
                FieldType::UnsignedLong(UnsignedLong { null_value, options })
            }
            "half_float" | "float" | "double" => {
                let precision = match ty {
                    "half_float" => Precision::Half,
                    "float" => Precision::Single,
                    _ => Precision::Double,
                };
                let options = self.number_options(params)?;
                let read = |c: Cursor<'_>| null_value(path, FieldType::Float(Float::new(precision)), c);
                let null_value = match params.read("null_value", read)? {
                    Some(Some(Value::F64(v))) => Some(v),
                    _ => None,
                };
                FieldType::Float(Float { precision, null_value, options })
            }
            "scaled_float" => {
                let options = self.number_options(params)?;
                let factor = params.read("scaling_factor", |c| match c.number()? {
                    factor if factor > 0.0 && factor.is_finite() => Ok(factor),
                    _ => Err(c.error(Code::InvalidMapping, "`scaling_factor` must be a positive number")),
                })?;
                let scaling_factor = factor.ok_or_else(|| {
                    params.cursor.error(Code::InvalidMapping, format!("field `{path}` lacks `scaling_factor`"))
                })?;
                let null_value = params.read("null_value", nullable(|c: Cursor<'_>| c.number()))?.flatten();
                FieldType::ScaledFloat(ScaledFloat { scaling_factor, null_value, options })
            }
            "boolean" => FieldType::Boolean(Boolean {
                null_value: params.read("null_value", nullable(|c: Cursor<'_>| c.boolean()))?.flatten(),
                ignore_malformed: params.boolean("ignore_malformed", self.settings.defaults.ignore_malformed)?,
            }),
            "date" => {
                params.accept(&["locale", "print_format"]);
                let format = params
                    .read("format", |c| DateFormat::new(c.string()?).map_err(|e| invalid(c, &e)))?
                    .unwrap_or_default();
                let ty = FieldType::Date(Date { format: format.clone(), ..Date::default() });
                let null_value = match params.read("null_value", |c| null_value(path, ty, c))? {
                    Some(Some(Value::I64(v))) => Some(v),
                    _ => None,
                };
                FieldType::Date(Date {
                    format,
                    null_value,
                    ignore_malformed: params.boolean("ignore_malformed", self.settings.defaults.ignore_malformed)?,
                })
            }
            "ip" => {
                let null_value =
                    match params.read("null_value", |c| null_value(path, FieldType::Ip(Ip::default()), c))? {
                        Some(Some(Value::Ip(v))) => Some(v),
                        _ => None,
                    };
                FieldType::Ip(Ip {
                    null_value,
                    ignore_malformed: params.boolean("ignore_malformed", self.settings.defaults.ignore_malformed)?,
                })
            }
            "geo_point" => {
                let read = |c: Cursor<'_>| null_value(path, FieldType::GeoPoint(GeoPoint::default()), c);
                let null_value = match params.read("null_value", read)? {
                    Some(Some(Value::I64(v))) => Some(v),
                    _ => None,
                };
                FieldType::GeoPoint(GeoPoint {
                    null_value,
                    ignore_malformed: params.boolean("ignore_malformed", self.settings.defaults.ignore_malformed)?,
                    refuse_z: !params.boolean("ignore_z_value", true)?,
                })
            }
            _ => return Err(unknown_type(path, ty, params.cursor)),
        })
    }
}

fn unknown_type(path: &str, ty: &str, cursor: Cursor<'_>) -> Error {
    let e = cursor
        .error(Code::InvalidMapping, format!("no handler for type [{ty}] declared on field `{path}`"))
        .expected(format!("one of: {}", TYPES.join(", ")));
    match did_you_mean(ty, TYPES.iter().chain(UNSUPPORTED_TYPES).copied()) {
        Some(near) => e.hint(format!("did you mean `{near}`?")),
        None => e,
    }
}

/// Accepts the only similarity that scores are computed by.
fn only_bm25(cursor: Cursor<'_>) -> Result<()> {
    match cursor.string()? {
        "BM25" => Ok(()),
        other => Err(cursor.error(Code::Unsupported, format!("similarity `{other}` is not supported yet"))),
    }
}

/// Reads a value that may be null.
fn nullable<T>(read: impl FnOnce(Cursor<'_>) -> Result<T>) -> impl FnOnce(Cursor<'_>) -> Result<Option<T>> {
    |c| if c.value.is_null() { Ok(None) } else { read(c).map(Some) }
}

/// Reads `null_value` as a document's value of the type.
fn null_value(path: &str, ty: FieldType, cursor: Cursor<'_>) -> Result<Option<Value>> {
    Field::new(path, ty).parse_doc(cursor.value).map_err(|e| invalid(cursor, &e))
}

fn invalid(cursor: Cursor<'_>, cause: &Error) -> Error {
    cursor.error(Code::InvalidMapping, cause.reason())
}

fn gap(cursor: Cursor<'_>) -> Result<u32> {
    u32::try_from(cursor.integer()?)
        .map_err(|_| cursor.error(Code::InvalidMapping, "`position_increment_gap` must not be negative"))
}

fn limit(cursor: Cursor<'_>) -> Result<usize> {
    usize::try_from(cursor.integer()?)
        .map_err(|_| cursor.error(Code::InvalidMapping, "`ignore_above` must not be negative"))
}
