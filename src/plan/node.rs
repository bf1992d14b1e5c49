//! The operators of the logical plan: a closed set of nouns.

use serde::{Deserialize, Serialize};

use crate::plan::query::Query;
use crate::plan::script::ScriptId;
use crate::plan::script::shown::ShownCase;
use crate::plan::value::Value;

/// An operator. Edges run from producer to consumer.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// What the index answers: the documents of a query with their scores. A source.
    Match {
        /// The query.
        query: Query,
        /// Whether anything above needs the score.
        scored: bool,
    },
    /// A script's value over documents; whoever uses the script is its consumer. A source of values.
    Compute {
        /// The script.
        script: ScriptId,
    },
    /// Keeps the documents that pass.
    Filter {
        /// The test.
        predicate: Predicate,
    },
    /// Replaces the score.
    Score(Scoring),
    /// Keeps the best documents.
    TopHits(TopHits),
    /// Counts the documents.
    Count {
        /// How far to count.
        track: TrackTotalHits,
    },
    /// Loads what a hit shows.
    Fetch(Fetch),
    /// Merges and answers. The sink.
    Respond,
}

impl Node {
    /// The operator's name, as explain and errors show it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Match { .. } => "Match",
            Self::Compute { .. } => "Compute",
            Self::Filter { .. } => "Filter",
            Self::Score(_) => "Score",
            Self::TopHits(_) => "TopHits",
            Self::Count { .. } => "Count",
            Self::Fetch(_) => "Fetch",
            Self::Respond => "Respond",
        }
    }
}

/// A test of documents.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Predicate {
    /// A boolean script.
    Script(ScriptId),
    /// A query (`post_filter`).
    Query(Query),
    /// The score is at least this (`min_score`).
    MinScore(f32),
}

/// A computed score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scoring {
    /// The script that computes it.
    pub script: ScriptId,
    /// See [`ScoredQuery::filters`](crate::plan::query::ScoredQuery::filters).
    pub filters: Vec<Query>,
    /// Documents with a lower score are dropped.
    pub min_score: Option<f32>,
    /// A factor for the score, after everything else.
    pub boost: f32,
}

/// Which documents are the best, and how many of them are kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopHits {
    /// How many of the best are left out.
    pub from: usize,
    /// How many are returned.
    pub size: usize,
    /// The keys, most important first; empty: by score, highest first.
    pub sort: Vec<SortKey>,
    /// Only documents after these sort values.
    pub search_after: Option<Vec<Value>>,
    /// Whether hits show their score although they are sorted by something else.
    pub track_scores: bool,
    /// Which zones of documents are visited.
    pub zones: Zones,
    /// Whether a bound of the first key, a script's, is looked at before it is computed.
    pub bounded: bool,
}

/// Which zones of documents a search visits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Zones {
    /// All of them.
    #[default]
    All,
    /// All of them, for a reason: nothing can be known of a zone beforehand.
    Unknown(String),
    /// Those that may hold a hit or an error, by what is known of this.
    Skip(String),
}

impl TopHits {
    /// What is bounded, where something is: the key's name.
    pub fn bounded_by(&self) -> String {
        match self.sort.first().map(|key| &key.by) {
            Some(SortBy::NumberScript(script)) => format!("s{}", script.0),
            _ => "_score".to_owned(),
        }
    }

    /// Whether a key is that of nested documents.
    pub fn has_nested_key(&self) -> bool {
        self.sort.iter().any(|key| matches!(&key.by, SortBy::Field(field) if field.nested.is_some()))
    }
}

/// One key of a sort.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SortKey {
    /// What is compared.
    pub by: SortBy,
    /// Whether the highest comes first.
    pub descending: bool,
}

/// What a sort compares.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum SortBy {
    /// The score.
    Score,
    /// The order in the index.
    Doc,
    /// A field's values.
    Field(FieldSort),
    /// A script's number.
    NumberScript(ScriptId),
    /// A script's string.
    StringScript(ScriptId),
    /// The documents' `_id`s.
    Id,
}

/// How a field is sorted by.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldSort {
    /// The field's path.
    pub field: String,
    /// Which of several values counts.
    pub mode: SortMode,
    /// Where documents without a value go.
    pub missing: Missing,
    /// The nested object whose documents hold the values.
    pub nested: Option<NestedSort>,
    /// The type of the values where the mapping lacks the field (`unmapped_type`): every value is missing.
    pub unmapped: Option<SortType>,
    /// As which type the values are compared and shown (`numeric_type`, else the field's).
    pub ty: SortType,
}

/// The nested documents that a sort looks at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NestedSort {
    /// The nested object's path.
    pub path: String,
    /// Only nested documents that match.
    pub filter: Option<Query>,
}

/// Types of sort values; they decide how a missing value is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortType {
    /// int and smaller (also boolean).
    Int,
    /// long.
    Long,
    /// unsigned_long.
    UnsignedLong,
    /// half_float, float.
    Float,
    /// double, scaled_float.
    Double,
    /// Milliseconds.
    Date,
    /// A term.
    Keyword,
    /// An address.
    Ip,
}

/// Which of several values a sort takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SortMode {
    /// The lowest.
    Min,
    /// The highest.
    Max,
    /// The sum.
    Sum,
    /// The mean.
    Avg,
    /// The median.
    Median,
}

/// What a sort does with documents that have no value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Missing {
    /// They come first.
    First,
    /// They come last.
    Last,
    /// They are treated as if they had this value.
    Value(Value),
}

/// How exactly hits are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum TrackTotalHits {
    /// Exactly.
    Exact,
    /// Not at all.
    Disabled,
    /// Exactly up to this number; beyond it the answer is a lower bound.
    UpTo(u64),
}

/// What a hit shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fetch {
    /// Which part of the source; `None`: no source.
    pub source: Option<SourceFilter>,
    /// Script fields in the body's order.
    pub script_fields: Vec<ScriptField>,
    /// Queries of which a hit shows whether it matches them, in the order in which it does.
    pub named_queries: Vec<NamedQuery>,
}

/// A query that a hit reports by name (`_name`, `matched_queries`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NamedQuery {
    /// The name.
    pub name: String,
    /// The query.
    pub query: Query,
}

/// Which part of a source is shown. Empty lists: all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceFilter {
    /// Path patterns that are shown.
    pub includes: Vec<String>,
    /// Path patterns that are left out.
    pub excludes: Vec<String>,
}

/// A computed field of a hit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScriptField {
    /// Its name in `fields`.
    pub name: String,
    /// What it shows: the first case whose test is true.
    pub cases: Vec<ShownCase<ScriptId>>,
    /// Whether a failure drops the field instead of failing the request.
    pub ignore_failure: bool,
}
