//! The subset of `datafusion_expr::Expr` that scripts become, and what each form means here.
//!
//! | form | meaning |
//! |---|---|
//! | `Column("_score")` | the score of the inner query, a double |
//! | `Column("_doc")` | the document's number in its shard, a long |
//! | `Column("_id")` | the document's `_id`, a string; it may be null only in nested documents |
//! | `Column("_index")` | the name of the index, a string, never null |
//! | `Column("_filter.N")` | whether filter N of the [`ScoredQuery`](crate::plan::query::ScoredQuery) matches |
//! | `Column(path)` | the first (lowest) value of a field, **or null**: dates in milliseconds, booleans as booleans, geo points as their encoded long |
//! | `value_count(path)` | how many values the field has, a long; other parts of a column: [`ColumnPart`] |
//! | `Placeholder("$name")` | a parameter, typed by its value |
//! | `Literal` | Float64, Int64, Boolean, Utf8 |
//! | `BinaryExpr` | `+ - * / %` on doubles (IEEE) and longs (wrapping, but `/ %`: those are functions, they can fail), comparisons (IEEE: NaN is unequal to all), `AND OR` on booleans (the right side may fail only where the left one leaves the answer open), bit operations on longs |
//! | `Not`, `Negative` | on booleans; on doubles and longs |
//! | `IsNull`, `IsNotNull` | of a column only |
//! | `Cast` | long to double, only |
//! | `Case` | without operand, always with `ELSE`; only the branch that is taken may fail |
//! | `ScalarFunction` | a function of [`FUNCTIONS`](crate::plan::function::FUNCTIONS), a call of a deployed UDF ([`udf_call`](crate::plan::udf::udf_call)), which can always fail, or one of the [`COLUMN_FORMS`](crate::plan::function::column::COLUMN_FORMS): |
//! | `value_contains(path, x)` | whether one of the field's values is the constant or parameter `x`, which has their type |
//! | `value_distance(path, origin, offset, mode)` | `max(0, abs(value - origin) - offset)`, a double, of several values as `mode` says; or null; the other arguments are constants |
//! | `value_geo_distance(path, lat, lon, offset, mode)` | the same on the earth, in metres |
//! | `coalesce(column, x)` | the column's value, or `x` where it is null |
//! | `tabulated(x)` | `x`, which reads nothing but first values of one column, and whether there are any: a shard may compute it once for each of those values |
//! | `require(column, site)` | the column's value; null is an error at byte `site` of the source |
//!
//! Null comes from columns only and never leaves `coalesce`, `require` or `IS NULL`: every other form is total or fails.

use datafusion_common::{Column, ScalarValue};
use datafusion_expr::expr::{Placeholder, ScalarFunction};
use datafusion_expr::{BinaryExpr, Case, Expr, Operator};

use crate::plan::function::column::{COLUMN_FORMS, TABULATED};
use crate::plan::function::{call, function};
use crate::plan::script::ValueType;
use crate::plan::udf::as_udf;
use crate::plan::walk::each_operand;

/// What of a multi-valued column is read. Values are sorted ascending, as Lucene's doc values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ColumnPart {
    /// The first (lowest) value; null where there is none.
    First,
    /// The number of values, a long.
    Count,
    /// The highest value; null where there is none.
    Max,
    /// The sum, a double; null where there is none.
    Sum,
    /// The mean, a double; null where there is none.
    Avg,
    /// The median, a double; null where there is none.
    Median,
    /// The latitude of a geo point, a double; null where there is none.
    Lat,
    /// The longitude of a geo point, a double; null where there is none.
    Lon,
}

impl ColumnPart {
    /// All parts but the first, with the function that reads them.
    pub const FUNCTIONS: &'static [(&'static str, Self)] = &[
        ("value_count", Self::Count),
        ("value_max", Self::Max),
        ("value_sum", Self::Sum),
        ("value_avg", Self::Avg),
        ("value_median", Self::Median),
        ("value_lat", Self::Lat),
        ("value_lon", Self::Lon),
    ];
}

/// A field's first value, or null.
pub fn column(path: &str) -> Expr {
    Expr::Column(Column::new_unqualified(path))
}

/// A part of a field's values.
pub fn column_part(path: &str, part: ColumnPart) -> Expr {
    match ColumnPart::FUNCTIONS.iter().find(|(_, p)| *p == part) {
        Some((name, _)) => call(name, vec![column(path)]),
        None => column(path),
    }
}

/// Reads a column form back: the path, and which part of the values.
pub fn as_column(expr: &Expr) -> Option<(&str, ColumnPart)> {
    match expr {
        Expr::Column(c) => Some((&c.name, ColumnPart::First)),
        Expr::ScalarFunction(f) => {
            let (_, part) = ColumnPart::FUNCTIONS.iter().find(|(name, _)| *name == f.name())?;
            match f.args.as_slice() {
                [Expr::Column(c)] => Some((&c.name, *part)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The score of the inner query.
pub fn score() -> Expr {
    column("_score")
}

/// A seed of random numbers, salted by the index.
pub fn salted(seed: Expr) -> Expr {
    call("salted_seed", vec![seed, column("_index")])
}

/// Whether filter `n` of the scored query matches.
pub fn filter_matches(n: usize) -> Expr {
    column(&format!("_filter.{n}"))
}

/// A double constant of the tree.
pub fn double(v: f64) -> Expr {
    Expr::Literal(ScalarValue::Float64(Some(v)), None)
}

/// A long constant of the tree.
pub fn long(v: i64) -> Expr {
    Expr::Literal(ScalarValue::Int64(Some(v)), None)
}

/// A boolean constant of the tree.
pub fn boolean(v: bool) -> Expr {
    Expr::Literal(ScalarValue::Boolean(Some(v)), None)
}

/// A string constant of the tree.
pub fn string(v: &str) -> Expr {
    Expr::Literal(ScalarValue::Utf8(Some(v.to_owned())), None)
}

/// What stands for no value: 0, false or the empty string.
pub fn zero(ty: ValueType) -> Expr {
    match ty {
        ValueType::F64 => double(0.0),
        ValueType::I64 => long(0),
        ValueType::Bool => boolean(false),
        ValueType::Str => string(""),
    }
}

/// A parameter.
pub fn placeholder(name: &str) -> Expr {
    Expr::Placeholder(Placeholder::new_with_field(format!("${name}"), None))
}

/// `left op right`.
pub fn binary(left: Expr, op: Operator, right: Expr) -> Expr {
    Expr::BinaryExpr(BinaryExpr::new(Box::new(left), op, Box::new(right)))
}

/// `CASE WHEN test THEN then ELSE otherwise END`.
pub fn case(test: Expr, then: Expr, otherwise: Expr) -> Expr {
    Expr::Case(Case::new(None, vec![(Box::new(test), Box::new(then))], Some(Box::new(otherwise))))
}

/// A long as a double.
pub fn to_double(expr: Expr) -> Expr {
    datafusion_expr::cast(expr, crate::plan::function::data_type(ValueType::F64))
}

/// The column's value, or `default` where it is null.
pub fn coalesce(column: Expr, default: Expr) -> Expr {
    call("coalesce", vec![column, default])
}

/// The column's value; null is an error at byte `site` of the source.
pub fn require(column: Expr, site: usize) -> Expr {
    call("require", vec![column, long(site as i64)])
}

/// A tree over one column that may be computed once for each of its values.
pub fn tabulated(tree: Expr) -> Expr {
    call(TABULATED, vec![tree])
}

/// The tree in the form [`tabulated`].
pub fn as_tabulated(expr: &Expr) -> Option<&Expr> {
    match expr {
        Expr::ScalarFunction(f) if f.name() == TABULATED => f.args.first(),
        _ => None,
    }
}

/// Whether a tree reads nothing of its columns but first values, and whether there are any.
pub fn reads_first_values(expr: &Expr) -> bool {
    if let Expr::ScalarFunction(f) = expr
        && COLUMN_FORMS.iter().any(|form| form.name == f.name())
        && !matches!(f.name(), "coalesce" | "require")
    {
        return false;
    }
    let mut found = true;
    each_operand(expr, &mut |operand| found = found && reads_first_values(operand));
    found
}

/// Whether a tree is this boolean constant.
pub fn is_literal(expr: &Expr, value: bool) -> bool {
    matches!(expr, Expr::Literal(ScalarValue::Boolean(Some(v)), _) if *v == value)
}

/// Whether evaluating a tree can fail on some document.
pub fn can_fail(expr: &Expr) -> bool {
    any_function(expr, &mut has_site)
}

/// Whether evaluating a tree can fail other than by a UDF that it calls.
pub fn can_fail_by_itself(expr: &Expr) -> bool {
    any_function(expr, &mut |f| as_udf(f).is_none() && has_site(f))
}

/// Whether a tree calls a UDF.
pub(crate) fn calls_udf(expr: &Expr) -> bool {
    any_function(expr, &mut |f| as_udf(f).is_some())
}

/// Whether a function can fail; then its last argument is the byte of the source where it does.
pub(crate) fn has_site(f: &ScalarFunction) -> bool {
    f.name() == "require" || as_udf(f).is_some() || function(f.name()).is_some_and(|f| f.fallible)
}

fn any_function(expr: &Expr, is: &mut dyn FnMut(&ScalarFunction) -> bool) -> bool {
    if let Expr::ScalarFunction(f) = expr
        && is(f)
    {
        return true;
    }
    let mut found = false;
    each_operand(expr, &mut |operand| found = found || any_function(operand, is));
    found
}
