//! `Score`: replaces the scores of a batch by a script's values.

use smallvec::SmallVec;

use crate::error::Result;
use crate::exec::batch::{BATCH, Batch};
use crate::exec::operator::filter::Membership;
use crate::exec::script::Evaluator;
use crate::exec::segment::SegmentContext;
use crate::plan::query::Query;
use crate::plan::script::ScriptId;

/// A computed score over a segment.
pub(crate) struct Score<'a> {
    script: Evaluator<'a>,
    /// Whose match the script asks for.
    filters: Vec<Membership<'a>>,
    matches: Vec<Vec<bool>>,
    min_score: Option<f32>,
    boost: f32,
}

impl<'a> Score<'a> {
    /// Prepares a computed score for a segment.
    pub(crate) fn new(
        segment: SegmentContext<'a>,
        script: ScriptId,
        filters: &'a [Query],
        min_score: Option<f32>,
        boost: f32,
    ) -> Result<Self> {
        Ok(Self {
            script: Evaluator::new(segment, script)?,
            filters: filters.iter().map(|query| Membership::new(segment, query)).collect::<Result<_>>()?,
            matches: filters.iter().map(|_| Vec::with_capacity(BATCH)).collect(),
            min_score,
            boost,
        })
    }

    /// Starts again: the next batch may hold documents before those of the last.
    pub(crate) fn restart(&mut self) -> Result<()> {
        self.filters.iter_mut().try_for_each(Membership::restart)
    }

    /// Whether the script reads the score that it replaces.
    pub(crate) fn uses_score(&self) -> bool {
        self.script.uses_score()
    }

    /// Whether the script or a filter that it asks for can tell which documents it is given: see
    /// [`Matcher::keeps_place`](crate::exec::query::Matcher::keeps_place).
    pub(crate) fn keeps_place(&self) -> bool {
        self.script.keeps_place() || self.filters.iter().any(Membership::keeps_place)
    }

    /// Whether documents with a low score are dropped.
    pub(crate) fn drops_documents(&self) -> bool {
        self.min_score.is_some()
    }

    /// Replaces the scores of a batch.
    pub(crate) fn apply(&mut self, batch: &mut Batch) -> Result<()> {
        if batch.len() == 0 {
            return Ok(());
        }
        for (filter, matches) in self.filters.iter_mut().zip(&mut self.matches) {
            filter.test(batch.docs(), matches)?;
        }
        let matches: SmallVec<[&[bool]; 16]> = self.matches.iter().map(Vec::as_slice).collect();
        let values = self.script.doubles(batch.docs(), batch.scores(), &matches)?;
        batch.scores_mut().iter_mut().zip(values).for_each(|(score, value)| *score = *value as f32);
        if let Some(min_score) = self.min_score {
            batch.retain_at_least(min_score);
        }
        if self.boost != 1.0 {
            batch.scores_mut().iter_mut().for_each(|score| *score *= self.boost);
        }
        Ok(())
    }
}
