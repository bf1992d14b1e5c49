//! Runs a fragment on a shard: `source -> filters -> score -> min score -> post filters -> top hits and count`, in batches.

use tantivy::DocId;

use crate::error::Result;
use crate::exec::batch::Batch;
use crate::exec::context::ExecutionContext;
use crate::exec::index::Index;
use crate::exec::index::shard::Shard;
use crate::exec::metrics::{Metrics, Stopwatch};
use crate::exec::operator::filter::Filter;
use crate::exec::operator::score::Score;
use crate::exec::operator::source::Source;
use crate::exec::operator::top_hits::{Best, Hit, TopHits};
use crate::exec::script::Scripts;
use crate::exec::segment::SegmentContext;
use crate::plan::node::Predicate;
use crate::pushdown::fragment::Fragment;

/// What a shard found.
#[derive(Debug)]
pub(crate) struct ShardHits {
    /// Its best hits, the best first.
    pub(crate) hits: Vec<Hit>,
    /// How many documents match.
    pub(crate) count: u64,
    /// The highest score of all that match, where it is tracked beside the sort.
    pub(crate) max_score: Option<f32>,
    /// Whether the deadline came before the end.
    pub(crate) timed_out: bool,
    pub(crate) metrics: Metrics,
}

/// A fragment on one of the shards of an index.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ShardFragment<'a> {
    pub(crate) index: &'a Index,
    pub(crate) shard: &'a Shard,
    pub(crate) number: u32,
    /// How many documents the shards before it hold: `_doc` counts through the whole index, as if it were one shard.
    pub(crate) first_doc: DocId,
    pub(crate) fragment: &'a Fragment,
    pub(crate) scripts: &'a Scripts,
    pub(crate) execution: &'a ExecutionContext,
}

impl<'a> ShardFragment<'a> {
    /// The segments of the shard, in the order of the documents.
    pub(crate) fn segments(self) -> impl Iterator<Item = SegmentContext<'a>> {
        let mut doc_base = self.first_doc;
        self.shard.segments().iter().map(move |segment| {
            let context = SegmentContext {
                segment,
                mapping: self.index.mapping(),
                layout: self.index.layout(),
                execution: self.execution,
                scripts: self.scripts,
                doc_base,
                nested: None,
            };
            doc_base += segment.max_doc();
            context
        })
    }

    /// Finds the best hits and counts.
    pub(crate) fn run(self) -> Result<ShardHits> {
        let mut best = Best::new(&self.fragment.top_hits)?;
        let mut metrics = Metrics::new(operators(self.fragment));
        let (mut count, mut timed_out) = (0, false);
        for (number, segment) in self.segments().enumerate() {
            let mut pipeline = Pipeline::new(segment, self.fragment, &best, (self.number, number as u32))?;
            timed_out = !pipeline.run(&mut best, &mut count, &mut metrics, self.execution)?;
            if timed_out {
                break;
            }
        }
        let max_score = best.max_score();
        Ok(ShardHits { hits: best.into_sorted(), count, max_score, timed_out, metrics })
    }
}

/// The operators of a fragment over one segment.
struct Pipeline<'a> {
    source: Source<'a>,
    filters: Vec<Filter<'a>>,
    score: Option<Score<'a>>,
    /// `min_score`, then the filters of hits.
    post_filters: Vec<Filter<'a>>,
    top_hits: TopHits<'a>,
}

impl<'a> Pipeline<'a> {
    fn new(segment: SegmentContext<'a>, fragment: &'a Fragment, best: &Best, place: (u32, u32)) -> Result<Self> {
        let score = match &fragment.score {
            Some(scoring) => {
                Some(Score::new(segment, scoring.script, &scoring.filters, scoring.min_score, scoring.boost)?)
            }
            None => None,
        };
        let filter = |predicate| Filter::new(segment, predicate);
        let mut post_filters: Vec<_> = fragment.min_score.map(Filter::MinScore).into_iter().collect();
        for predicate in &fragment.post_filters {
            post_filters.push(filter(predicate)?);
        }
        // Queries that test batches are evaluated in windows, too: a window must not come in two parts.
        let whole_windows = fragment.filters.iter().chain(&fragment.post_filters).any(is_query)
            || fragment.score.as_ref().is_some_and(|scoring| !scoring.filters.is_empty());
        Ok(Self {
            source: Source::new(segment, &fragment.query, fragment.scored, whole_windows)?,
            filters: fragment.filters.iter().map(filter).collect::<Result<_>>()?,
            score,
            post_filters,
            top_hits: TopHits::new(segment, &fragment.top_hits, best, place)?,
        })
    }

    /// Runs to the end; false where the deadline came first.
    fn run(
        &mut self,
        best: &mut Best,
        count: &mut u64,
        metrics: &mut Metrics,
        execution: &ExecutionContext,
    ) -> Result<bool> {
        let mut batch = Batch::new();
        loop {
            if execution.deadline.is_over() {
                return Ok(false);
            }
            batch.clear();
            let mut watch = Stopwatch::start(metrics);
            let more = self.source.fill(&mut batch)?;
            watch.lap(batch.len(), batch.len());
            let mut step = |batch: &mut Batch, operator: &mut dyn FnMut(&mut Batch) -> Result<()>| {
                let before = batch.len();
                if before > 0 {
                    operator(batch)?;
                }
                watch.lap(before, batch.len());
                Ok::<_, crate::error::Error>(())
            };
            for filter in &mut self.filters {
                step(&mut batch, &mut |batch| filter.apply(batch))?;
            }
            if let Some(score) = &mut self.score {
                step(&mut batch, &mut |batch| score.apply(batch))?;
            }
            for filter in &mut self.post_filters {
                step(&mut batch, &mut |batch| filter.apply(batch))?;
            }
            *count += batch.len() as u64;
            step(&mut batch, &mut |batch| self.top_hits.collect(batch, best))?;
            if !more {
                return Ok(true);
            }
        }
    }
}

fn is_query(predicate: &Predicate) -> bool {
    matches!(predicate, Predicate::Query(_))
}

/// The names of a fragment's operators, in the order in which they run.
fn operators(fragment: &Fragment) -> impl Iterator<Item = &'static str> {
    let filters = fragment.filters.len();
    let post_filters = usize::from(fragment.min_score.is_some()) + fragment.post_filters.len();
    std::iter::once("Match")
        .chain(std::iter::repeat_n("Filter", filters))
        .chain(fragment.score.as_ref().map(|_| "Score"))
        .chain(std::iter::repeat_n("Filter", post_filters))
        .chain(std::iter::once("TopHits"))
}
