//! A search over all shards of an index, in three phases: statistics, query, fetch.
//!
//! The fragment goes to the shards as bytes, which are read once where they are known ([`prepared`](crate::exec::prepared));
//! what shards share goes beside it, in the execution context.

use std::sync::Arc;
use std::time::Instant;

use crate::error::Result;
use crate::exec::context::{Deadline, ExecutionContext};
use crate::exec::index::Index;
use crate::exec::index::segment::Segment;
use crate::exec::metrics::Metrics;
use crate::exec::operator::count::Total;
use crate::exec::operator::fetch::{Fetched, fetch};
use crate::exec::operator::hit::Hit;
use crate::exec::pipeline::{ShardFragment, ShardHits};
use crate::exec::response::{Response, write};
use crate::exec::skip::threshold::Threshold;
use crate::exec::statistics::Statistics;
use crate::exec::udf::Udfs;
use crate::pushdown::fragment::Fragment;
use crate::pushdown::physical::{Coordinator, PhysicalPlan};

/// Runs a plan over all shards of an index; it calls the versions of UDFs that it was planned with.
///
/// # Errors
/// A shard cannot read the fragment or the index, or a script fails on a document.
pub fn search(index: &Index, plan: &PhysicalPlan, udfs: &Udfs) -> Result<Response> {
    run(index, plan, udfs, false)
}

/// Runs a plan as [`search`], and measures how long each operator takes.
///
/// # Errors
/// As [`search`].
pub fn analyze(index: &Index, plan: &PhysicalPlan, udfs: &Udfs) -> Result<Response> {
    run(index, plan, udfs, true)
}

fn run(index: &Index, plan: &PhysicalPlan, udfs: &Udfs, timed: bool) -> Result<Response> {
    let started = Instant::now();
    let bytes = plan.fragment.to_bytes()?;
    let statistics = statistics(index, &plan.fragment)?;
    let execution = ExecutionContext {
        statistics,
        deadline: Deadline::after(plan.fragment.timeout_ms),
        threshold: Threshold::default(),
        udfs: udfs.counting(),
        timed,
    };
    let prepared = index.prepared().get(&bytes, index)?;
    let mut next_doc = 0;
    let fragments: Vec<_> = (0..)
        .zip(index.shards())
        .map(|(number, shard)| ShardFragment {
            index,
            shard,
            number,
            first_doc: {
                let first = next_doc;
                next_doc += shard.segments().iter().map(Segment::max_doc).sum::<u32>();
                first
            },
            prepared: &prepared,
            execution: &execution,
        })
        .collect();
    let found = fragments.iter().map(|fragment| fragment.run()).collect::<Result<Vec<_>>>()?;
    let mut merged = Merged::of(found, &plan.coordinator);
    let fetched = fetch_all(&fragments, &merged.page)?;
    merged.metrics.tables = prepared.scripts.tables();
    index.prepared().keep(bytes, Arc::clone(&prepared));
    merged.metrics.udfs = execution.udfs.metrics();
    let took_ms = started.elapsed().as_millis() as u64;
    let body = write(index, &plan.coordinator, &merged, &fetched, took_ms);
    Ok(Response { body, metrics: merged.metrics })
}

/// The statistics of the terms that a fragment scores by, over all shards.
fn statistics(index: &Index, fragment: &Fragment) -> Result<Statistics> {
    let mut statistics = Statistics::wanted(fragment);
    statistics.count(index)?;
    Ok(statistics)
}

/// What all shards found together.
#[derive(Debug)]
pub(crate) struct Merged {
    /// The hits of the page.
    pub(crate) page: Vec<Hit>,
    pub(crate) total: Option<Total>,
    /// The highest score, where the answer shows it.
    pub(crate) max_score: Option<f32>,
    pub(crate) timed_out: bool,
    pub(crate) metrics: Metrics,
}

impl Merged {
    /// Merges the shards' best hits: by the sort, then by shard and document.
    fn of(shards: Vec<ShardHits>, plan: &Coordinator) -> Self {
        let (mut hits, mut count, mut timed_out) = (Vec::new(), 0, false);
        let (mut tracked, mut metrics): (Option<f32>, _) = (None, Metrics::default());
        for shard in shards {
            hits.extend(shard.hits);
            count += shard.count;
            timed_out |= shard.timed_out;
            metrics.add(&shard.metrics);
            tracked = tracked.into_iter().chain(shard.max_score).reduce(f32::max);
        }
        hits.sort_unstable();
        // By score, the first hit has the highest; else it has to be tracked.
        let max_score =
            if plan.is_by_score() { hits.first().map(|hit| hit.score) } else { tracked.filter(|_| plan.size > 0) };
        let page: Vec<_> = hits.into_iter().skip(plan.from).take(plan.size).collect();
        Self {
            total: Total::of(count, plan.track_total_hits),
            max_score: max_score.filter(|_| plan.size > 0),
            page,
            timed_out,
            metrics,
        }
    }
}

/// Loads what the hits of a page show, in the order of the page.
fn fetch_all<'a>(fragments: &[ShardFragment<'a>], page: &[Hit]) -> Result<Vec<Fetched<'a>>> {
    let mut order: Vec<_> = (0..page.len()).collect();
    order.sort_by_key(|i| (page[*i].shard, page[*i].segment, page[*i].doc));
    let mut all: Vec<_> = page.iter().map(|_| Fetched::default()).collect();
    for group in order.chunk_by(|a, b| (page[*a].shard, page[*a].segment) == (page[*b].shard, page[*b].segment)) {
        let first = &page[group[0]];
        let fragment = fragments[first.shard as usize];
        let Some(segment) = fragment.segments().nth(first.segment as usize) else { continue };
        let docs: Vec<_> = group.iter().map(|i| page[*i].doc).collect();
        for (i, fetched) in group.iter().zip(fetch(segment, &fragment.prepared.fragment.fetch, &docs)?) {
            all[*i] = fetched;
        }
    }
    Ok(all)
}
