//! What is known of zones under a query: how many of their documents match, how these score, what can fail.

use super::Matches;
use super::range::Range;
use crate::exec::zones::{LANES, Lanes};
use crate::plan::interval::{Doubles, Interval};

/// What is known of the documents of a zone under a query.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Verdict {
    /// How many match.
    pub(super) matches: Matches,
    /// Between which values the scores of those that match lie.
    pub(super) score: Range,
    /// Whether some may be dropped for their score, so that they are to be scored to be counted.
    pub(super) drops: bool,
    /// Whether evaluating one of them may fail.
    pub(super) fails: bool,
}

impl Verdict {
    /// Documents that score the same, and never fail.
    pub(super) fn constant(matches: Matches, score: f32) -> Self {
        Self { matches, score: Range::exactly(score), drops: false, fails: false }
    }

    /// Nothing matches.
    pub(super) fn nothing(fails: bool) -> Self {
        Self { matches: Matches::None, score: Range::exactly(0.0), drops: false, fails }
    }

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

/// The verdicts on zones that are looked at together.
#[derive(Clone, Debug)]
pub(super) struct Verdicts {
    pub(super) matches: [Matches; LANES],
    /// The ranges of the scores, as doubles.
    pub(super) scores: Lanes,
    pub(super) drops: [bool; LANES],
    pub(super) fails: [bool; LANES],
}

impl Verdicts {
    /// Nothing matches anywhere.
    pub(super) fn new() -> Self {
        Self {
            matches: [Matches::None; LANES],
            scores: Lanes::of(Interval::doubles(0.0, 0.0)),
            drops: [false; LANES],
            fails: [false; LANES],
        }
    }

    /// The verdict on a zone.
    #[inline]
    pub(super) fn get(&self, lane: usize) -> Verdict {
        let (drops, fails) = (self.drops[lane], self.fails[lane]);
        Verdict { matches: self.matches[lane], score: self.score(lane), drops, fails }
    }

    /// Between which values the scores of a zone lie.
    #[inline]
    pub(super) fn score(&self, lane: usize) -> Range {
        let Doubles { lo, hi, nan } = self.scores.doubles(lane);
        Range { lo, hi, nan }
    }

    #[inline]
    pub(super) fn set(&mut self, lane: usize, Verdict { matches, score, drops, fails }: Verdict) {
        self.matches[lane] = matches;
        self.set_score(lane, score);
        self.drops[lane] = drops;
        self.fails[lane] = fails;
    }

    #[inline]
    pub(super) fn set_score(&mut self, lane: usize, Range { lo, hi, nan }: Range) {
        self.scores.set_doubles(lane, Doubles { lo, hi, nan });
    }

    /// The same verdict on the first zones.
    #[inline]
    pub(super) fn fill(&mut self, zones: usize, Verdict { matches, score, drops, fails }: Verdict) {
        self.matches[..zones].fill(matches);
        self.scores.fill(zones, Doubles { lo: score.lo, hi: score.hi, nan: score.nan });
        self.drops[..zones].fill(drops);
        self.fails[..zones].fill(fails);
    }

    /// Changes the verdicts on the first zones, one by one.
    #[inline]
    pub(super) fn each(&mut self, zones: usize, mut change: impl FnMut(usize, Verdict) -> Verdict) {
        (0..zones).for_each(|lane| self.set(lane, change(lane, self.get(lane))));
    }

    /// The first zones of which some documents match.
    #[inline]
    pub(super) fn matching(&self, zones: usize) -> impl Iterator<Item = usize> + '_ {
        (0..zones).filter(|lane| self.matches[*lane] != Matches::None)
    }
}
