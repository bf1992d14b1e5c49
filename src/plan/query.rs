//! What a query means: a tree of index predicates over typed values, with scripts named by id.
//!
//! It is closed: every consumer matches it exhaustively. Field names are paths of the mapping, aliases resolved, values
//! are typed as the field is. `dsl` makes it, rules rewrite it, `exec` runs it.

use std::ops::Bound;

use serde::{Deserialize, Serialize};

use crate::plan::depth::limit_depth;
use crate::plan::script::ScriptId;
use crate::plan::value::Value;

/// A query over the documents of a shard: which match, with which score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self")]
pub enum Query {
    /// Every document, score 1.
    MatchAll,
    /// No document; the reason is for explain.
    MatchNone {
        /// Why nothing can match.
        reason: String,
    },
    /// Documents that have a value in a field.
    Term {
        /// The field's path.
        field: String,
        /// The value, typed and analysed as the field is.
        value: Value,
        /// How a match scores.
        scoring: TermScoring,
    },
    /// Documents that have one of the values in a field, score 1.
    Terms {
        /// The field's path.
        field: String,
        /// The values.
        values: Vec<Value>,
    },
    /// Documents that have terms of a text field at these relative positions.
    Phrase {
        /// The field's path.
        field: String,
        /// Relative position and term, ascending; gaps are stop words.
        terms: Vec<(u32, String)>,
        /// How far the terms may move (Lucene's slop).
        slop: u32,
    },
    /// Documents that have a value between bounds, score 1.
    Range {
        /// The field's path.
        field: String,
        /// The lower bound.
        lower: Bound<Value>,
        /// The upper bound.
        upper: Bound<Value>,
    },
    /// Documents that have a value in one of the fields, score 1.
    Exists {
        /// The fields' paths.
        fields: Vec<String>,
    },
    /// Documents of these ids, score 1.
    Ids {
        /// The ids.
        values: Vec<String>,
    },
    /// Documents that have a term with a prefix, score 1.
    Prefix {
        /// The field's path.
        field: String,
        /// The prefix.
        prefix: String,
        /// Whether case is ignored.
        case_insensitive: bool,
    },
    /// Documents that have a term of a pattern of `*` and `?` (escaped by `\`), score 1.
    Wildcard {
        /// The field's path.
        field: String,
        /// The pattern.
        pattern: String,
        /// Whether case is ignored.
        case_insensitive: bool,
    },
    /// A combination; the score is the sum over the matching `must` and `should` clauses.
    Bool(BoolQuery),
    /// Documents of `positive`, those of `negative` with their score multiplied.
    Boosting {
        /// Which documents match.
        positive: Box<Self>,
        /// Which of them are demoted.
        negative: Box<Self>,
        /// The factor for those.
        negative_boost: f32,
    },
    /// Documents of a query that is not scored; each scores the same.
    ConstantScore {
        /// Which documents match.
        query: Box<Self>,
        /// The score.
        score: f32,
    },
    /// Documents of any query; the best score, and `tie_breaker` times the others.
    DisMax {
        /// The queries.
        queries: Vec<Self>,
        /// The factor for all scores but the best.
        tie_breaker: f32,
    },
    /// Documents with nested documents that match.
    Nested {
        /// The nested object's path.
        path: String,
        /// What the nested documents must match.
        query: Box<Self>,
        /// How the scores of a document's nested documents become its own.
        score_mode: NestedScoreMode,
    },
    /// Documents for which a script is true, score 1.
    Script {
        /// The script; its result is a boolean.
        script: ScriptId,
    },
    /// Documents for which a script is true, known from a field's values, score 1.
    ScriptRange(ScriptRange),
    /// Documents for which a script that reads one field of strings is true, score 1: it is asked once for each term.
    ScriptTerms {
        /// The field's path.
        field: String,
        /// The script.
        script: ScriptId,
    },
    /// Documents of a query with a computed score (`script_score`, `function_score`).
    Scored(ScoredQuery),
    /// A query whose score is multiplied.
    Boost {
        /// The query.
        query: Box<Self>,
        /// The factor.
        boost: f32,
    },
}

impl Query {
    /// Whether all matches surely have the same score.
    pub fn scores_alike(&self) -> bool {
        match self {
            Self::MatchAll
            | Self::MatchNone { .. }
            | Self::Terms { .. }
            | Self::Range { .. }
            | Self::Exists { .. }
            | Self::Ids { .. }
            | Self::Prefix { .. }
            | Self::Wildcard { .. }
            | Self::ConstantScore { .. }
            | Self::Script { .. }
            | Self::ScriptRange(_)
            | Self::ScriptTerms { .. } => true,
            Self::Term { scoring, .. } => *scoring == TermScoring::Constant,
            Self::Bool(query) => query.must.is_empty() && query.should.is_empty(),
            Self::Boost { query, .. } => query.scores_alike(),
            Self::Phrase { .. }
            | Self::Boosting { .. }
            | Self::DisMax { .. }
            | Self::Nested { .. }
            | Self::Scored(_) => false,
        }
    }
}

limit_depth!(Query);

/// How a term's match scores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TermScoring {
    /// BM25 with frequencies and length norm, where the field has them.
    Bm25,
    /// Always 1.
    Constant,
}

/// The clauses of a `bool` query.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BoolQuery {
    /// All must match and are scored.
    pub must: Vec<Query>,
    /// All must match and are not scored.
    pub filter: Vec<Query>,
    /// `minimum_should_match` of them must match; those that do are scored.
    pub should: Vec<Query>,
    /// None may match.
    pub must_not: Vec<Query>,
    /// How many `should` clauses must match, resolved to a number.
    pub minimum_should_match: u32,
}

/// What a script answers for each first (lowest) value of the one field that it reads: it was solved for that value.
///
/// Unlike [`Query::Range`] it looks at the first of several values only, as `doc['field'].value` does, and it says what
/// becomes of documents without a value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptRange {
    /// The field's path.
    pub field: String,
    /// The ranges in which the script is true, ascending and apart from each other.
    pub holds: Vec<ValueRange>,
    /// The ranges in which it has to be asked.
    pub open: Vec<ValueRange>,
    /// What becomes of documents without a value.
    pub missing: Answer,
    /// The script, where there is something to ask it.
    pub script: Option<ScriptId>,
}

/// Values of a field between bounds, typed as the field's are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ValueRange {
    /// The lower bound.
    pub lower: Bound<Value>,
    /// The upper bound.
    pub upper: Bound<Value>,
}

/// What is known of a script's answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Answer {
    /// It is true.
    Yes,
    /// It is false.
    No,
    /// It has to be asked; it may fail.
    Open,
}

/// A query whose score a script computes from the inner score, columns and which filters match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoredQuery {
    /// Which documents match; its score is the script's `_score`.
    pub query: Box<Query>,
    /// The script; its result is a double that becomes the score (checks and rounding are part of the tree).
    pub script: ScriptId,
    /// Queries whose match the tree asks for with the boolean column `_filter.N`.
    pub filters: Vec<Query>,
    /// Documents with a lower score do not match.
    pub min_score: Option<f32>,
}

/// How the scores of nested documents become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NestedScoreMode {
    /// Their mean.
    Avg,
    /// Their sum.
    Sum,
    /// The lowest.
    Min,
    /// The highest.
    Max,
    /// Always 0.
    None,
}

/// Whether the score of a query matters where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Something adds up, compares or shows the score.
    Scored,
    /// Only which documents match counts.
    Filter,
}
