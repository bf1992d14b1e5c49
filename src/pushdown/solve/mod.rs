//! Solves a predicate over one field: for which of the field's values it is true.
//!
//! Nothing is inverted symbolically. All values that a field can hold stand in an order, as 64-bit keys ([`domain`]). The
//! predicate is evaluated over ranges of keys with interval arithmetic ([`predicate`]); a range that is not decided is
//! halved, down to single values, for which the predicate's own functions are evaluated ([`search`]). So a boundary is the
//! exact one, whatever rounding, wrapping or conversion does, and what cannot be decided cheaply stays open: the script is
//! asked there. That is sound for any tree; it is short (two evaluations for each of 64 bits and each boundary) where the
//! predicate is piecewise monotone.

mod domain;
mod predicate;
mod search;
#[cfg(test)]
mod tests;

use datafusion_expr::Expr;

use crate::plan::mapping::Mapping;
use crate::plan::query::{Answer, ValueRange};
use crate::plan::value::Value;
use domain::Domain;
use predicate::Predicate;
use search::{Keys, search};

/// For which values of its only field a predicate is true.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Solution {
    /// Where it is true; the ranges ascend and are apart.
    pub(super) holds: Vec<ValueRange>,
    /// Where the predicate has to be asked.
    pub(super) open: Vec<ValueRange>,
    /// What it says of documents without a value.
    pub(super) missing: Answer,
}

/// A solution of more ranges than this is none: a range query tests one after the other.
const MAX_RANGES: usize = 8;

/// At least this part of all values has to be decided, and where something is open something has to hold: else the
/// solution is not worth its while.
const LEAST_DECIDED: f64 = 1.0 / 64.0;

/// Solves a predicate over the field of a path.
pub(super) fn solve(expr: &Expr, path: &str, params: &[(String, Value)], mapping: &Mapping) -> Option<Solution> {
    let domain = Domain::of(mapping.field(path)?)?;
    let predicate = Predicate::new(expr, params, domain)?;
    let found = search(domain.keys(), &|keys| predicate.decide(keys));
    let decided = 1.0 - found.open.iter().map(Keys::share).sum::<f64>() / domain.keys().share();
    let is_vague = decided < LEAST_DECIDED || found.holds.is_empty() && !found.open.is_empty();
    if is_vague || found.holds.len() + found.open.len() > MAX_RANGES {
        return None;
    }
    let ranges = |keys: &[Keys]| keys.iter().map(|keys| domain.range(*keys)).collect();
    Some(Solution { holds: ranges(&found.holds), open: ranges(&found.open), missing: predicate.missing() })
}
