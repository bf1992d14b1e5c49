//! The number of matches, as far as the request wants to know it.

use crate::plan::node::TrackTotalHits;

/// Counting ends early where no more than this share of the documents is counted (1 in ...).
const EARLY: u64 = 4;

/// Counts the matches of a shard.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counter {
    value: u64,
    /// Nothing needs to be counted beyond this; none: nothing at all.
    limit: Option<u64>,
}

impl Counter {
    /// Nothing is counted yet.
    pub(crate) fn new(track: TrackTotalHits) -> Self {
        let limit = match track {
            TrackTotalHits::Disabled => None,
            TrackTotalHits::Exact => Some(u64::MAX),
            TrackTotalHits::UpTo(limit) => Some(limit),
        };
        Self { value: 0, limit }
    }

    /// Counts matches.
    pub(crate) fn add(&mut self, matches: usize) {
        self.value = self.value.saturating_add(matches as u64);
    }

    /// How many there are, or more than the limit.
    pub(crate) fn value(&self) -> u64 {
        self.value
    }

    /// Whether counting ends early among so many documents, nearly all of which match.
    pub(crate) fn ends_early(&self, documents: u64) -> bool {
        self.limit.is_none_or(|limit| limit < documents / EARLY)
    }

    /// Whether more matches make no difference to the answer: it says "more than the limit" already.
    pub(crate) fn is_done(&self) -> bool {
        self.limit.is_none_or(|limit| self.value > limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_ends_above_the_limit() {
        for (track, counted, done) in [
            (TrackTotalHits::Disabled, 0, true),
            (TrackTotalHits::Exact, 1_000_000, false),
            (TrackTotalHits::UpTo(10), 10, false),
            (TrackTotalHits::UpTo(10), 11, true),
        ] {
            let mut counter = Counter::new(track);
            counter.add(counted);
            assert_eq!((counter.is_done(), counter.value()), (done, counted as u64), "{track:?}");
        }
    }
}
