//! `Count`: how many documents match, as far as the request wants to know.

use crate::plan::node::TrackTotalHits;

/// The number of matching documents, as an answer shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Total {
    /// How many.
    pub(crate) value: u64,
    /// Whether there may be more.
    pub(crate) is_lower_bound: bool,
}

impl Total {
    /// What of a count the request wants to know; nothing, where it does not track.
    pub(crate) fn of(count: u64, track: TrackTotalHits) -> Option<Self> {
        match track {
            TrackTotalHits::Disabled => None,
            TrackTotalHits::Exact => Some(Self { value: count, is_lower_bound: false }),
            TrackTotalHits::UpTo(0) => Some(Self { value: 0, is_lower_bound: true }),
            TrackTotalHits::UpTo(limit) => Some(Self { value: count.min(limit), is_lower_bound: count > limit }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_cut_at_the_limit() {
        let cases = [
            (5, TrackTotalHits::Disabled, None),
            (5, TrackTotalHits::Exact, Some((5, false))),
            (5, TrackTotalHits::UpTo(0), Some((0, true))),
            (5, TrackTotalHits::UpTo(4), Some((4, true))),
            (5, TrackTotalHits::UpTo(5), Some((5, false))),
        ];
        for (count, track, expected) in cases {
            assert_eq!(Total::of(count, track).map(|t| (t.value, t.is_lower_bound)), expected, "{track:?}");
        }
    }
}
