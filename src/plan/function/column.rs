//! The column forms: the functions whose first argument is a column, or a tree over a single one.
//!
//! They read more of a field than its first value, say what a null means, or how a shard gets at the values. Unlike [`FUNCTIONS`](super::FUNCTIONS)
//! they have no evaluation of their own: what they need is not a batch of values but the column, so the shard's kernel
//! compiles them. DataFusion gets their names and types from here.

use std::hash::{Hash, Hasher};

use datafusion_common::Result;
use datafusion_common::arrow::datatypes::DataType;
use datafusion_common::exec_err;
use datafusion_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDF, ScalarUDFImpl, Signature, Volatility};

use super::data_type;
use crate::plan::script::ValueType;

/// A function whose first argument is a column, or a tree over a single one.
#[derive(Debug)]
pub struct ColumnForm {
    /// Its name in trees and explain output.
    pub name: &'static str,
    /// What the first argument is: `column` or `tree`.
    pub of: &'static str,
    /// The names of the arguments after the first.
    pub args: &'static [&'static str],
    /// The type of the value; `None`: the type of the first argument.
    pub result: Option<ValueType>,
    /// Whether it is null where the document has no value.
    pub nullable: bool,
    /// One sentence: what it gives.
    pub summary: &'static str,
}

/// Every column form, in the order of the reference page.
pub const COLUMN_FORMS: &[ColumnForm] = &[
    form("coalesce", &["default"], None, false, "the column's value, or the default where it is null"),
    form("require", &["site"], None, false, "the column's value; null is an error at that byte of the source"),
    form("value_count", &[], Some(ValueType::I64), false, "how many values the field has"),
    form("value_contains", &["value"], Some(ValueType::Bool), false, "whether one of the values is this constant"),
    form("value_max", &[], None, true, "the highest value"),
    form("value_sum", &[], Some(ValueType::F64), true, "the sum of the values"),
    form("value_avg", &[], Some(ValueType::F64), true, "the mean of the values"),
    form("value_median", &[], Some(ValueType::F64), true, "the median of the values"),
    form("value_lat", &[], Some(ValueType::F64), true, "the latitude of the first geo point"),
    form("value_lon", &[], Some(ValueType::F64), true, "the longitude of the first geo point"),
    form(
        "value_distance",
        &["origin", "offset", "mode"],
        Some(ValueType::F64),
        true,
        "how far the values are from the origin beyond the offset; of several the min, max, avg, sum or median",
    ),
    form(
        "value_geo_distance",
        &["lat", "lon", "offset", "mode"],
        Some(ValueType::F64),
        true,
        "how many metres the points are from the origin beyond the offset; of several the min, max, avg, sum or median",
    ),
    ColumnForm {
        of: "tree",
        ..form(
            TABULATED,
            &[],
            None,
            false,
            "the tree's value, from a table by the first values of its only column if that pays",
        )
    },
];

/// The form around what a shard may compute once for each value of the only column that it reads.
pub(crate) const TABULATED: &str = "tabulated";

const fn form(
    name: &'static str,
    args: &'static [&'static str],
    result: Option<ValueType>,
    nullable: bool,
    summary: &'static str,
) -> ColumnForm {
    ColumnForm { name, of: "column", args, result, nullable, summary }
}

/// The form as a `ScalarUDF`, which a tree holds.
pub(super) fn scalar_udf(form: &'static ColumnForm) -> ScalarUDF {
    ScalarUDF::from(Udf { form, signature: Signature::any(form.args.len() + 1, Volatility::Immutable) })
}

#[derive(Debug)]
struct Udf {
    form: &'static ColumnForm,
    signature: Signature,
}

impl PartialEq for Udf {
    fn eq(&self, other: &Self) -> bool {
        self.form.name == other.form.name
    }
}

impl Eq for Udf {}

impl Hash for Udf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.form.name.hash(state);
    }
}

impl ScalarUDFImpl for Udf {
    fn name(&self) -> &str {
        self.form.name
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn return_type(&self, args: &[DataType]) -> Result<DataType> {
        match (self.form.result, args) {
            (Some(ty), _) => Ok(data_type(ty)),
            (None, [column, ..]) => Ok(column.clone()),
            (None, []) => exec_err!("{} takes a column", self.form.name),
        }
    }

    fn invoke_with_args(&self, _: ScalarFunctionArgs) -> Result<ColumnarValue> {
        exec_err!("{} reads a column of an index and has no value outside of a shard", self.form.name)
    }
}
