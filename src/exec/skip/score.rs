//! The bounds of a computed score: what `script_score` and `function_score` make of a query's matches.

use std::slice;

use smallvec::SmallVec;

use super::query::QueryBounds;
use super::range::Range;
use super::script::ScriptBounds;
use super::{Matches, Verdict, Zone};
use crate::error::Result;
use crate::exec::segment::SegmentContext;
use crate::plan::query::{Query, Scope};
use crate::plan::script::ScriptId;

/// A script that computes scores over the zones of a segment.
pub(super) struct ScoreBounds {
    script: ScriptBounds,
    filters: Vec<QueryBounds>,
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
        let filters = filters.iter().map(|query| QueryBounds::new(segment, query, Scope::Filter));
        Ok(Self {
            script: ScriptBounds::new(segment, script)?,
            filters: filters.collect::<Result<_>>()?,
            min_score,
            boost,
        })
    }

    /// Whether the script reads the score that it replaces.
    pub(super) fn uses_score(&self) -> bool {
        self.script.uses_score()
    }

    /// What becomes of the matches of a zone.
    pub(super) fn apply(&mut self, zone: Zone, matched: Verdict) -> Verdict {
        let mut verdict = matched;
        self.apply_all(&[zone], slice::from_mut(&mut verdict));
        verdict
    }

    /// What becomes of the matches of each of some zones.
    pub(super) fn apply_all(&mut self, zones: &[Zone], verdicts: &mut [Verdict]) {
        for (zone, matched) in zones.iter().zip(&mut *verdicts) {
            if matched.matches == Matches::None {
                continue;
            }
            let mut filters: SmallVec<[Matches; 8]> = SmallVec::new();
            for filter in &mut self.filters {
                let verdict = filter.verdict(*zone);
                matched.fails |= verdict.fails;
                filters.push(verdict.matches);
            }
            self.script.add(*zone, matched.score, filters);
        }
        let matched = verdicts.iter_mut().filter(|verdict| verdict.matches != Matches::None);
        for (verdict, bounds) in matched.zip(self.script.run()) {
            verdict.score = Range::rounded(bounds.value);
            verdict.fails |= bounds.fails;
            if let Some(min_score) = self.min_score {
                *verdict = verdict.at_least(min_score);
            }
            verdict.score = verdict.score.times(self.boost);
        }
    }
}

impl Verdict {
    /// What is left where low scores are dropped.
    pub(super) fn at_least(self, min_score: f32) -> Self {
        match self.score.at_least(min_score) {
            None => Self::nothing(self.fails),
            Some(score) => {
                let passing = if self.score.is_at_least(min_score) { Matches::All } else { Matches::Some };
                let drops = self.drops || passing == Matches::Some;
                Self { matches: self.matches.and(passing), score, drops, fails: self.fails }
            }
        }
    }
}
