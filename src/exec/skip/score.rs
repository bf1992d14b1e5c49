//! The bounds of a computed score: what `script_score` and `function_score` make of a query's matches.

use super::query::QueryBounds;
use super::script::ScriptBounds;
use super::{Matches, Verdicts, wide};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::exec::zones::{Lanes, ZoneList};
use crate::plan::interval::Truth;
use crate::plan::query::{Query, Scope};
use crate::plan::script::ScriptId;

/// A script that computes scores over the zones of a segment.
pub(super) struct ScoreBounds {
    script: ScriptBounds,
    filters: Vec<QueryBounds>,
    /// What is known of one of the filters, and of each whether it may match.
    found: Box<Verdicts>,
    truths: Vec<Lanes>,
    min_score: Option<f32>,
    boost: f32,
}

impl ScoreBounds {
    pub(super) fn new(
        segment: SegmentContext<'_>,
        script: ScriptId,
        filters: &[Query],
        min_score: Option<f32>,
        boost: f32,
    ) -> Result<Self> {
        Ok(Self {
            script: ScriptBounds::new(segment, script)?,
            truths: vec![Lanes::of(Truth::ANY.into()); filters.len()],
            found: Box::new(Verdicts::new()),
            filters: filters
                .iter()
                .map(|query| QueryBounds::new(segment, query, Scope::Filter))
                .collect::<Result<_>>()?,
            min_score,
            boost,
        })
    }

    /// Whether the script reads the score that it replaces.
    pub(super) fn uses_score(&self) -> bool {
        self.script.uses_score()
    }

    /// What becomes of the matches of some zones.
    pub(super) fn apply(&mut self, list: &ZoneList, verdicts: &mut Verdicts) {
        let Self { script, filters, found, truths, min_score, boost } = self;
        for (filter, truths) in filters.iter_mut().zip(&mut *truths) {
            filter.judge(list, found);
            for lane in 0..list.len {
                truths.set_truth(lane, found.matches[lane].truth());
                verdicts.fails[lane] |= found.fails[lane] && verdicts.matches[lane] != Matches::None;
            }
        }
        let results = script.run(list, verdicts, truths);
        // Of zones where nothing matches, scores mean nothing.
        wide::round(results.values, list.len, &mut verdicts.scores);
        for lane in 0..list.len {
            verdicts.fails[lane] |= results.fails[lane] & (verdicts.matches[lane] != Matches::None);
        }
        if let Some(min_score) = *min_score {
            verdicts.each(list.len, |_, verdict| match verdict.matches {
                Matches::None => verdict,
                _ => verdict.at_least(min_score),
            });
        }
        if *boost != 1.0 {
            (0..list.len).for_each(|lane| verdicts.set_score(lane, verdicts.score(lane).times(*boost)));
        }
    }
}

/// The scores that doubles become: floats.
#[inline(always)]
pub(super) fn round(doubles: &Lanes, zones: usize, scores: &mut Lanes) {
    let ends = [(&doubles.lo, &mut scores.lo), (&doubles.hi, &mut scores.hi)];
    for (doubles, scores) in ends {
        scores.iter_mut().zip(&doubles[..zones]).for_each(|(score, double)| *score = f64::from(*double as f32));
    }
    scores.flags[..zones].copy_from_slice(&doubles.flags[..zones]);
}
