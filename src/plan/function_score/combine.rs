//! How functions become one factor, and how the factor changes the score.

use datafusion_expr::{Expr, Operator};

use super::{BoostMode, ScoreMode};
use crate::plan::expr::{binary, case, double, score as inner_score};
use crate::plan::function::call;

/// A function's tree, with its weight multiplied in already.
#[derive(Clone, Debug)]
pub(super) struct Part {
    /// The value, a double.
    pub(super) value: Expr,
    /// The weight; 1 where there is none.
    pub(super) weight: f64,
    /// Whether the filter matches; `None`: there is no filter.
    pub(super) test: Option<Expr>,
}

/// The factor of all functions: `FunctionScoreQuery.FunctionFactorScorer.computeScore`. Without a function whose filter
/// matches it is 1.
pub(super) fn factor(mut parts: Vec<Part>, mode: ScoreMode) -> Expr {
    if let [Part { test: None, .. }] = parts.as_slice() {
        // One function without a filter is taken as it is, whatever the mode.
        return parts.remove(0).value;
    }
    match mode {
        ScoreMode::First => parts.into_iter().rev().fold(double(1.0), |otherwise, part| match part.test {
            None => part.value,
            Some(test) => case(test, part.value, otherwise),
        }),
        ScoreMode::Multiply => fold(parts, 1.0, |a, b| binary(a, Operator::Multiply, b)),
        // Values are not negative, or the function fails: so -0.0 is below all of them. Minus infinity would be, too, but
        // then the bounds of the factor would contain it.
        ScoreMode::Max => if_any(parts, |parts| fold(parts, -0.0, |a, b| call("max", vec![a, b]))),
        ScoreMode::Min => if_any(parts, |parts| fold(parts, f64::INFINITY, |a, b| call("min", vec![a, b]))),
        ScoreMode::Sum => sum(parts, false),
        ScoreMode::Avg => sum(parts, true),
    }
}

/// Folds the values; where a filter does not match, `neutral` stands for the value.
fn fold(parts: Vec<Part>, neutral: f64, step: impl Fn(Expr, Expr) -> Expr) -> Expr {
    let values = parts.into_iter().map(|part| match part.test {
        None => part.value,
        Some(test) => case(test, part.value, double(neutral)),
    });
    values.reduce(step).unwrap_or_else(|| double(neutral))
}

/// A value where any filter matches, else 1.
fn if_any(parts: Vec<Part>, value: impl Fn(Vec<Part>) -> Expr) -> Expr {
    let tests: Option<Vec<Expr>> = parts.iter().map(|part| part.test.clone()).collect();
    let any = tests.and_then(|tests| tests.into_iter().reduce(|a, b| binary(a, Operator::Or, b)));
    match any {
        None => value(parts),
        Some(any) => case(any, value(parts), double(1.0)),
    }
}

/// The sum, or the sum by the sum of the weights. Where no weight counts the factor is 1.
fn sum(parts: Vec<Part>, is_mean: bool) -> Expr {
    let all: Option<f64> = parts.iter().map(|part| part.test.is_none().then_some(part.weight)).sum();
    let add = |a, b| binary(a, Operator::Plus, b);
    let weights = || {
        let weights = parts.iter().map(|part| Part { value: double(part.weight), ..part.clone() }).collect();
        fold(weights, 0.0, add)
    };
    let weights = all.map_or_else(weights, double);
    // Where a weight counts the sum is no less than the least, and where none does this is not asked for. Saying so keeps
    // zero out of the bounds of the divisor.
    let least = parts.iter().map(|part| part.weight).fold(f64::INFINITY, f64::min);
    let divisor = || match all {
        None if least > 0.0 => call("max", vec![weights.clone(), double(least)]),
        None | Some(_) => weights.clone(),
    };
    let total = fold(parts, 0.0, add);
    let value = if is_mean { binary(total, Operator::Divide, divisor()) } else { total };
    match all {
        Some(0.0) => double(1.0),
        Some(_) => value,
        None => case(binary(weights, Operator::NotEq, double(0.0)), value, double(1.0)),
    }
}

/// The new score from the inner score and the factor (`CombineFunction.combine`), still a double.
pub(super) fn score(factor: Expr, mode: BoostMode, max_boost: f32) -> Expr {
    let factor = call("min", vec![factor, double(f64::from(max_boost))]);
    match mode {
        BoostMode::Multiply => binary(inner_score(), Operator::Multiply, factor),
        BoostMode::Replace => factor,
        BoostMode::Sum => binary(inner_score(), Operator::Plus, factor),
        BoostMode::Avg => binary(binary(factor, Operator::Plus, inner_score()), Operator::Divide, double(2.0)),
        BoostMode::Max => call("max", vec![inner_score(), factor]),
        BoostMode::Min => call("min", vec![inner_score(), factor]),
    }
}
