//! `merge_boosts`: factors of scores become one, or part of a constant score.

use crate::plan::query::Query;
use crate::pushdown::rule::{Apply, Rule, Scope};

/// `boost 1 (q) => q`, `boost b (constant_score s (q)) => constant_score b*s (q)`, `boost 2 (boost b (q)) => boost 2*b (q)`
///
/// *Better*, because each factor is a multiplication a hit, and a constant score is none. *Wrong* for two factors
/// in general: `(s * a) * b` rounds twice, `s * (a * b)` otherwise; so two factors only merge where one is a power of
/// two, which rounds nothing. *Relies on* nothing.
pub(crate) const RULE: Rule = Rule {
    name: "merge_boosts",
    summary: "boost 1 (q) => q; boost b (constant_score s) => constant_score b*s",
    apply: Apply::Query(apply),
};

fn apply(query: &mut Query, _: Scope) -> Option<String> {
    let Query::Boost { query: inner, boost } = query else { return None };
    let boost = *boost;
    if boost == 1.0 {
        *query = std::mem::replace(inner, Query::MatchAll);
        return Some("boost 1 goes".to_owned());
    }
    match &mut **inner {
        Query::ConstantScore { score, .. } => {
            *score *= boost;
            let change = format!("constant_score of {score}");
            *query = std::mem::replace(inner, Query::MatchAll);
            Some(change)
        }
        Query::Boost { boost: other, .. } if is_exact(boost) || is_exact(*other) => {
            *other *= boost;
            let change = format!("one boost of {other}");
            *query = std::mem::replace(inner, Query::MatchAll);
            Some(change)
        }
        _ => None,
    }
}

/// Whether a factor rounds nothing: a power of two, and small enough not to overflow a score.
fn is_exact(boost: f32) -> bool {
    const MANTISSA: u32 = 0x007f_ffff;
    (2f32.powi(-20)..=2f32.powi(20)).contains(&boost) && boost.to_bits() & MANTISSA == 0
}
