//! The places of the ones in a word, one after the other or eight at a time.

use tantivy::DocId;

use crate::exec::window::WORD;

/// The places of the ones in a byte, ascending, and what follows them means nothing.
const PLACES: [[u8; 8]; 256] = {
    let mut places = [[0; 8]; 256];
    let mut byte = 0;
    while byte < 256 {
        let (mut at, mut count) = (0, 0);
        while at < 8 {
            if byte >> at & 1 == 1 {
                places[byte][count] = at as u8;
                count += 1;
            }
            at += 1;
        }
        byte += 1;
    }
    places
};

/// How many ones a byte has: baseline processors count them in a dozen steps.
const COUNTS: [u8; 256] = {
    let mut counts = [0; 256];
    let mut byte = 0usize;
    while byte < 256 {
        counts[byte] = byte.count_ones() as u8;
        byte += 1;
    }
    counts
};

/// How many numbers [`write_ones`] may write: those of a word, and what follows the last.
pub(crate) const ROOM: usize = WORD as usize + 8;

/// Writes the documents of a word, which starts with `first`; how many there are. Eight places are written at a time.
#[inline]
pub(crate) fn write_ones(word: u64, first: DocId, docs: &mut [DocId; ROOM]) -> usize {
    let mut count = 0;
    for (base, byte) in (first..).step_by(8).zip(word.to_le_bytes()) {
        let to = &mut docs[count..count + 8];
        to.iter_mut().zip(&PLACES[usize::from(byte)]).for_each(|(doc, at)| *doc = base + DocId::from(*at));
        count += usize::from(COUNTS[usize::from(byte)]);
    }
    count
}

/// The lowest bits of eight bytes, of which no others are set, as one byte.
#[inline(always)]
pub(crate) fn gather(bytes: [u8; 8]) -> u8 {
    // The multiplication adds each of them at its place in the highest byte.
    (u64::from_le_bytes(bytes).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8
}

/// The places of the ones in a word, ascending.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ones(pub(crate) u64);

impl Iterator for Ones {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        (self.0 != 0).then(|| {
            let at = self.0.trailing_zeros();
            self.0 &= self.0 - 1;
            at
        })
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        let count = self.0.count_ones() as usize;
        (count, Some(count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_find_the_same_places() {
        for word in [0, 1, 1 << 63, u64::MAX, 0x8421_0000_FF00_1234, 0xAAAA_5555_0F0F_F0F0] {
            let mut docs = [0; ROOM];
            let count = write_ones(word, 640, &mut docs);
            let expected: Vec<DocId> = Ones(word).map(|at| 640 + at).collect();
            assert_eq!(docs[..count], expected, "{word:x}");
            assert_eq!(Ones(word).size_hint().0, count);
        }
    }
}
