//! `sqrt(x)`.

use super::Function;
use super::batch::f64_to_f64;
use crate::plan::script::ValueType::F64;

/// Square root; of a negative number NaN, as `java.lang.Math.sqrt`.
pub(super) const SQRT: Function = Function {
    name: "sqrt",
    args: &[F64],
    result: F64,
    eval: |args, out, _| f64_to_f64(args, out, f64::sqrt),
    fallible: false,
    cost: 0.8,
    summary: "the square root; NaN for a negative number",
    example: ("sqrt(9.0)", "3.0"),
};
