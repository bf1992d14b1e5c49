//! Walks over queries, operators and [trees](tree): one exhaustive match for each, so that a new form names every place.
//!
//! It visits; it does not rewrite by itself. Children come in the order in which they stand in the query.

mod tree;

use crate::plan::node::{Fetch, Node, Predicate, Scoring, ScriptField, SortBy, SortKey, TopHits};
use crate::plan::query::{BoolQuery, NestedScoreMode, Query, Scope, ScoredQuery, ScriptRange};
use crate::plan::script::ScriptId;
use crate::plan::script::shown::ShownCase;
pub use tree::{each_operand, each_operand_mut, only_column, only_field, reads_column, take};

/// Defines the walk over the direct children of a query, to look at them or to change them.
macro_rules! scoped_children {
    ($(#[$doc:meta])* $name:ident, $iter:ident $(, $mutable:tt)?) => {
        $(#[$doc])*
        pub fn $name<'a>(
            &'a $($mutable)? self,
            scope: Scope,
            reads_score: &dyn Fn(ScriptId) -> bool,
            f: &mut dyn FnMut(&'a $($mutable)? Self, Scope),
        ) {
            match self {
                Self::MatchAll
                | Self::MatchNone { .. }
                | Self::Term { .. }
                | Self::Terms { .. }
                | Self::Phrase { .. }
                | Self::Range { .. }
                | Self::Exists { .. }
                | Self::Ids { .. }
                | Self::Prefix { .. }
                | Self::Wildcard { .. }
                | Self::Script { .. }
                | Self::ScriptRange(_)
                | Self::ScriptTerms { .. } => {}
                Self::Bool(BoolQuery { must, filter, should, must_not, minimum_should_match: _ }) => {
                    must.$iter().for_each(|query| f(query, scope));
                    filter.$iter().for_each(|query| f(query, Scope::Filter));
                    should.$iter().for_each(|query| f(query, scope));
                    must_not.$iter().for_each(|query| f(query, Scope::Filter));
                }
                Self::Boosting { positive, negative, negative_boost: _ } => {
                    f(positive, scope);
                    f(negative, Scope::Filter);
                }
                Self::DisMax { queries, tie_breaker: _ } => queries.$iter().for_each(|query| f(query, scope)),
                Self::ConstantScore { query, score: _ } => f(query, Scope::Filter),
                Self::Nested { query, path: _, score_mode: NestedScoreMode::None } => f(query, Scope::Filter),
                Self::Nested { query, path: _, score_mode: _ } | Self::Boost { query, boost: _ } => f(query, scope),
                Self::Scored(ScoredQuery { query, filters, script, min_score }) => {
                    // Even in a filter a computed score may decide, by `min_score`, what matches.
                    let runs = scope == Scope::Scored || min_score.is_some();
                    f(query, if runs && reads_score(*script) { Scope::Scored } else { Scope::Filter });
                    filters.$iter().for_each(|query| f(query, Scope::Filter));
                }
            }
        }
    };
}

impl Query {
    scoped_children! {
        /// Calls `f` with each direct child and whether its score matters where the query stands in `scope`;
        /// `reads_score` says of a script whether it reads `_score`.
        each_scoped_child, iter
    }
    scoped_children! {
        /// Like [`Self::each_scoped_child`], to change the children.
        each_scoped_child_mut, iter_mut, mut
    }

    /// Calls `f` with each direct child.
    pub fn each_child<'a>(&'a self, f: &mut dyn FnMut(&'a Self)) {
        self.each_scoped_child(Scope::Scored, &|_| true, &mut |child, _| f(child));
    }

    /// Calls `f` with each direct child, to change it.
    pub fn each_child_mut(&mut self, f: &mut dyn FnMut(&mut Self)) {
        self.each_scoped_child_mut(Scope::Scored, &|_| true, &mut |child, _| f(child));
    }

    /// Calls `f` with the id of every script in the query, itself and below.
    pub fn each_script(&self, f: &mut dyn FnMut(ScriptId)) {
        match self {
            Self::Script { script }
            | Self::ScriptTerms { script, .. }
            | Self::ScriptRange(ScriptRange { script: Some(script), .. })
            | Self::Scored(ScoredQuery { script, .. }) => f(*script),
            _ => {}
        }
        self.each_child(&mut |child| child.each_script(f));
    }

    /// Calls `f` with the id of every script in the query, to change it.
    pub fn each_script_mut(&mut self, f: &mut dyn FnMut(&mut ScriptId)) {
        match self {
            Self::Script { script }
            | Self::ScriptTerms { script, .. }
            | Self::ScriptRange(ScriptRange { script: Some(script), .. })
            | Self::Scored(ScoredQuery { script, .. }) => f(script),
            _ => {}
        }
        self.each_child_mut(&mut |child| child.each_script_mut(f));
    }

    /// How deep the query nests: 1 for a query without children.
    pub fn depth(&self) -> usize {
        let mut deepest = 0;
        self.each_child(&mut |child| deepest = deepest.max(child.depth()));
        deepest + 1
    }

    /// Whether any script is in the query.
    pub fn has_script(&self) -> bool {
        let mut found = false;
        self.each_script(&mut |_| found = true);
        found
    }

    /// Whether a script runs when the query is evaluated: a computed score that nobody reads is not computed.
    pub fn runs_script(&self, scope: Scope) -> bool {
        let any = |queries: &[Self], scope| queries.iter().any(|query| query.runs_script(scope));
        match self {
            // A solved script keeps the place of the script that it was.
            Self::Script { .. } | Self::ScriptRange(_) | Self::ScriptTerms { .. } => true,
            Self::Scored(query) => {
                scope == Scope::Scored || query.min_score.is_some() || query.query.runs_script(Scope::Filter)
            }
            Self::Bool(query) => {
                let optional_runs = scope == Scope::Scored || query.minimum_should_match > 0;
                any(&query.must, scope)
                    || any(&query.filter, Scope::Filter)
                    || any(&query.must_not, Scope::Filter)
                    || (optional_runs && any(&query.should, scope))
            }
            Self::Boosting { positive, negative, .. } => {
                positive.runs_script(scope) || (scope == Scope::Scored && negative.runs_script(Scope::Filter))
            }
            Self::DisMax { queries, .. } => any(queries, scope),
            Self::ConstantScore { query, .. } => query.runs_script(Scope::Filter),
            Self::Nested { query, score_mode: NestedScoreMode::None, .. } => query.runs_script(Scope::Filter),
            Self::Nested { query, .. } | Self::Boost { query, .. } => query.runs_script(scope),
            Self::MatchAll
            | Self::MatchNone { .. }
            | Self::Term { .. }
            | Self::Terms { .. }
            | Self::Phrase { .. }
            | Self::Range { .. }
            | Self::Exists { .. }
            | Self::Ids { .. }
            | Self::Prefix { .. }
            | Self::Wildcard { .. } => false,
        }
    }
}

impl Node {
    /// Calls `f` with the id of every script that the operator uses; for [`Node::Compute`], the one that it is.
    pub fn each_script(&self, f: &mut dyn FnMut(ScriptId)) {
        match self {
            Self::Match { query, scored: _ } => query.each_script(f),
            Self::Compute { script } => f(*script),
            Self::Filter { predicate } => predicate.each_script(f),
            Self::Score(scoring) => scoring.each_script(f),
            Self::TopHits(top_hits) => top_hits.each_script(f),
            Self::Fetch(fetch) => fetch.each_script(f),
            Self::Count { track: _ } | Self::Respond => {}
        }
    }
}

impl Node {
    /// Calls `f` with the id of every script that the operator uses, to change it.
    pub fn each_script_mut(&mut self, f: &mut dyn FnMut(&mut ScriptId)) {
        match self {
            Self::Match { query, scored: _ } | Self::Filter { predicate: Predicate::Query(query) } => {
                query.each_script_mut(f);
            }
            Self::Compute { script } | Self::Filter { predicate: Predicate::Script(script) } => f(script),
            Self::Score(Scoring { script, filters, min_score: _, boost: _ }) => {
                f(script);
                filters.iter_mut().for_each(|query| query.each_script_mut(f));
            }
            Self::TopHits(top_hits) => {
                for SortKey { by, descending: _ } in &mut top_hits.sort {
                    match by {
                        SortBy::NumberScript(script) | SortBy::StringScript(script) => f(script),
                        SortBy::Field(field) => {
                            if let Some(filter) = field.nested.as_mut().and_then(|nested| nested.filter.as_mut()) {
                                filter.each_script_mut(f);
                            }
                        }
                        SortBy::Score | SortBy::Doc | SortBy::Id => {}
                    }
                }
            }
            Self::Fetch(fetch) => {
                fetch
                    .script_fields
                    .iter_mut()
                    .flat_map(|field| &mut field.cases)
                    .for_each(|case| case.trees_mut().for_each(&mut *f));
                fetch.named_queries.iter_mut().for_each(|named| named.query.each_script_mut(f));
            }
            Self::Filter { predicate: Predicate::MinScore(_) } | Self::Count { track: _ } | Self::Respond => {}
        }
    }
}

impl Predicate {
    /// Calls `f` with the id of every script that is used here.
    pub fn each_script(&self, f: &mut dyn FnMut(ScriptId)) {
        match self {
            Self::Script(script) => f(*script),
            Self::Query(query) => query.each_script(f),
            Self::MinScore(_) => {}
        }
    }
}

impl Scoring {
    /// Calls `f` with the id of every script that is used here.
    pub fn each_script(&self, f: &mut dyn FnMut(ScriptId)) {
        let Self { script, filters, min_score: _, boost: _ } = self;
        f(*script);
        filters.iter().for_each(|query| query.each_script(f));
    }
}

impl TopHits {
    /// Calls `f` with the id of every script that is used here.
    pub fn each_script(&self, f: &mut dyn FnMut(ScriptId)) {
        for SortKey { by, descending: _ } in &self.sort {
            match by {
                SortBy::NumberScript(script) | SortBy::StringScript(script) => f(*script),
                SortBy::Field(field) => {
                    if let Some(filter) = field.nested.as_ref().and_then(|nested| nested.filter.as_ref()) {
                        filter.each_script(f);
                    }
                }
                SortBy::Score | SortBy::Doc | SortBy::Id => {}
            }
        }
    }
}

impl ScriptField {
    /// The ids of all scripts that it is made of.
    pub fn scripts(&self) -> impl Iterator<Item = ScriptId> {
        self.cases.iter().flat_map(ShownCase::trees).copied()
    }
}

impl Fetch {
    /// Calls `f` with the id of every script that is used here.
    pub fn each_script(&self, f: &mut dyn FnMut(ScriptId)) {
        self.script_fields.iter().flat_map(ScriptField::scripts).for_each(&mut *f);
        self.named_queries.iter().for_each(|named| named.query.each_script(f));
    }
}
