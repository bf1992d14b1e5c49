//! What a zone has to pass to be looked at, as things stand: taken anew when hits have been found or matches counted.

use tantivy::DocId;

use super::super::judgement::{GROUP, Judgement, Judgements, State};
use crate::exec::ones::{Ones, gather};
use crate::exec::operator::best::Bar;
use crate::exec::pipeline::Found;

/// What is done with a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Action {
    Skip,
    /// Its matches are counted.
    Count,
    /// The same; all of its documents match.
    CountAll,
    /// Its documents are evaluated.
    Visit,
}

/// What is done with eight zones, a bit for each; those that have none are skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Actions {
    pub(super) visit: u8,
    pub(super) count: u8,
    pub(super) all: u8,
}

impl From<Action> for Actions {
    /// The same for all of them.
    fn from(action: Action) -> Self {
        let bits = |wanted| if action == wanted { u8::MAX } else { 0 };
        Self { visit: bits(Action::Visit), count: bits(Action::Count), all: bits(Action::CountAll) }
    }
}

/// What hits have to beat, and whether matches are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate {
    wants_hits: bool,
    /// A key that is worse is no hit's, in any shard.
    threshold: u64,
    /// The worst of the shard's hits, once there are enough.
    bar: Option<Bar>,
    /// A higher score is wanted even if it is no hit's.
    highest: f32,
    counts: bool,
    /// The segment's number in its shard.
    segment: u32,
}

impl Gate {
    /// The gate of a segment whose matches are counted, unless enough are.
    pub(super) fn new(found: &Found, threshold: u64, segment: u32, counts: bool) -> Self {
        let (best, bar) = (&found.best, found.best.bar());
        Self {
            wants_hits: best.limit() > 0,
            threshold: bar.map_or(threshold, |bar| bar.key.min(threshold)),
            bar,
            highest: best.highest_seen(),
            counts: counts && !found.counter.is_done(),
            segment,
        }
    }

    /// Which of eight zones, from a place on, may hold one of the best hits, a bit for each; `first` gives their first
    /// documents.
    #[inline]
    pub(super) fn open(&self, known: &Judgements, at: usize, first: impl Fn(usize) -> DocId) -> u8 {
        if !self.wants_hits {
            return 0;
        }
        let states: &[State; GROUP] = group(&known.states, at);
        let keys: &[u64; GROUP] = group(&known.keys, at);
        let some = gather(states.map(|state| state.0 & State::SOME));
        let mut good = gather(keys.map(|key| u8::from(key <= self.threshold))) & some;
        if let Some(bar) = &self.bar {
            let ties = good & gather(keys.map(|key| u8::from(key == bar.key)));
            for lane in Ones(ties.into()) {
                let at = at + lane as usize;
                if !bar.may_admit(bar.key, known.seconds[at], self.segment, first(lane as usize)) {
                    good &= !(1 << lane);
                }
            }
        }
        if self.highest < f32::INFINITY {
            let highest: &[f32; GROUP] = group(&known.highest, at);
            good |= gather(highest.map(|score| u8::from(score > self.highest))) & some;
        }
        good
    }

    /// What is done with eight zones, from a place on; `first` gives their first documents.
    #[inline]
    pub(super) fn actions(&self, known: &Judgements, at: usize, first: impl Fn(usize) -> DocId) -> Actions {
        let states: &[State; GROUP] = group(&known.states, at);
        let bits = |bit: u8| gather(states.map(|state| u8::from(state.has(bit))));
        let mut visit = self.open(known, at, first) | bits(State::FAILS);
        if !self.counts {
            return Actions { visit, ..Actions::default() };
        }
        visit |= bits(State::SOME) & bits(State::DROPS);
        let count = bits(State::SOME) & !visit;
        let all = count & bits(State::ALL);
        Actions { visit, all, count: count & !all }
    }

    /// What is done with the zone that starts with a document.
    #[inline]
    pub(super) fn action(&self, first: DocId, known: &Judgement) -> Action {
        let state = known.state;
        if state.has(State::FAILS) || self.is_open(first, known) {
            Action::Visit
        } else if !state.has(State::SOME) || !self.counts {
            Action::Skip
        } else if state.has(State::DROPS) {
            Action::Visit
        } else if state.has(State::ALL) {
            Action::CountAll
        } else {
            Action::Count
        }
    }

    /// Whether a document of the zone that starts with a document may be among the best hits.
    #[inline]
    pub(super) fn is_open(&self, first: DocId, known: &Judgement) -> bool {
        if !known.state.has(State::SOME) || !self.wants_hits {
            return false;
        }
        let may_be_hit = || self.bar.is_none_or(|bar| bar.may_admit(known.key, known.second, self.segment, first));
        (known.key <= self.threshold && may_be_hit()) || known.highest > self.highest
    }

    /// The gate where nothing is counted.
    pub(super) fn without_counts(self) -> Self {
        Self { counts: false, ..self }
    }
}

/// Eight of a row, from a place on.
#[inline]
fn group<T>(row: &[T], at: usize) -> &[T; GROUP] {
    row[at..].first_chunk().expect("rows are filled up to whole groups")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exec::skip::Matches;

    #[test]
    fn eight_zones_together_are_told_what_each_is_told_alone() {
        let mut known = Judgements::with_room(GROUP);
        let states = [Matches::None, Matches::Some, Matches::All].map(|matches| matches as u8);
        let states =
            states.into_iter().flat_map(|matches| (0..4).map(move |bits| State(matches | (bits * State::DROPS))));
        for (i, state) in (0u32..).zip(states.cycle().take(1200)) {
            known.keys.push([9, 10, 10, 11, 12][i as usize % 5]);
            known.seconds.push(u64::from(i % 7));
            known.highest.push(f32::from((i % 3) as u8));
            known.states.push(state);
        }
        let plain =
            Gate { wants_hits: true, threshold: 10, bar: None, highest: f32::INFINITY, counts: true, segment: 1 };
        let bar =
            |second, has_more_keys| Bar { key: 10, second, segment: 1, doc: 2000, has_more_keys, is_shared: true };
        let bars = [None, Some(bar(None, false)), Some(bar(Some(3), false)), Some(bar(Some(3), true))];
        for (bar, highest) in bars.into_iter().flat_map(|bar| [1.0, f32::INFINITY].map(|highest| (bar, highest))) {
            for gate in [Gate { bar, highest, ..plain }, Gate { bar, highest, ..plain }.without_counts()] {
                for at in (0..known.len()).step_by(GROUP) {
                    let first = |lane: usize| (at + lane) as DocId * 32;
                    let (open, actions) = (gate.open(&known, at, first), gate.actions(&known, at, first));
                    for lane in 0..GROUP {
                        let zone = known.get(at + lane);
                        let has = |bits: u8| bits >> lane & 1 == 1;
                        assert_eq!(has(open), gate.is_open(first(lane), &zone), "{gate:?} {zone:?}");
                        let action = gate.action(first(lane), &zone);
                        let told = [has(actions.visit), has(actions.count), has(actions.all)];
                        let wanted = [Action::Visit, Action::Count, Action::CountAll].map(|other| action == other);
                        assert_eq!(told, wanted, "{gate:?} {zone:?}");
                    }
                }
            }
        }
    }
}
