//! A hit, and the order of hits.

use std::cmp::Ordering;

use smallvec::SmallVec;
use tantivy::DocId;

use crate::exec::sort::{Key, double_bits};

/// A hit: the lower one is the better one.
#[derive(Clone, Debug)]
pub(crate) struct Hit {
    /// The keys of the sort; none where the score is the key.
    pub(crate) keys: SmallVec<[Key; 2]>,
    pub(crate) score: f32,
    pub(crate) shard: u32,
    pub(crate) segment: u32,
    pub(crate) doc: DocId,
}

impl Ord for Hit {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_keys = if self.keys.is_empty() {
            score_key(self.score).cmp(&score_key(other.score))
        } else {
            self.keys.cmp(&other.keys)
        };
        by_keys.then_with(|| (self.shard, self.segment, self.doc).cmp(&(other.shard, other.segment, other.doc)))
    }
}

impl PartialOrd for Hit {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Hit {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Hit {}

/// A hit of a sort by score.
#[derive(Clone, Copy, Debug)]
pub(super) struct Scored {
    /// The rank of its score.
    rank: u32,
    pub(super) score: f32,
    shard: u32,
    pub(super) segment: u32,
    pub(super) doc: DocId,
}

impl Scored {
    /// A document of a segment of a shard.
    pub(super) fn new(score: f32, (shard, segment): (u32, u32), doc: DocId) -> Self {
        Self { rank: score_rank(score), score, shard, segment, doc }
    }

    fn order(&self) -> (u32, u32, u32, DocId) {
        (self.rank, self.shard, self.segment, self.doc)
    }
}

impl Ord for Scored {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order().cmp(&other.order())
    }
}

impl PartialOrd for Scored {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Scored {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Scored {}

impl From<Scored> for Hit {
    fn from(Scored { score, shard, segment, doc, .. }: Scored) -> Self {
        Self { keys: SmallVec::new(), score, shard, segment, doc }
    }
}

/// The key of a score, where the highest comes first. The two zeros are one score, as for Lucene.
#[inline]
pub(super) fn score_key(score: f32) -> u64 {
    !double_bits(f64::from(score) + 0.0)
}

/// The same of fewer bits.
#[inline]
fn score_rank(score: f32) -> u32 {
    let bits = if score.is_nan() { f32::NAN } else { score + 0.0 }.to_bits();
    // Without the sign, bits ascend with the number; the lower rank is the higher score's.
    if bits >> 31 == 0 { !bits ^ (1 << 31) } else { bits }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_of_scores_order_as_their_keys() {
        let scores = [f32::NAN, f32::INFINITY, 2.5, 1.0, f32::MIN_POSITIVE, 1e-45, 0.0, -0.0, -1.0, f32::NEG_INFINITY];
        for a in scores {
            for b in scores {
                assert_eq!(score_rank(a).cmp(&score_rank(b)), score_key(a).cmp(&score_key(b)), "{a} {b}");
            }
        }
    }
}
