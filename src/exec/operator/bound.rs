//! `Bound`: drops documents that cannot be among the best hits, by a bound of their first key that costs less than the key.
//!
//! What is dropped matches nevertheless, and could not fail: its number is given, for it counts.

use tantivy::columnar::MonotonicallyMappableToU64;

use crate::error::Result;
use crate::exec::batch::{BATCH, Batch};
use crate::exec::kernel::{Failure, Machine, Rows, Side};
use crate::exec::operator::best::Best;
use crate::exec::segment::SegmentContext;
use crate::exec::skip::patience::Patience;
use crate::plan::function::batch::Batch as Values;
use crate::plan::interval::Doubles;
use crate::plan::node::{SortBy, SortKey};
use crate::plan::script::ScriptId;
use crate::pushdown::fragment::Fragment;

/// For how many documents of a segment a bound is prepared: that takes as long as the scripts of a tenth of them.
const MANY: u64 = 8 * BATCH as u64;

/// What most scores do not exceed. Others are not bounded.
const MOST_SCORE: f32 = 1e12;

/// The bound of the first key over a segment.
pub(crate) struct Bound<'a> {
    segment: SegmentContext<'a>,
    script: ScriptId,
    key: Key,
    state: State,
    patience: Patience,
}

/// What is bounded.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Key {
    /// The score, a script's number as a float, times a boost.
    Score { boost: f32 },
    /// A script's number.
    Number { descending: bool },
}

enum State {
    /// So many documents were seen.
    Seen(u64),
    Bounds(Box<Machine>),
    /// There is no bound here.
    Never,
}

/// What makes a document drop out.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Limit {
    AtMost(f64),
    AtLeast(f64),
}

impl<'a> Bound<'a> {
    /// Prepares the bound of the score, which is looked at before the score is computed; none where it is not to be bounded.
    pub(crate) fn of_score(segment: SegmentContext<'a>, fragment: &Fragment) -> Option<Self> {
        match (first_script(fragment), &fragment.score) {
            (None, Some(scoring)) if fragment.top_hits.bounded => {
                Some(Self::new(segment, scoring.script, Key::Score { boost: scoring.boost }))
            }
            _ => None,
        }
    }

    /// Prepares the bound of the script that hits are sorted by; none where it is not to be bounded.
    pub(crate) fn of_key(segment: SegmentContext<'a>, fragment: &Fragment) -> Option<Self> {
        let (script, descending) = first_script(fragment)?;
        fragment.top_hits.bounded.then(|| Self::new(segment, script, Key::Number { descending }))
    }

    fn new(segment: SegmentContext<'a>, script: ScriptId, key: Key) -> Self {
        Self { segment, script, key, state: State::Seen(0), patience: Patience::default() }
    }

    /// Drops documents; how many.
    pub(crate) fn apply(&mut self, batch: &mut Batch, best: &Best) -> Result<usize> {
        let threshold = self.segment.execution.threshold.get();
        let key = best.bar().map_or(threshold, |bar| bar.key.min(threshold));
        let before = batch.len();
        let Some(limit) = self.key.limit(key) else { return Ok(0) };
        if let State::Seen(seen) = &mut self.state {
            *seen += before as u64;
            // As many will come as came until here.
            let until = batch.docs().last().map_or(0, |doc| u64::from(*doc)) + 1;
            let expected = *seen * u64::from(self.segment.max_doc()) / until;
            self.expect(expected)?;
        }
        if !self.patience.judges() || !are_usual(batch.scores()) {
            return Ok(0);
        }
        let State::Bounds(machine) = &mut self.state else { return Ok(0) };
        let rows = Rows { docs: batch.docs(), doc_base: self.segment.doc_base, scores: batch.scores(), filters: &[] };
        match machine.run(&rows) {
            Ok(Values::F64(bounds)) => match limit {
                Limit::AtMost(limit) => batch.retain_by(bounds, |bound| bound > limit || bound.is_nan()),
                Limit::AtLeast(limit) => batch.retain_by(bounds, |bound| bound < limit || bound.is_nan()),
            },
            Err(Failure::Storage(error) | Failure::Udf { error, .. }) => return Err(error),
            // No bounds, no documents are dropped.
            Ok(_) | Err(Failure::Row(_)) => {}
        }
        let dropped = before - batch.len();
        self.patience.learn(2 * dropped > before);
        Ok(dropped)
    }

    /// Starts again with the first documents.
    pub(crate) fn restart(&mut self) {
        if let State::Seen(seen) = &mut self.state {
            *seen = 0;
        }
    }

    /// Whether there is a bound; it is prepared when so many documents are expected that this pays.
    pub(crate) fn expect(&mut self, documents: u64) -> Result<bool> {
        if matches!(self.state, State::Seen(_)) && documents >= MANY {
            let scripts = self.segment.scripts;
            let scores = Doubles::new(0.0, f64::from(MOST_SCORE));
            self.state = match scripts.bounding_program(self.segment, self.script, self.key.bound(), scores)? {
                Some(program) => {
                    let columns = self.segment.segment.columns(self.segment.mapping);
                    State::Bounds(Box::new(Machine::for_batches(program, columns, scripts.batch_rows())?))
                }
                None => State::Never,
            };
        }
        Ok(matches!(self.state, State::Bounds(_)))
    }
}

/// The script that hits are sorted by first, and whether the highest comes first.
pub(crate) fn first_script(fragment: &Fragment) -> Option<(ScriptId, bool)> {
    match fragment.top_hits.sort.first()? {
        SortKey { by: SortBy::NumberScript(script), descending } => Some((*script, *descending)),
        _ => None,
    }
}

impl Key {
    /// Which bound tells, and whether that of a float.
    fn bound(self) -> (Side, bool) {
        match self {
            Self::Score { .. } => (Side::Upper, true),
            Self::Number { descending: true } => (Side::Upper, false),
            Self::Number { descending: false } => (Side::Lower, false),
        }
    }

    /// Which bounds are worse than a key, whose bits these are; none where that is not known. What is as good may come first.
    fn limit(self, key: u64) -> Option<Limit> {
        if key == u64::MAX {
            return None;
        }
        match self {
            Self::Number { descending: true } => Some(Limit::AtMost(f64::from_u64(!key).next_down())),
            Self::Number { descending: false } => Some(Limit::AtLeast(f64::from_u64(key).next_up())),
            Self::Score { boost } => {
                // What is rounded to a float that is too low, is.
                let bar = f64::from_u64(!key) as f32;
                let mut limit = if boost == 1.0 { bar } else { bar / boost };
                for _ in 0..4 {
                    limit = limit.next_down();
                    if limit * boost < bar {
                        return Some(Limit::AtMost(limit.into()));
                    }
                }
                None
            }
        }
    }
}

/// Whether all scores are what the bounds rely on: neither negative, nor NaN, nor very high.
fn are_usual(scores: &[f32]) -> bool {
    scores.iter().fold(true, |all, score| all & (score.to_bits() <= MOST_SCORE.to_bits()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_good_as_the_bar_is_kept() {
        let bits = |value: f64| value.to_u64();
        let down = Key::Number { descending: true }.limit(!bits(2.0)).unwrap();
        let up = Key::Number { descending: false }.limit(bits(2.0)).unwrap();
        assert_eq!((down, up), (Limit::AtMost(2.0_f64.next_down()), Limit::AtLeast(2.0_f64.next_up())));
        for boost in [1.0, 0.3, 7.7, 1e-30, 3e38] {
            for bar in [1.0_f32, 0.1, 123.456, 1e-40] {
                let Some(limit) = Key::Score { boost }.limit(!bits(bar.into())) else { continue };
                let Limit::AtMost(limit) = limit else { panic!("{limit:?}") };
                assert!((limit as f32) * boost < bar && f64::from(limit as f32) == limit, "{boost} {bar}");
            }
        }
        assert_eq!(Key::Score { boost: 1.0 }.limit(u64::MAX), None);
        assert!(are_usual(&[0.0, 1.0, MOST_SCORE]));
        for score in [-0.0, -1.0, f32::NAN, f32::INFINITY, 2e12] {
            assert!(!are_usual(&[1.0, score]), "{score}");
        }
    }
}
