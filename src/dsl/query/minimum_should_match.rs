//! `minimum_should_match`: how many optional clauses must match, as a number, a percentage or by conditions.
//!
//! `3`, `-2` (all but two), `75%`, `-25%`, `2<75%` (above two clauses 75 %), `2<-25% 9<-3` (the last condition that holds).

use serde_json::Value as Json;

use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result};

/// The specification as the body gives it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct MinimumShouldMatch {
    spec: String,
    at: String,
}

impl MinimumShouldMatch {
    /// Reads a number or a text; null is nothing.
    pub(super) fn read(at: Cursor<'_>) -> Result<Option<Self>> {
        match at.value {
            Json::Null => Ok(None),
            _ => Ok(Some(Self { spec: at.text()?, at: at.path.to_string() })),
        }
    }

    /// How many of `clauses` must match; it may be more than there are.
    pub(super) fn resolve(&self, clauses: usize) -> Result<u32> {
        resolve(&self.spec, clauses).ok_or_else(|| {
            Error::new(Code::InvalidValue, format!("minimum_should_match `{}` found", self.spec))
                .at(self.at.clone())
                .expected("a number, a percentage, or conditions such as `2<75% 9<-3`")
        })
    }
}

/// The arithmetic of `org.opensearch.common.lucene.search.Queries.calculateMinShouldMatch`.
fn resolve(spec: &str, clauses: usize) -> Option<u32> {
    let clauses = i32::try_from(clauses).ok()?;
    let spec = spec.trim();
    if !spec.contains('<') {
        return simple(spec, clauses);
    }
    let mut result = u32::try_from(clauses).ok()?;
    let joined = spec.split('<').map(str::trim).collect::<Vec<_>>().join("<");
    for condition in joined.split_whitespace() {
        let (above, then) = condition.split_once('<')?;
        if clauses <= above.parse::<i32>().ok()? {
            return Some(result);
        }
        result = simple(then, clauses)?;
    }
    Some(result)
}

fn simple(spec: &str, clauses: i32) -> Option<u32> {
    let result = match spec.split_once('%') {
        Some((percent, "")) => {
            let share = clauses.wrapping_mul(percent.parse().ok()?) as f32 * (1.0 / 100.0_f32);
            // A negative share counts from all clauses even where it is less than a whole one.
            if share < 0.0 { clauses.saturating_add(share as i32) } else { share as i32 }
        }
        Some(_) => return None,
        None => {
            let count: i32 = spec.parse().ok()?;
            if count < 0 { clauses.saturating_add(count) } else { count }
        }
    };
    Some(u32::try_from(result).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_every_form() {
        for (spec, clauses, expected) in [
            ("2", 3, 2),
            ("+2", 3, 2),
            ("-1", 3, 2),
            ("-5", 2, 0),
            ("9", 3, 9),
            ("75%", 3, 2),
            ("-25%", 4, 3),
            ("-40%", 3, 2),
            ("30%", 2, 0),
            ("-25%", 2, 2),
            ("-49%", 2, 2),
            ("-60%", 2, 1),
            ("-0%", 2, 0),
            ("200%", 3, 6),
            ("-200%", 3, 0),
            ("2<75%", 2, 2),
            ("2<75%", 4, 3),
            ("2<-25% 9<-3", 10, 7),
            ("2<-25% 9<-3", 9, 7),
            (" 2 < -25%  9 <-3 ", 2, 2),
            ("1<75% 3<-1", 3, 2),
            ("0", 0, 0),
        ] {
            assert_eq!(resolve(spec, clauses), Some(expected), "{spec} of {clauses}");
        }
        for spec in ["most", "", "%", "5%5", "3<", "<3", "2<75% 5", "1.5", "50.5%", "9999999999"] {
            assert_eq!(resolve(spec, 5), None, "{spec}");
        }
    }
}
