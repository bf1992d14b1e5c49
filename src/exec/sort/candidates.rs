//! The rows of a batch that the first key of a sort leaves: as a rule few, found without a branch for each.

use crate::exec::columns::{RawRange, lie_within};

/// Some rows of a batch.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    /// Whether each row is one.
    passes: Vec<bool>,
    is_any: bool,
}

/// How many rows are looked at together.
const TOGETHER: usize = 64;

impl Candidates {
    /// Those whose key is one of `least..=most`.
    pub(super) fn between(&mut self, keys: &[u64], least: u64, most: u64) {
        self.passes.resize(keys.len(), false);
        if least <= most {
            lie_within(keys, RawRange { first: least, last: most }, &mut self.passes);
        } else {
            self.passes.fill(false);
        }
        self.is_any = any(&self.passes);
    }

    /// All of so many.
    pub(super) fn all(&mut self, rows: usize) {
        self.passes.clear();
        self.passes.resize(rows, true);
        self.is_any = rows > 0;
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        !self.is_any
    }

    /// The first one from a row on.
    #[inline]
    pub(crate) fn next(&self, row: usize) -> Option<usize> {
        let mut at = row;
        // Where the last one was, the next may be.
        let near = self.passes.get(row..)?;
        let (near, far) = near.split_at(near.len().min(TOGETHER - row % TOGETHER));
        if let Some(found) = near.iter().position(|passes| *passes) {
            return Some(at + found);
        }
        at += near.len();
        for chunk in far.chunks(TOGETHER) {
            if any(chunk) {
                return chunk.iter().position(|passes| *passes).map(|found| at + found);
            }
            at += chunk.len();
        }
        None
    }
}

fn any(passes: &[bool]) -> bool {
    passes.iter().fold(false, |any, passes| any | passes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(candidates: &Candidates) -> Vec<usize> {
        std::iter::successors(candidates.next(0), |row| candidates.next(row + 1)).collect()
    }

    #[test]
    fn rows_between_two_keys_are_found() {
        let keys: Vec<u64> = (0..1000).map(|i| i * 7919 % 1000).collect();
        let mut found = Candidates::default();
        for (least, most) in [(0, u64::MAX), (3, 5), (990, 2000), (0, 0), (5, 3), (2000, 3000)] {
            found.between(&keys, least, most);
            let expected: Vec<usize> = (0..1000).filter(|row| (least..=most).contains(&keys[*row])).collect();
            assert_eq!((rows(&found), found.is_empty()), (expected.clone(), expected.is_empty()), "{least}..={most}");
        }
        found.between(&[], 0, 1);
        assert!(found.is_empty() && rows(&found).is_empty());
        found.all(3);
        assert_eq!(rows(&found), [0, 1, 2]);
    }
}
