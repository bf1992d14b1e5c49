//! Runs a fragment on a shard: a source of documents, then the operators of the [line](Line), in batches.
//!
//! Where zones may be skipped, a [walk](crate::exec::skip::walk) finds the documents instead of the source.

use tantivy::DocId;

use crate::error::{Code, Result};
use crate::exec::batch::Batch;
use crate::exec::context::ExecutionContext;
use crate::exec::index::Index;
use crate::exec::index::shard::Shard;
use crate::exec::metrics::{Metrics, Stopwatch};
use crate::exec::operator::best::Best;
use crate::exec::operator::hit::Hit;
use crate::exec::operator::line::{Line, Work};
use crate::exec::operator::source::Source;
use crate::exec::prepared::Prepared;
use crate::exec::query::rewrite;
use crate::exec::segment::SegmentContext;
use crate::exec::skip::counter::Counter;
use crate::exec::skip::walk::{Walk, Walked};
use crate::plan::node::Zones;
use crate::plan::query::Query;
use crate::pushdown::fragment::Fragment;

/// What a shard found.
#[derive(Debug)]
pub(crate) struct ShardHits {
    /// Its best hits, the best first.
    pub(crate) hits: Vec<Hit>,
    /// How many documents match, as far as the request wants to know.
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
    pub(crate) prepared: &'a Prepared,
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
                scripts: &self.prepared.scripts,
                doc_base,
                nested: None,
            };
            doc_base += segment.max_doc();
            context
        })
    }

    /// Finds the best hits and counts.
    pub(crate) fn run(self) -> Result<ShardHits> {
        if !matches!(self.prepared.fragment.top_hits.zones, Zones::Skip(_)) {
            return self.find(false);
        }
        // Zones are not visited in order, so the document that failed need not be the first one that does. Which one is
        // reported must not depend on what is skipped, but for a UDF: for which documents it is called is not promised.
        self.find(true).or_else(|e| if e.is_of_udf() { Err(e) } else { self.find(false) })
    }

    fn find(self, skips: bool) -> Result<ShardHits> {
        let fragment = &self.prepared.fragment;
        let mut found = Found {
            best: Best::new(&fragment.top_hits)?,
            counter: Counter::new(fragment.track_total_hits),
            metrics: Metrics::new(Line::names(fragment), self.execution.timed),
        };
        let mut timed_out = false;
        for (number, segment) in self.segments().enumerate() {
            timed_out = match self.search(segment, number as u32, skips, &mut found) {
                Ok(done) => !done,
                // The search's deadline has stopped a call: what was found until then counts, as between two batches.
                Err(e) if e.code() == Code::UdfLimit && self.execution.deadline.is_over() => true,
                Err(e) => return Err(e),
            };
            if timed_out {
                break;
            }
        }
        let Found { best, counter, metrics } = found;
        let max_score = best.max_score();
        Ok(ShardHits { hits: best.into_sorted(), count: counter.value(), max_score, timed_out, metrics })
    }

    /// Adds what a segment holds; false where the deadline came first.
    fn search(self, segment: SegmentContext<'a>, number: u32, skips: bool, found: &mut Found) -> Result<bool> {
        let fragment = &self.prepared.fragment;
        let query = rewrite(segment, &fragment.query)?;
        let mut line = Line::new(segment, fragment, &mut found.best, (self.number, number))?;
        let (experience, kind) = (segment.segment.experience(), self.prepared.kind);
        if skips && !experience.tries(kind) {
            found.metrics.zones.given_up += 1;
        } else if skips && let Some(walk) = Walk::new(segment, fragment, query, number)? {
            let (best, counter) = (found.best.clone(), found.counter);
            match walk.run(&mut line, found)? {
                Walked::Done => {
                    experience.note_worth(kind);
                    return Ok(true);
                }
                Walked::TimedOut => return Ok(false),
                Walked::GaveUp => {
                    experience.note_in_vain(kind);
                    (found.best, found.counter) = (best, counter);
                    line.restart_with(&mut found.best)?;
                }
            }
        }
        visit_all(segment, fragment, query, &mut line, found)
    }
}

/// What the segments of a shard add to.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) best: Best,
    pub(crate) counter: Counter,
    pub(crate) metrics: Metrics,
}

/// Evaluates every match of a segment; false where the deadline came first.
fn visit_all(
    segment: SegmentContext<'_>,
    fragment: &Fragment,
    query: &Query,
    line: &mut Line<'_>,
    found: &mut Found,
) -> Result<bool> {
    let mut source = Source::new(segment, query, fragment.scored, Line::needs_whole_windows(fragment))?;
    let mut batch = Batch::of(segment.scripts.batch_rows());
    loop {
        if segment.execution.deadline.is_over() {
            return Ok(false);
        }
        batch.clear();
        let mut watch = Stopwatch::start(&mut found.metrics);
        let more = source.fill(&mut batch)?;
        watch.lap(batch.len(), batch.len());
        let count = line.run(&mut batch, Work::Collect, &mut found.best, &mut watch)?;
        found.counter.add(count);
        if !more {
            return Ok(true);
        }
    }
}
