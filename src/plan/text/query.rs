//! A query as a tree of text, with Elasticsearch's names.

use std::ops::Bound;

use super::Tree;
use super::expr::sql;
use crate::plan::query::{
    Answer, BoolQuery, NestedScoreMode, Query, ScoredQuery, ScriptRange, TermScoring, ValueRange,
};
use crate::plan::script::ScriptTable;
use crate::plan::value::Value;

/// A query as a tree of text.
pub fn query_tree(query: &Query, scripts: &ScriptTable) -> Tree {
    let below = |query: &Query| query_tree(query, scripts);
    let role = |role: &str, query: &Query| {
        let tree = below(query);
        Tree { name: format!("{role}: {}", tree.name), ..tree }
    };
    match query {
        Query::MatchAll => Tree::new("match_all"),
        Query::MatchNone { reason } => Tree::new("match_none").note(reason),
        Query::Term { field, value, scoring } => {
            let scoring = match scoring {
                TermScoring::Bm25 => " (bm25)",
                TermScoring::Constant => "",
            };
            Tree::new("term").detail(format!("{field}: {value}{scoring}"))
        }
        Query::Terms { field, values } => Tree::new("terms").detail(format!("{field}: {}", list(values))),
        Query::Phrase { field, terms, slop } => {
            let terms: Vec<_> = terms.iter().map(|(at, term)| format!("{at}:{term:?}")).collect();
            let slop = Some(slop).filter(|slop| **slop > 0);
            Tree::new("phrase").detail(format!("{field}: {}", terms.join(" "))).prop_if("slop", slop)
        }
        Query::Range { field, lower, upper } => Tree::new("range").detail(format!("{field}: {}", bounds(lower, upper))),
        Query::Exists { fields } => Tree::new("exists").detail(fields.join(", ")),
        Query::Ids { values } => Tree::new("ids").detail(values.join(", ")),
        Query::Prefix { field, prefix, case_insensitive } => Tree::new("prefix")
            .detail(format!("{field}: {prefix:?}"))
            .prop_if("case_insensitive", yes(*case_insensitive)),
        Query::Wildcard { field, pattern, case_insensitive } => Tree::new("wildcard")
            .detail(format!("{field}: {pattern:?}"))
            .prop_if("case_insensitive", yes(*case_insensitive)),
        Query::Bool(BoolQuery { must, filter, should, must_not, minimum_should_match }) => {
            let minimum = Some(minimum_should_match).filter(|_| !should.is_empty());
            Tree::new("bool")
                .prop_if("minimum_should_match", minimum)
                .children(must.iter().map(|query| role("must", query)))
                .children(filter.iter().map(|query| role("filter", query)))
                .children(should.iter().map(|query| role("should", query)))
                .children(must_not.iter().map(|query| role("must_not", query)))
        }
        Query::Boosting { positive, negative, negative_boost } => Tree::new("boosting")
            .prop("negative_boost", negative_boost)
            .child(role("positive", positive))
            .child(role("negative", negative)),
        Query::ConstantScore { query, score } => Tree::new("constant_score").prop("score", score).child(below(query)),
        Query::DisMax { queries, tie_breaker } => {
            Tree::new("dis_max").prop("tie_breaker", tie_breaker).children(queries.iter().map(below))
        }
        Query::Nested { path, query, score_mode } => {
            Tree::new("nested").detail(path).prop("score_mode", nested_score_mode(*score_mode)).child(below(query))
        }
        Query::Script { script } => {
            Tree::new("script").detail(format!("s{} {}", script.0, sql(&scripts.get(*script).expr)))
        }
        Query::ScriptTerms { field, script } => {
            Tree::new("script_terms").detail(format!("{field}: s{} {}", script.0, sql(&scripts.get(*script).expr)))
        }
        Query::ScriptRange(range) => script_range(range, scripts),
        Query::Scored(ScoredQuery { query, script, filters, min_score }) => Tree::new("scored")
            .detail(format!("s{} {}", script.0, sql(&scripts.get(*script).expr)))
            .prop_if("min_score", *min_score)
            .children(filters.iter().enumerate().map(|(i, query)| role(&format!("_filter.{i}"), query)))
            .child(below(query)),
        Query::Boost { query, boost } => Tree::new("boost").detail(boost.to_string()).child(below(query)),
    }
}

/// A solved script: where it holds, and where it still has to be asked.
fn script_range(range: &ScriptRange, scripts: &ScriptTable) -> Tree {
    let ScriptRange { field, holds, open, missing, script } = range;
    let ranges = |ranges: &[ValueRange]| {
        let ranges: Vec<_> = ranges.iter().map(|range| bounds(&range.lower, &range.upper)).collect();
        ranges.join(" or ")
    };
    let mut detail = format!("{field}: {}", if holds.is_empty() { "nowhere".to_owned() } else { ranges(holds) });
    if *missing == Answer::Yes {
        detail.push_str(" or missing");
    }
    let mut asked = Vec::new();
    if !open.is_empty() {
        asked.push(ranges(open));
    }
    if *missing == Answer::Open {
        asked.push("missing".to_owned());
    }
    let tree = Tree::new("script_range").detail(detail);
    match script {
        Some(script) => tree.child(
            Tree::new("script")
                .detail(format!("s{} {}", script.0, sql(&scripts.get(*script).expr)))
                .prop("where", asked.join(" or ")),
        ),
        None => tree,
    }
}

fn nested_score_mode(mode: NestedScoreMode) -> &'static str {
    match mode {
        NestedScoreMode::Avg => "avg",
        NestedScoreMode::Sum => "sum",
        NestedScoreMode::Min => "min",
        NestedScoreMode::Max => "max",
        NestedScoreMode::None => "none",
    }
}

fn yes(flag: bool) -> Option<&'static str> {
    flag.then_some("true")
}

/// The first values of a list, and how many more there are.
fn list(values: &[Value]) -> String {
    const SHOWN: usize = 8;
    let mut shown: Vec<_> = values.iter().take(SHOWN).map(Value::to_string).collect();
    if values.len() > SHOWN {
        shown.push(format!("and {} more", values.len() - SHOWN));
    }
    shown.join(", ")
}

fn bounds(lower: &Bound<Value>, upper: &Bound<Value>) -> String {
    let lower = match lower {
        Bound::Included(v) => Some(format!(">= {v}")),
        Bound::Excluded(v) => Some(format!("> {v}")),
        Bound::Unbounded => None,
    };
    let upper = match upper {
        Bound::Included(v) => Some(format!("<= {v}")),
        Bound::Excluded(v) => Some(format!("< {v}")),
        Bound::Unbounded => None,
    };
    match (lower, upper) {
        (Some(lower), Some(upper)) => format!("{lower} and {upper}"),
        (Some(bound), None) | (None, Some(bound)) => bound,
        (None, None) => "any".to_owned(),
    }
}
