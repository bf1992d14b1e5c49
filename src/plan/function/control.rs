//! Evaluation for its own sake: results that say how a value came about.

use super::batch::{Batch, BatchMut, RowErrors, Scalar, map1, strings};
use super::bounds::{EXACT, failing, increasing};
use super::{functions, java_text};
use crate::plan::interval::{Doubles, Truth};

functions! {
    /// True, after its argument has been evaluated; a branch on it fails where the argument does.
    evaluated(F64) -> Bool, cost 0.3, "evaluated(1.0)" => "true", |args, out, _| map1(args, out, |_: f64| true), |_| Truth::known(true).into();
    /// Always fails, with an exception's type, a reason and the place.
    fail(Str, Str, I64) -> F64 or fails, cost 0.5, "fail('arithmetic_exception', '/ by zero', 0)" => "fails: / by zero", |args, out, errors| fail(args, out, errors), |_| failing(Doubles::NONE.into());
    /// A float as the double that is written with the same digits.
    float_as_shown(F64) -> F64, cost 80.0, "float_as_shown(0.10000000149011612)" => "0.1", |args, out, _| map1(args, out, as_shown), |a| increasing(a, as_shown, EXACT);
}

/// Exceptions that a tree may raise by name.
const EXCEPTIONS: [&str; 7] = [
    "class_cast_exception",
    "null_pointer_exception",
    "illegal_argument_exception",
    "illegal_state_exception",
    "index_out_of_bounds_exception",
    "arithmetic_exception",
    "exception",
];

fn fail(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>) {
    let (exceptions, reasons, sites) = (strings(&args[0]), strings(&args[1]), i64::column(&args[2]));
    let rows = f64::column_mut(out).len();
    for (row, site) in sites.iter().enumerate().take(rows) {
        let exception = EXCEPTIONS.iter().find(|name| **name == exceptions.get(row)).unwrap_or(&"exception");
        errors.raise(row, exception, *site as usize, || reasons.get(row).to_owned());
    }
}

fn as_shown(x: f64) -> f64 {
    java_text::float(x as f32).parse().unwrap_or(x)
}
