//! A search body: its keys as read, and what they mean as a logical plan.
//!
//! ```text
//! Match -> [Filter min_score] -> [Filter post_filter] -> TopHits -> Fetch -> Respond
//!                                                    `-> Count -------------^
//! ```

use serde_json::Value as Json;

use crate::dsl::body::sort::SortShape;
use crate::dsl::body::source::SourceShape;
use crate::dsl::body::{self, ScriptFieldShape, search_after};
use crate::dsl::lower::Lowering;
use crate::dsl::query::QueryShape;
use crate::dsl::query::named::in_order;
use crate::dsl::read::Cursor;
use crate::dsl::{json, url};
use crate::error::{Code, Error, Result};
use crate::plan::graph::LogicalPlan;
use crate::plan::node::{
    Fetch, Node, Predicate, ScriptField, SortBy, SortKey, SourceFilter, TopHits, TrackTotalHits, Zones,
};
use crate::plan::query::Query;
use crate::plan::script::ScriptTable;
use crate::plan::script::scope::ScriptScope;
use crate::plan::value::Value;
use crate::plan::walk::reads_column;

/// How far into the hits a page may reach (`index.max_result_window`).
const MAX_RESULT_WINDOW: usize = 10_000;

/// A search request as the body and the URL give it.
#[derive(Debug)]
pub struct SearchRequest {
    /// Which documents match; all where the body says nothing.
    pub query: Option<Box<dyn QueryShape>>,
    /// Which of them are hits.
    pub post_filter: Option<Box<dyn QueryShape>>,
    /// How many of the best hits are left out.
    pub from: usize,
    /// How many are returned.
    pub size: usize,
    /// The keys of the sort; empty: by score.
    pub sort: Vec<SortShape>,
    /// Only hits after these sort values.
    pub search_after: Option<Vec<Value>>,
    /// Which part of its source a hit shows.
    pub source: SourceShape,
    /// The computed fields of a hit.
    pub script_fields: Vec<ScriptFieldShape>,
    /// How far hits are counted.
    pub track_total_hits: TrackTotalHits,
    /// Whether hits show their score although they are sorted by something else.
    pub track_scores: bool,
    /// Documents with a lower score do not match.
    pub min_score: Option<f32>,
    /// After how many milliseconds the answer is what was found until then.
    pub timeout_ms: Option<u64>,
}

impl Default for SearchRequest {
    fn default() -> Self {
        Self {
            query: None,
            post_filter: None,
            from: 0,
            size: 10,
            sort: Vec::new(),
            search_after: None,
            source: SourceShape::Default,
            script_fields: Vec::new(),
            track_total_hits: TrackTotalHits::UpTo(10_000),
            track_scores: false,
            min_score: None,
            timeout_ms: None,
        }
    }
}

/// Plans a body from its bytes, with the URL parameters that come with it (empty: none).
///
/// # Errors
/// The body is not JSON, a key or value is wrong, or does not fit the mapping; a script does not compile.
pub fn plan_request(body: &[u8], url: &str, scope: ScriptScope<'_>, now_ms: i64) -> Result<LogicalPlan> {
    let body = json::parse(body)?;
    SearchRequest::read(&body, url)?.lower(scope, now_ms)
}

impl SearchRequest {
    /// Reads a body and the URL parameters that come with it (empty: none).
    ///
    /// # Errors
    /// A key is not known, or its value is wrong whatever the mapping is.
    pub fn read(body: &Json, url: &str) -> Result<Self> {
        let mut request = Self::default();
        body::read(Cursor::root(body), &mut request)?;
        url::read(url, &mut request)?;
        request.check()?;
        Ok(request)
    }

    /// What several keys together must not say.
    fn check(&self) -> Result<()> {
        let last = self.from.saturating_add(self.size);
        if last > MAX_RESULT_WINDOW {
            return Err(Error::new(Code::TooLarge, format!("from + size is {last}"))
                .with_type("illegal_argument_exception")
                .at(if self.from > self.size { "from" } else { "size" })
                .expected(format!("at most {MAX_RESULT_WINDOW}"))
                .hint("to go deeper, sort by a unique key and continue with `search_after`"));
        }
        if self.search_after.is_some() && self.from > 0 {
            return Err(Error::new(Code::ConflictingKeys, format!("from is {} beside `search_after`", self.from))
                .at("from")
                .expected("0")
                .hint("`search_after` says where the page begins"));
        }
        Ok(())
    }

    /// What the request means under a mapping.
    ///
    /// # Errors
    /// A field or value does not fit the mapping, a script does not compile, a limit is exceeded.
    pub fn lower(&self, scope: ScriptScope<'_>, now_ms: i64) -> Result<LogicalPlan> {
        let mut scripts = ScriptTable::default();
        let mut cx = Lowering::new(scope, now_ms, &mut scripts);
        let query = self.query.as_ref().map_or(Ok(Query::MatchAll), |q| q.lower(&mut cx))?;
        let post_filter = self.post_filter.as_ref().map(|q| q.lower(&mut cx)).transpose()?;
        let sort = self.lower_sort(&mut cx)?;
        let search_after =
            self.search_after.as_ref().map(|values| search_after::lower(values, &sort, &cx)).transpose()?;
        let fetch = self.lower_fetch(&mut cx)?;
        let scored = self.needs_score(&sort, cx.scripts, &fetch);

        let mut plan = LogicalPlan { scripts, timeout_ms: self.timeout_ms, ..LogicalPlan::default() };
        let mut matched = plan.add(Node::Match { query, scored }, &[]);
        let filters = [self.min_score.map(Predicate::MinScore), post_filter.map(Predicate::Query)];
        for predicate in filters.into_iter().flatten() {
            matched = plan.add(Node::Filter { predicate }, &[matched]);
        }
        let top_hits = TopHits {
            from: self.from,
            size: self.size,
            sort,
            search_after,
            track_scores: self.track_scores,
            zones: Zones::All,
            bounded: false,
        };
        let best = plan.add(Node::TopHits(top_hits), &[matched]);
        let fetched = plan.add(Node::Fetch(fetch), &[best]);
        let count = plan.add(Node::Count { track: self.track_total_hits }, &[matched]);
        plan.add(Node::Respond, &[fetched, count]);
        Ok(plan)
    }

    /// The sort keys. By score, highest first, is what hits come in anyway: then they show no sort values.
    fn lower_sort(&self, cx: &mut Lowering<'_>) -> Result<Vec<SortKey>> {
        match self.sort.as_slice() {
            [SortShape::Score { descending: true }] => Ok(Vec::new()),
            keys => keys.iter().map(|key| key.lower(cx)).collect(),
        }
    }

    /// What a hit shows. Script fields take the place of the source where the body does not ask for it.
    fn lower_fetch(&self, cx: &mut Lowering<'_>) -> Result<Fetch> {
        let source = match &self.source {
            SourceShape::Default if self.script_fields.is_empty() => Some(SourceFilter::default()),
            SourceShape::Default | SourceShape::Hidden => None,
            SourceShape::Shown(filter) => Some(filter.clone()),
        };
        let script_fields = self.script_fields.iter().map(|field| {
            let cases = field.script.lower_field(cx)?;
            Ok(ScriptField { name: field.name.clone(), cases, ignore_failure: field.ignore_failure })
        });
        let script_fields = script_fields.collect::<Result<_>>()?;
        Ok(Fetch { source, script_fields, named_queries: in_order(std::mem::take(&mut cx.named)) })
    }

    /// Whether anything above the query asks for its score: `min_score`, hits that show it, or their order.
    fn needs_score(&self, sort: &[SortKey], scripts: &ScriptTable, fetch: &Fetch) -> bool {
        // A script of a sort reads scores, but does not ask for them.
        let sorts_by_score = sort.iter().any(|key| key.by == SortBy::Score);
        let shows_score = sort.is_empty() || self.track_scores;
        let mut computed = fetch.script_fields.iter().flat_map(ScriptField::scripts);
        let computes_with_score = computed.any(|script| reads_column(&scripts.get(script).expr, "_score"));
        self.min_score.is_some() || self.size > 0 && (shows_score || sorts_by_score || computes_with_score)
    }
}
