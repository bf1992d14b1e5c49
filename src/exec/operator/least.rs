//! The least of many: a heap where few are kept; else a buffer, which is cut in half when it is full.
//!
//! A heap knows at each time what the next one has to beat, which skips most where few are kept. It costs as many steps for each
//! one that is kept as the heap is deep; a buffer costs one, and knows only what was to beat when it was cut last.

use std::collections::BinaryHeap;

/// So many and no more are kept in a heap.
const FEW: usize = 128;

/// The most for which room is made before they are there.
const ROOM: usize = 4096;

/// The least of what it has been given.
#[derive(Clone, Debug)]
pub(super) struct Least<T> {
    limit: usize,
    kept: Kept<T>,
}

#[derive(Clone, Debug)]
enum Kept<T> {
    /// The greatest on top.
    Heap(BinaryHeap<T>),
    /// Up to twice as many as are kept; those that are not below the bar are not.
    Buffer { items: Vec<T>, bar: Option<T> },
}

impl<T: Ord + Copy> Least<T> {
    /// Keeps so many.
    pub(super) fn new(limit: usize) -> Self {
        let kept = if limit <= FEW {
            Kept::Heap(BinaryHeap::with_capacity(limit))
        } else {
            Kept::Buffer { items: Vec::with_capacity(limit.saturating_mul(2).min(ROOM)), bar: None }
        };
        Self { limit, kept }
    }

    /// What the next one has to be less than; none as long as there is room.
    pub(super) fn bar(&self) -> Option<T> {
        match &self.kept {
            Kept::Heap(heap) => heap.peek().filter(|_| heap.len() >= self.limit).copied(),
            Kept::Buffer { bar, .. } => *bar,
        }
    }

    /// Gives one; whether it is kept, which may change the bar.
    pub(super) fn push(&mut self, item: T) -> bool {
        if self.limit == 0 || self.bar().is_some_and(|bar| item >= bar) {
            return false;
        }
        let limit = self.limit;
        match &mut self.kept {
            Kept::Heap(heap) if heap.len() < limit => heap.push(item),
            Kept::Heap(heap) => {
                if let Some(mut greatest) = heap.peek_mut() {
                    *greatest = item;
                }
            }
            Kept::Buffer { items, bar } => {
                items.push(item);
                if items.len() == limit || items.len() >= limit.saturating_mul(2) {
                    *bar = Some(cut(items, limit));
                }
            }
        }
        true
    }

    /// What is kept, the least first.
    pub(super) fn into_sorted(self) -> Vec<T> {
        match self.kept {
            Kept::Heap(heap) => heap.into_sorted_vec(),
            Kept::Buffer { mut items, .. } => {
                if items.len() > self.limit {
                    cut(&mut items, self.limit);
                }
                items.sort_unstable();
                items
            }
        }
    }
}

/// Keeps the least of at least so many, at least one; the greatest of them.
fn cut<T: Ord + Copy>(items: &mut Vec<T>, limit: usize) -> T {
    let (_, greatest, _) = items.select_nth_unstable(limit - 1);
    let greatest = *greatest;
    items.truncate(limit);
    greatest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_are_kept_in_order() {
        for limit in [0, 1, 10, FEW, FEW + 1, 1000, 7000] {
            let mut least = Least::new(limit);
            let mut all: Vec<u64> = (0..6000).map(|i: u64| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 50).collect();
            for (at, item) in all.iter().enumerate() {
                least.push(*item);
                if let Some(bar) = least.bar() {
                    assert!(all[..=at].iter().filter(|other| **other <= bar).count() >= limit, "{limit}");
                }
            }
            all.sort_unstable();
            all.truncate(limit);
            assert_eq!(least.bar().is_some(), limit > 0 && limit <= 6000);
            assert_eq!(least.into_sorted(), all, "{limit}");
        }
    }
}
