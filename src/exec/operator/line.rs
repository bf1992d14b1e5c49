//! What a batch goes through after its source: `filters -> bound -> score -> min score -> post filters -> top hits`.
//!
//! The bound of a sort by script comes right before the top hits.

use crate::error::{Error, Result};
use crate::exec::batch::Batch;
use crate::exec::metrics::Stopwatch;
use crate::exec::operator::best::Best;
use crate::exec::operator::bound::{Bound, first_script};
use crate::exec::operator::filter::Filter;
use crate::exec::operator::score::Score;
use crate::exec::operator::top_hits::TopHits;
use crate::exec::segment::SegmentContext;
use crate::plan::node::Predicate;
use crate::pushdown::fragment::Fragment;

/// What a batch is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// The best hits are kept.
    Collect,
    /// Its matches are counted; whatever they score, they are no hits, and no score is too low.
    Count,
}

/// The operators of a fragment over one segment, after its source.
pub(crate) struct Line<'a> {
    filters: Vec<Filter<'a>>,
    score_bound: Option<Bound<'a>>,
    score: Option<Score<'a>>,
    /// `min_score`, then the filters of hits.
    post_filters: Vec<Filter<'a>>,
    /// The bound of a first key that is a script.
    key_bound: Option<Bound<'a>>,
    top_hits: TopHits<'a>,
}

impl<'a> Line<'a> {
    /// Prepares the operators for a segment, which is the `place.1`th of the shard `place.0`.
    pub(crate) fn new(
        segment: SegmentContext<'a>,
        fragment: &'a Fragment,
        best: &mut Best,
        place: (u32, u32),
    ) -> Result<Self> {
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
        Ok(Self {
            filters: fragment.filters.iter().map(filter).collect::<Result<_>>()?,
            score_bound: Bound::of_score(segment, fragment),
            score,
            post_filters,
            key_bound: Bound::of_key(segment, fragment),
            top_hits: TopHits::new(segment, &fragment.top_hits, best, place)?,
        })
    }

    /// Whether the documents of a window have to come in one batch: queries that test batches are evaluated in windows.
    pub(crate) fn needs_whole_windows(fragment: &Fragment) -> bool {
        let is_query = |predicate: &Predicate| matches!(predicate, Predicate::Query(_));
        fragment.filters.iter().chain(&fragment.post_filters).any(is_query)
            || fragment.score.as_ref().is_some_and(|scoring| !scoring.filters.is_empty())
    }

    /// The names of the operators, in the order in which they run; the source is the first.
    pub(crate) fn names(fragment: &Fragment) -> impl Iterator<Item = &'static str> {
        let filters = fragment.filters.len();
        let by_script = first_script(fragment).is_some();
        let post_filters = usize::from(fragment.min_score.is_some()) + fragment.post_filters.len();
        std::iter::once("Match")
            .chain(std::iter::repeat_n("Filter", filters))
            .chain((fragment.top_hits.bounded && !by_script).then_some("Bound"))
            .chain(fragment.score.as_ref().map(|_| "Score"))
            .chain(std::iter::repeat_n("Filter", post_filters))
            .chain((fragment.top_hits.bounded && by_script).then_some("Bound"))
            .chain(std::iter::once("TopHits"))
    }

    /// Whether the first key of most documents need not be computed, if there are so many.
    pub(crate) fn bounds_documents(&mut self, documents: u64) -> Result<bool> {
        match self.score_bound.as_mut().or(self.key_bound.as_mut()) {
            Some(bound) => bound.expect(documents),
            None => Ok(false),
        }
    }

    /// Starts again: the next batch may hold documents before those of the last.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.filters.iter_mut().chain(&mut self.post_filters).try_for_each(Filter::restart)?;
        self.score.iter_mut().try_for_each(Score::restart)
    }

    /// Starts again, with what was found before.
    pub(crate) fn restart_with(&mut self, best: &mut Best) -> Result<()> {
        self.restart()?;
        self.score_bound.iter_mut().chain(&mut self.key_bound).for_each(Bound::restart);
        self.top_hits.restart(best)
    }

    /// Runs a batch through the operators; how many of its documents count.
    pub(crate) fn run(
        &mut self,
        batch: &mut Batch,
        work: Work,
        best: &mut Best,
        watch: &mut Stopwatch<'_>,
    ) -> Result<usize> {
        let mut step = |batch: &mut Batch, operator: &mut dyn FnMut(&mut Batch) -> Result<()>| {
            let before = batch.len();
            if before > 0 {
                operator(batch)?;
            }
            watch.lap(before, batch.len());
            Ok::<_, Error>(())
        };
        let collects = work == Work::Collect;
        for filter in &mut self.filters {
            step(batch, &mut |batch| filter.apply(batch))?;
        }
        let mut dropped = 0;
        let mut drop = |batch: &mut Batch, bound: &mut Bound<'_>, best: &Best| {
            dropped += if collects { bound.apply(batch, best)? } else { 0 };
            Ok(())
        };
        if let Some(bound) = &mut self.score_bound {
            step(batch, &mut |batch| drop(batch, bound, best))?;
        }
        if let Some(score) = &mut self.score {
            step(batch, &mut |batch| if collects { score.apply(batch) } else { Ok(()) })?;
        }
        for filter in &mut self.post_filters {
            let applies = collects || !matches!(filter, Filter::MinScore(_));
            step(batch, &mut |batch| if applies { filter.apply(batch) } else { Ok(()) })?;
        }
        if let Some(bound) = &mut self.key_bound {
            step(batch, &mut |batch| drop(batch, bound, best))?;
        }
        let count = batch.len() + dropped;
        if collects {
            step(batch, &mut |batch| self.top_hits.collect(batch, best))?;
        }
        Ok(count)
    }
}
