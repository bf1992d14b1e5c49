//! `merge_boosts`: the factor of a score that is always the same becomes part of it.

use crate::plan::query::{Query, Scope, TermScoring};
use crate::pushdown::rule::{Apply, Rule};

/// `boost b (range) => constant_score b (range)`, `boost b (constant_score s (q)) => constant_score b*s (q)`
///
/// *Better*, because nothing is multiplied for a hit, and what is inside is a filter to the other rules. *Wrong* for
/// scores that differ by document: those stay multiplied, in the order of the query, because `(s * a) * b` and
/// `s * (a * b)` round differently. *Relies on* nothing.
pub(crate) const RULE: Rule = Rule {
    name: "merge_boosts",
    summary: "boost b (range) => constant_score b (range); boost 1 (q) => q",
    apply: Apply::Query(apply),
};

fn apply(query: &mut Query, _: Scope) -> Option<String> {
    let Query::Boost { query: inner, boost } = query else { return None };
    let boost = *boost;
    if boost == 1.0 {
        *query = std::mem::replace(inner, Query::MatchAll);
        return Some("boost 1 goes".to_owned());
    }
    let merged = match std::mem::replace(&mut **inner, Query::MatchAll) {
        Query::ConstantScore { query, score } => Query::ConstantScore { query, score: score * boost },
        one if scores_one(&one) => Query::ConstantScore { query: Box::new(one), score: boost },
        other => {
            **inner = other;
            return None;
        }
    };
    *query = merged;
    Some(format!("boost {boost} is the score"))
}

/// Whether every match scores 1.
fn scores_one(query: &Query) -> bool {
    match query {
        Query::MatchAll
        | Query::Terms { .. }
        | Query::Range { .. }
        | Query::Exists { .. }
        | Query::Ids { .. }
        | Query::Prefix { .. }
        | Query::Wildcard { .. }
        | Query::Script { .. }
        | Query::ScriptRange(_)
        | Query::ScriptTerms { .. } => true,
        Query::Term { scoring, .. } => *scoring == TermScoring::Constant,
        Query::MatchNone { .. }
        | Query::Phrase { .. }
        | Query::Bool(_)
        | Query::Boosting { .. }
        | Query::ConstantScore { .. }
        | Query::DisMax { .. }
        | Query::Nested { .. }
        | Query::Scored(_)
        | Query::Boost { .. } => false,
    }
}
