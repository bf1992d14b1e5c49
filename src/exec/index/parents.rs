//! Which documents of a segment are root documents: a set of bits.

/// The root documents of a segment that holds nested objects; each group is its nested objects, then their root.
#[derive(Debug)]
pub(crate) struct Parents {
    words: Box<[u64]>,
}

impl Parents {
    /// Collects the root documents among `max_doc` documents.
    pub(super) fn new(max_doc: u32, is_root: impl Fn(u32) -> bool) -> Self {
        let mut words = vec![0; (max_doc as usize).div_ceil(64)];
        for doc in (0..max_doc).filter(|doc| is_root(*doc)) {
            words[doc as usize / 64] |= 1 << (doc % 64);
        }
        Self { words: words.into() }
    }

    /// Whether a document is a root document.
    pub(crate) fn contains(&self, doc: u32) -> bool {
        self.words.get(doc as usize / 64).is_some_and(|word| word >> (doc % 64) & 1 == 1)
    }

    /// The root document of a document: itself or the first root after it.
    pub(crate) fn root_of(&self, doc: u32) -> Option<u32> {
        let first = doc as usize / 64;
        let head = self.words.get(first)? & (u64::MAX << (doc % 64));
        let rest = self.words.iter().enumerate().skip(first + 1).map(|(i, word)| (i, *word));
        let (i, word) = std::iter::once((first, head)).chain(rest).find(|(_, word)| *word != 0)?;
        Some(i as u32 * 64 + word.trailing_zeros())
    }

    /// The first document of a root's group: its first nested object, or the root itself.
    pub(crate) fn group_start(&self, root: u32) -> u32 {
        let last = root as usize / 64;
        let tail = self.words.get(last).map_or(0, |word| word & ((1 << (root % 64)) - 1));
        let rest = self.words.iter().take(last).copied().enumerate().rev();
        let before = std::iter::once((last, tail)).chain(rest).find(|(_, word)| *word != 0);
        before.map_or(0, |(i, word)| i as u32 * 64 + 64 - word.leading_zeros())
    }

    /// How many root documents there are.
    pub(crate) fn count(&self) -> u32 {
        self.words.iter().map(|word| word.count_ones()).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_groups_across_words() {
        let roots = [0, 3, 63, 64, 200, 201];
        let parents = Parents::new(202, |doc| roots.contains(&doc));
        assert_eq!(parents.count(), 6);
        for doc in 0..202 {
            assert_eq!(parents.contains(doc), roots.contains(&doc), "{doc}");
            let root = *roots.iter().find(|root| **root >= doc).unwrap();
            assert_eq!(parents.root_of(doc), Some(root), "{doc}");
            let start = roots.iter().rfind(|other| **other < root).map_or(0, |other| other + 1);
            assert_eq!(parents.group_start(root), start, "{root}");
        }
        assert_eq!((parents.root_of(202), parents.contains(5000)), (None, false));
    }
}
