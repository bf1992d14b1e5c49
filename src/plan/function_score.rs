//! `function_score` and `script_score` as one expression tree: every function, how they combine, every cast and check.
//!
//! The arithmetic is that of OpenSearch's `FunctionScoreQuery`, `CombineFunction`, `WeightFactorFunction` and
//! `ScriptScoreQuery`: functions are doubles, the inner score and the result are floats. No evaluator needs to know
//! these queries; to it they are scripts over `_score`, columns and the filters' `_filter.N`.
//!
//! The script has a source that the DSL writes: a line for each function. Sites of errors point into it, those of an
//! inner script to their place in its own text.

mod combine;
mod decay;
mod field_value_factor;
mod inline;
mod random;
mod script_score;

pub use decay::{Curve, Decay, DecayOrigin, MultiValueMode};
pub use field_value_factor::{FieldValueFactor, Modifier};
pub use random::Random;
pub use script_score::script_score;

use datafusion_expr::{Expr, Operator};

use crate::error::Result;
use crate::plan::expr::{binary, boolean, column, double, filter_matches, long, to_double};
use crate::plan::field::DocType;
use crate::plan::function::call;
use crate::plan::script::scope::ScriptScope;
use crate::plan::script::{Script, ScriptContext, ScriptSource, ValueType};
use combine::Part;
use inline::Listing;

/// Functions that change a score, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionScore {
    /// The functions, in the body's order.
    pub functions: Vec<WeightedFunction>,
    /// How several functions become one factor.
    pub score_mode: ScoreMode,
    /// How the factor changes the score.
    pub boost_mode: BoostMode,
    /// The factor is at most this.
    pub max_boost: f32,
}

/// A function, for which documents it counts, and how much.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightedFunction {
    /// The function.
    pub function: Function,
    /// The factor for its value.
    pub weight: Option<f32>,
    /// The filter that a document must match, as N of `_filter.N`.
    pub filter: Option<usize>,
}

/// A function of a document.
#[derive(Clone, Debug, PartialEq)]
pub enum Function {
    /// Always 1: the weight alone counts.
    One,
    /// A script, and its place in the body.
    Script(ScriptSource, String),
    /// A field's value.
    FieldValueFactor(FieldValueFactor),
    /// A number of [0, 1) that looks random.
    Random(Random),
    /// How near a field's value is to an origin.
    Decay(Decay),
}

/// How several functions become one factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScoreMode {
    /// Their product.
    Multiply,
    /// Their sum.
    Sum,
    /// Their mean, by weight.
    Avg,
    /// The first whose filter matches.
    First,
    /// The highest.
    Max,
    /// The lowest.
    Min,
}

/// How the factor changes the score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BoostMode {
    /// It multiplies the score.
    Multiply,
    /// It is the score.
    Replace,
    /// It is added to the score.
    Sum,
    /// The mean of both.
    Avg,
    /// The higher of both.
    Max,
    /// The lower of both.
    Min,
}

/// A field whose values are read: its path and what they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnRef {
    /// The field's path.
    pub path: String,
    /// The type of the values.
    pub ty: DocType,
}

impl FunctionScore {
    /// The script that computes the new score.
    ///
    /// # Errors
    /// A script does not compile.
    pub fn compile(&self, scope: ScriptScope<'_>, place: &str) -> Result<Script> {
        let mut listing = Listing::default();
        let parts = self.functions.iter().map(|f| f.part(&mut listing, scope)).collect::<Result<Vec<Part>>>()?;
        let site = listing.line(&self.describe());
        let expr = if parts.is_empty() {
            crate::plan::expr::score()
        } else {
            let factor = combine::factor(parts, self.score_mode);
            let score = combine::score(factor, self.boost_mode, self.max_boost);
            call("check_function_score", vec![call("to_f32", vec![score]), long(site as i64)])
        };
        let source = listing.into_source("function_score");
        let (context, places) = (ScriptContext::Score, vec![place.to_owned()]);
        Ok(Script { source, context, places, expr, ty: ValueType::F64, verdict: None })
    }

    fn describe(&self) -> String {
        let mut text = format!("score_mode {:?} boost_mode {:?}", self.score_mode, self.boost_mode).to_lowercase();
        if self.max_boost != f32::MAX {
            text.push_str(&format!(" max_boost {}", self.max_boost));
        }
        text
    }
}

impl WeightedFunction {
    /// The function's value for a document, times its weight (`WeightFactorFunction`).
    fn part(&self, listing: &mut Listing, scope: ScriptScope<'_>) -> Result<Part> {
        listing.start(&self.head());
        let value = match &self.function {
            Function::One => {
                listing.line("1");
                None
            }
            Function::Script(source, place) => Some(listing.script_function(source, scope, place)?),
            Function::FieldValueFactor(function) => Some(function.tree(listing)),
            Function::Random(function) => Some(function.tree(listing)),
            Function::Decay(function) => Some(function.tree(listing)),
        };
        let weight = double(f64::from(self.weight.unwrap_or(1.0)));
        let value = match (value, self.weight) {
            (None, _) => weight,
            (Some(value), None) => value,
            (Some(value), Some(_)) => binary(value, Operator::Multiply, weight),
        };
        Ok(Part { value, weight: f64::from(self.weight.unwrap_or(1.0)), test: self.filter.map(filter_matches) })
    }

    /// What stands before the function in the listing.
    fn head(&self) -> String {
        let filter = self.filter.map_or_else(String::new, |n| format!("if filter {n}: "));
        let weight = self.weight.map_or_else(String::new, |weight| format!("{weight} * "));
        filter + &weight
    }
}

impl ColumnRef {
    /// Whether the first value is missing.
    fn is_missing(&self) -> Expr {
        Expr::IsNull(Box::new(column(&self.path)))
    }

    /// The first value as a double; some number where it is missing. `None`: the values are no numbers.
    fn as_double(&self) -> Option<Expr> {
        let or = |default| crate::plan::expr::coalesce(column(&self.path), default);
        match self.ty {
            DocType::Double => Some(or(double(0.0))),
            DocType::Long | DocType::Date => Some(to_double(or(long(0)))),
            DocType::Boolean => Some(crate::plan::expr::case(or(boolean(false)), double(1.0), double(0.0))),
            DocType::String | DocType::Ip | DocType::GeoPoint => None,
        }
    }
}

#[cfg(test)]
mod tests;
