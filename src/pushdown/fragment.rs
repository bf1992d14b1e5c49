//! What a shard runs, as data with a versioned wire form.

use crate::plan::node::{Fetch, Predicate, Scoring, SortBy, TopHits, TrackTotalHits};
use crate::plan::query::Query;
use crate::plan::script::{ScriptId, ScriptTable};

/// The shard's part of a plan: a pipeline `match -> filters -> score -> post filters -> top hits and count -> fetch`.
#[derive(Clone, Debug, PartialEq)]
pub struct Fragment {
    /// The scripts.
    pub scripts: ScriptTable,
    /// Which documents.
    pub query: Query,
    /// Whether anything needs the score of `query`.
    pub scored: bool,
    /// Tests that a document must pass before it is scored, cheapest first.
    pub filters: Vec<Predicate>,
    /// The computed score.
    pub score: Option<Scoring>,
    /// Documents with a lower score do not match (`min_score` of the body).
    pub min_score: Option<f32>,
    /// Tests for hits only, after counting for aggregations (`post_filter`).
    pub post_filters: Vec<Predicate>,
    /// Which are the best.
    pub top_hits: TopHits,
    /// How far to count.
    pub track_total_hits: TrackTotalHits,
    /// What a hit shows.
    pub fetch: Fetch,
    /// Stop after this many milliseconds and answer with what there is.
    pub timeout_ms: Option<u64>,
}

impl Fragment {
    /// Whether an operator tests the matches of the query, whatever they score.
    pub fn tests_matches(&self) -> bool {
        !self.filters.is_empty() || !self.post_filters.is_empty()
    }

    /// Calls `f` with every query of the fragment; their children are theirs.
    pub fn each_query(&self, f: &mut dyn FnMut(&Query)) {
        f(&self.query);
        for predicate in self.filters.iter().chain(&self.post_filters) {
            match predicate {
                Predicate::Query(query) => f(query),
                Predicate::Script(_) | Predicate::MinScore(_) => {}
            }
        }
        self.score.iter().flat_map(|score| &score.filters).for_each(&mut *f);
        for key in &self.top_hits.sort {
            if let SortBy::Field(field) = &key.by
                && let Some(filter) = field.nested.as_ref().and_then(|nested| nested.filter.as_ref())
            {
                f(filter);
            }
        }
        self.fetch.named_queries.iter().for_each(|named| f(&named.query));
    }

    /// Calls `f` with the id of every script that the fragment uses.
    pub fn each_script(&self, f: &mut dyn FnMut(ScriptId)) {
        self.each_searching_script(f);
        self.fetch.each_script(f);
    }

    /// Calls `f` with the id of every script that runs to find the hits, not to show them.
    pub fn each_searching_script(&self, f: &mut dyn FnMut(ScriptId)) {
        self.query.each_script(f);
        self.filters.iter().chain(&self.post_filters).for_each(|predicate| predicate.each_script(f));
        if let Some(score) = &self.score {
            score.each_script(f);
        }
        self.top_hits.each_script(f);
    }
}
