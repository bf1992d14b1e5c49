//! The functions of the expression tree: one file each, listed here once.
//!
//! A function's file holds its signature, its documentation, an example that a test runs, and its evaluation over a
//! batch. The same evaluation folds constants (a batch of one) and runs in the shard (a batch of 1,024): there is no
//! second implementation to agree with. The loops are monomorphised by the helpers of [`batch`].

mod arrow;
pub mod batch;
pub mod column;
mod sqrt;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion_common::arrow::datatypes::DataType;
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{Expr, ScalarUDF};

use crate::plan::script::ValueType;
use batch::{Batch, BatchMut, RowErrors};
use column::COLUMN_FORMS;

/// Every function, in the order of the reference page.
pub const FUNCTIONS: &[&Function] = &[&sqrt::SQRT];

/// A function of the expression tree.
#[derive(Debug)]
pub struct Function {
    /// Its name in trees, explain output and documentation.
    pub name: &'static str,
    /// The types of its arguments.
    pub args: &'static [ValueType],
    /// The type of its result.
    pub result: ValueType,
    /// Evaluates a batch: as many rows as `out` has. A row that fails is reported in `errors`, and only if it is active.
    pub eval: fn(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>),
    /// Whether a row can fail.
    pub fallible: bool,
    /// Estimated nanoseconds a row.
    pub cost: f64,
    /// One sentence: what it gives.
    pub summary: &'static str,
    /// An expression in SQL form and its value, run by a test.
    pub example: (&'static str, &'static str),
}

/// Finds a function by name.
pub fn function(name: &str) -> Option<&'static Function> {
    FUNCTION_BY_NAME.get(name).copied()
}

/// A call of a function or of a column form as a tree.
///
/// # Panics
/// Where no function has the name: names are constants of this crate.
pub fn call(name: &str, args: Vec<Expr>) -> Expr {
    let udf = UDF_BY_NAME.get(name).expect("callers name functions of the list");
    Expr::ScalarFunction(ScalarFunction::new_udf(Arc::clone(udf), args))
}

static FUNCTION_BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> =
    LazyLock::new(|| FUNCTIONS.iter().map(|f| (f.name, *f)).collect());

static UDF_BY_NAME: LazyLock<HashMap<&'static str, Arc<ScalarUDF>>> = LazyLock::new(|| {
    let functions = FUNCTIONS.iter().map(|f| (f.name, Arc::new(arrow::scalar_udf(f))));
    let forms = COLUMN_FORMS.iter().map(|f| (f.name, Arc::new(column::scalar_udf(f))));
    functions.chain(forms).collect()
});

/// The Arrow type that a value has in a tree.
pub fn data_type(ty: ValueType) -> DataType {
    match ty {
        ValueType::F64 => DataType::Float64,
        ValueType::I64 => DataType::Int64,
        ValueType::Bool => DataType::Boolean,
        ValueType::Str => DataType::Utf8,
    }
}
