//! What is known of zones, as rows of plain numbers: a [gate](super::walk) looks at eight of them at once.

use super::Matches;
use super::verdict::Verdicts;
use crate::exec::zones::FINE_OF_MIDDLE;

/// How many zones are looked at together: the fine ones of a middle one.
pub(super) const GROUP: usize = FINE_OF_MIDDLE as usize;

/// Zones one after the other.
#[derive(Debug)]
pub(super) struct Judgements {
    /// The first key of the best document that each may hold; the lower, the better.
    pub(super) keys: Vec<u64>,
    /// The second key of the best document with such a first one, or less.
    pub(super) seconds: Vec<u64>,
    /// A score that none exceeds, where that is asked for.
    pub(super) highest: Vec<f32>,
    pub(super) states: Vec<State>,
}

/// What is known of a zone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Judgement {
    pub(super) key: u64,
    pub(super) second: u64,
    pub(super) highest: f32,
    pub(super) state: State,
}

/// How many documents of a zone match, and what evaluating them may do, as bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State(pub(super) u8);

impl State {
    /// Some may match; where all do, [`State::ALL`] is set, too.
    pub(super) const SOME: u8 = Matches::Some as u8;
    pub(super) const ALL: u8 = Matches::All as u8 & !Self::SOME;
    /// They are to be scored to be counted.
    pub(super) const DROPS: u8 = 4;
    /// Evaluating one of them may fail.
    pub(super) const FAILS: u8 = 8;

    /// Nothing matches.
    const NOTHING: Self = Self(Matches::None as u8);

    /// Whether a bit is set.
    #[inline]
    pub(super) fn has(self, bit: u8) -> bool {
        self.0 & bit != 0
    }

    /// Adds that evaluating a document may fail, if any is evaluated.
    #[inline]
    pub(super) fn may_fail(&mut self, fails: bool) {
        if fails && self.has(Self::SOME) {
            self.0 |= Self::FAILS;
        }
    }
}

impl Judgements {
    /// None yet, with room for so many.
    pub(super) fn with_room(zones: usize) -> Self {
        Self {
            keys: Vec::with_capacity(zones),
            seconds: Vec::with_capacity(zones),
            highest: Vec::with_capacity(zones),
            states: Vec::with_capacity(zones),
        }
    }

    /// How many zones there are.
    pub(super) fn len(&self) -> usize {
        self.states.len()
    }

    /// Removes all.
    pub(super) fn clear(&mut self) {
        self.resize(0);
    }

    /// Adds zones of which nothing matches until their number is a multiple of another.
    pub(super) fn pad(&mut self, multiple: usize) {
        self.resize(self.len().next_multiple_of(multiple));
    }

    /// Adds as many zones as there are verdicts; where they start.
    pub(super) fn add(&mut self, verdicts: &Verdicts, zones: usize) -> usize {
        let start = self.len();
        self.resize(start + zones);
        let found = verdicts.matches.iter().zip(&verdicts.drops).zip(&verdicts.fails);
        let bit = |is_set: bool, bit: u8| if is_set { bit } else { 0 };
        for (state, ((matches, drops), fails)) in self.states[start..].iter_mut().zip(found) {
            *state = State(*matches as u8 | bit(*drops, State::DROPS) | bit(*fails, State::FAILS));
        }
        start
    }

    /// What is known of a zone.
    #[inline]
    pub(super) fn get(&self, at: usize) -> Judgement {
        Judgement { key: self.keys[at], second: self.seconds[at], highest: self.highest[at], state: self.states[at] }
    }

    fn resize(&mut self, zones: usize) {
        self.keys.resize(zones, u64::MAX);
        self.seconds.resize(zones, 0);
        self.highest.resize(zones, f32::NEG_INFINITY);
        self.states.resize(zones, State::NOTHING);
    }
}
