//! The functions of the expression tree: a file for each family, listed here once.
//!
//! A function is a line: its documentation, its signature, an example that a test runs, its evaluation over a batch, and
//! its bounds: between which values it lies when its arguments lie in intervals. The same evaluation folds constants (a batch of one) and runs in the shard (a batch of 1,024): there is no
//! second implementation to agree with. The loops are monomorphised by the helpers of [`batch`].

mod arrow;
pub mod batch;
mod bounds;
#[cfg(test)]
mod bounds_tests;
pub mod column;
mod control;
pub(crate) mod date;
mod exponential;
mod geo;
pub(crate) mod geo_bounds;
mod integer;
pub(crate) mod java_text;
pub(crate) mod monotone;
mod power;
mod python;
mod rounding;
pub(crate) mod score;
mod score_bounds;
mod sign;
pub(crate) mod sloppy_math;
mod text;
mod trigonometry;
pub(crate) mod wide;

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use datafusion_common::arrow::datatypes::DataType;
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{Expr, ScalarUDF};

use crate::plan::interval::{Bounds, Interval};
use crate::plan::script::ValueType;
use batch::{Batch, BatchMut, RowErrors};
use column::COLUMN_FORMS;

/// Every function by family, in the order of the reference page.
pub const FUNCTIONS: &[(&str, &[Function])] = &[
    ("Powers and logarithms", power::FUNCTIONS),
    ("Angles", trigonometry::FUNCTIONS),
    ("Signs and bounds", sign::FUNCTIONS),
    ("Rounding and conversions", rounding::FUNCTIONS),
    ("Integers", integer::FUNCTIONS),
    ("Strings", text::FUNCTIONS),
    ("Dates", date::FUNCTIONS),
    ("Distances", geo::FUNCTIONS),
    ("Scores", score::FUNCTIONS),
    ("Python's arithmetic", python::FUNCTIONS),
    ("Control", control::FUNCTIONS),
];

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
    /// Between which values the result lies when the arguments lie in these, and whether some row can fail then.
    pub bounds: fn(args: &[Interval]) -> Bounds,
    /// Whether a row can fail.
    pub fallible: bool,
    /// Estimated nanoseconds a row.
    pub cost: f64,
    /// One sentence: what it gives.
    pub summary: &'static str,
    /// A call and its value (or `fails: ` and the reason), run by a test.
    pub example: (&'static str, &'static str),
}

/// Declares the functions of a family as `FUNCTIONS`, a line each:
/// documentation, `name(types) -> type [or fails]`, cost, example `call => value`, evaluation, bounds.
macro_rules! functions {
    ($($(#[doc = $doc:literal])+ $name:ident($($arg:ident),*) -> $result:ident $(or $fails:ident)?,
       cost $cost:literal, $call:literal => $value:literal, $eval:expr, $bounds:expr;)+) => {
        pub(super) const FUNCTIONS: &[$crate::plan::function::Function] = &[$(
            $crate::plan::function::Function {
                name: stringify!($name),
                args: &[$($crate::plan::script::ValueType::$arg),*],
                result: $crate::plan::script::ValueType::$result,
                eval: $eval,
                bounds: $bounds,
                fallible: !stringify!($($fails)?).is_empty(),
                cost: $cost,
                summary: concat!($($doc,)+).trim_ascii(),
                example: ($call, $value),
            },
        )+];
    };
}
use functions;

/// All functions of all families.
pub fn all() -> impl Iterator<Item = &'static Function> {
    FUNCTIONS.iter().flat_map(|(_, family)| family.iter())
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
    try_call(name, args).expect("callers name functions of the list")
}

/// A call of a function or of a column form as a tree, where there is one of that name.
pub fn try_call(name: &str, args: Vec<Expr>) -> Option<Expr> {
    let udf = UDF_BY_NAME.get(name)?;
    Some(Expr::ScalarFunction(ScalarFunction::new_udf(Arc::clone(udf), args)))
}

static FUNCTION_BY_NAME: LazyLock<HashMap<&'static str, &'static Function>> =
    LazyLock::new(|| all().map(|f| (f.name, f)).collect());

static UDF_BY_NAME: LazyLock<HashMap<&'static str, Arc<ScalarUDF>>> = LazyLock::new(|| {
    let functions = all().map(|f| (f.name, Arc::new(arrow::scalar_udf(f))));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::function::batch::StrBatch;

    /// A value of an example: `1.5`, `7`, `true`, `'text'`.
    fn with_batch<R>(text: &str, ty: ValueType, read: &mut dyn FnMut(Batch<'_>) -> R) -> R {
        match ty {
            ValueType::F64 => read(Batch::F64(&[text.parse().unwrap()])),
            ValueType::I64 => read(Batch::I64(&[text.parse().unwrap()])),
            ValueType::Bool => read(Batch::Bool(&[text.parse().unwrap()])),
            ValueType::Str => {
                let text = &text[1..text.len() - 1];
                read(Batch::Str(StrBatch { text, spans: &[(0, text.len() as u32)] }))
            }
        }
    }

    fn with_batches(texts: &[&str], f: &Function, done: &mut Vec<Batch<'_>>) -> String {
        let n = done.len();
        if n == texts.len() {
            return evaluate(f, done);
        }
        with_batch(texts[n], f.args[n], &mut |batch| {
            let mut more = done.clone();
            more.push(batch);
            with_batches(texts, f, &mut more)
        })
    }

    fn evaluate(f: &Function, args: &[Batch<'_>]) -> String {
        let mut first = None;
        let mut errors = RowErrors { active: None, first: &mut first };
        let value = match f.result {
            ValueType::F64 => {
                let mut out = [0.0];
                (f.eval)(args, &mut BatchMut::F64(&mut out), &mut errors);
                format!("{:?}", out[0])
            }
            ValueType::I64 => {
                let mut out = [0];
                (f.eval)(args, &mut BatchMut::I64(&mut out), &mut errors);
                out[0].to_string()
            }
            ValueType::Bool => {
                let mut out = [false];
                (f.eval)(args, &mut BatchMut::Bool(&mut out), &mut errors);
                out[0].to_string()
            }
            ValueType::Str => {
                let (mut text, mut spans) = (String::new(), Vec::new());
                (f.eval)(args, &mut BatchMut::Str(&mut text, &mut spans), &mut errors);
                format!("'{text}'")
            }
        };
        first.map_or(value, |e| format!("fails: {}", e.reason))
    }

    #[test]
    fn examples_are_true() {
        for f in all() {
            let (call, want) = f.example;
            let args = call.strip_prefix(f.name).and_then(|a| a.strip_prefix('(')?.strip_suffix(')'));
            let texts: Vec<_> = args.expect(call).split(", ").collect();
            assert_eq!(texts.len(), f.args.len(), "{call}");
            assert_eq!(with_batches(&texts, f, &mut Vec::new()), want, "{call}");
            assert_eq!(f.fallible, f.args.last() == Some(&ValueType::I64) && f.summary.contains("place"), "{call}");
        }
    }

    #[test]
    fn names_are_unique() {
        assert_eq!(FUNCTION_BY_NAME.len(), all().count());
        assert_eq!(UDF_BY_NAME.len(), all().count() + COLUMN_FORMS.len());
    }
}
