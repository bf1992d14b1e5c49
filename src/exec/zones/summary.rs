//! The zone map of a column as bytes: of every zone the least and the greatest raw value, and a few flags.
//!
//! ```text
//! documents (u64) | number of tracks (u64) | base, width (u64 each) of each track
//! | flags (u8) of coarse, middle, fine zones | pairs of coarse, middle, fine zones of each track | padding
//! ```
//! A track is a row of pairs (least, greatest): a number has one, a string too, its ordinal in the dictionary, a geo point two,
//! an address none. A pair is stored as distances from the track's least value, each in as few bytes (1, 2, 4 or 8) as the
//! greatest distance takes. So it is read where it lies in the mapped file, with two loads and a mask.

mod write;

use tantivy::directory::OwnedBytes;

use super::lanes::{LANES, Lanes, Level, ZoneList};
use super::sections::load;
use super::wide;
pub(super) use write::{Scopes, summarize};

/// Some document has a value.
pub(super) const SOME: u8 = 1;
/// Some document has several values.
pub(super) const MULTI: u8 = 2;
/// Some root document has no value.
pub(super) const ROOT_MISSING: u8 = 4;
/// Some document of the nested object that the field is in has no value.
pub(super) const NESTED_MISSING: u8 = 8;

const WORD: usize = size_of::<u64>();

/// How many values a document's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tracks {
    /// None that has an order: addresses.
    Presence,
    /// One number; of a string its ordinal.
    Number,
    /// A latitude and a longitude, in the halves of a number.
    Point,
}

impl Tracks {
    fn len(self) -> usize {
        match self {
            Self::Presence => 0,
            Self::Number => 1,
            Self::Point => 2,
        }
    }

    /// The raw value in a track; its order is that of the decoded ones.
    fn raw(self, track: usize, value: u64) -> u64 {
        match (self, track) {
            (Self::Presence | Self::Number, _) => value,
            (Self::Point, 0) => value >> 32,
            (Self::Point, _) => (value & 0xFFFF_FFFF) ^ 0x8000_0000,
        }
    }
}

/// A zone map that is read where it lies.
pub(super) struct Summary {
    bytes: OwnedBytes,
    /// Where the zones of each level start.
    levels: [usize; 3],
    /// Where the flags start.
    flags: usize,
    tracks: [Track; 2],
    whole: Zone,
    /// The flags that all zones have.
    common: Option<u8>,
}

/// A row of pairs.
#[derive(Clone, Copy, Default)]
struct Track {
    start: usize,
    base: u64,
    width: usize,
    mask: u64,
}

/// What is stored of a zone: flags, and of each track the least and the greatest raw value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) flags: u8,
    pub(super) pairs: [(u64, u64); 2],
}

impl Zone {
    /// A zone without a value.
    pub(super) const NOTHING: Self = Self { flags: 0, pairs: [(u64::MAX, 0); 2] };

    fn join(&mut self, other: &Self) {
        self.flags |= other.flags;
        for (pair, other) in self.pairs.iter_mut().zip(&other.pairs) {
            *pair = (pair.0.min(other.0), pair.1.max(other.1));
        }
    }
}

impl Summary {
    /// Opens a zone map; none if the bytes are not that of so many documents.
    pub(super) fn open(bytes: OwnedBytes, tracks: Tracks, docs: u32) -> Option<Self> {
        if load(&bytes, 0) != u64::from(docs) || load(&bytes, WORD) != tracks.len() as u64 {
            return None;
        }
        let [coarse, middle, fine] = Level::ALL.map(|level| level.count(docs) as usize);
        let zones = coarse + middle + fine;
        let flags = 2 * WORD * (1 + tracks.len());
        let mut start = flags + zones;
        let mut opened = [Track::default(); 2];
        for (i, track) in opened.iter_mut().enumerate().take(tracks.len()) {
            let at = 2 * WORD * (1 + i);
            let width = match load(&bytes, at + WORD) {
                width @ (1 | 2 | 4 | 8) => width as usize,
                _ => return None,
            };
            *track = Track { start, base: load(&bytes, at), width, mask: u64::MAX >> (64 - 8 * width) };
            start += 2 * width * zones;
        }
        if bytes.len() != start + WORD {
            return None;
        }
        let levels = [0, coarse, coarse + middle];
        let all = &bytes[flags..flags + zones];
        let common = all.first().copied().filter(|first| all.iter().all(|flags| flags == first));
        let mut summary = Self { bytes, levels, flags, tracks: opened, whole: Zone::NOTHING, common };
        let mut all = Zone::NOTHING;
        for zone in (0..coarse).map(|i| summary.zone(i)) {
            let pairs = if zone.flags & SOME == 0 { Zone::NOTHING.pairs } else { zone.pairs };
            all.join(&Zone { flags: zone.flags, pairs });
        }
        summary.whole = all;
        Some(summary)
    }

    /// All documents.
    pub(super) fn whole(&self) -> Zone {
        self.whole
    }

    /// Where the zones of a level stand.
    #[inline]
    fn start(&self, level: Level) -> usize {
        self.levels[level as usize]
    }

    /// The flags of every zone, if all have the same.
    pub(super) fn common_flags(&self) -> Option<u8> {
        self.common
    }

    /// The flags of some zones.
    #[inline]
    pub(super) fn flags(&self, list: &ZoneList, to: &mut [u8; LANES]) {
        let flags = &self.bytes.as_slice()[self.flags + self.start(list.level)..];
        list.numbers().iter().zip(to).for_each(|(number, to)| *to = flags[*number as usize]);
    }

    /// The bits of the raw values of some zones in a track: the least, and the greatest.
    #[inline]
    pub(super) fn pairs(&self, list: &ZoneList, track: usize, to: &mut Lanes) {
        let Track { start, base, width, .. } = self.tracks[track];
        let bytes = &self.bytes.as_slice()[start + 2 * width * self.start(list.level)..];
        wide::read_pairs(bytes, width, list, base, to);
    }

    #[inline]
    fn zone(&self, at: usize) -> Zone {
        let bytes = self.bytes.as_slice();
        let pair = |track: &Track| {
            let at = track.start + 2 * track.width * at;
            let value = |at| track.base.wrapping_add(load(bytes, at) & track.mask);
            (value(at), value(at + track.width))
        };
        Zone { flags: bytes[self.flags + at], pairs: [pair(&self.tracks[0]), pair(&self.tracks[1])] }
    }
}

/// So many zones mostly stand together: the parts of a zone do.
const TOGETHER: usize = 4;

/// Reads the pairs of zones, of numbers of `width` bytes.
#[inline(always)]
pub(super) fn read_pairs(bytes: &[u8], width: usize, list: &ZoneList, base: u64, to: &mut Lanes) {
    match width {
        1 => read::<1>(bytes, list, base, to),
        2 => read::<2>(bytes, list, base, to),
        4 => read::<4>(bytes, list, base, to),
        _ => read::<WORD>(bytes, list, base, to),
    }
}

#[inline(always)]
fn read<const WIDTH: usize>(bytes: &[u8], list: &ZoneList, base: u64, to: &mut Lanes) {
    let number = |bytes: &[u8]| {
        let mut word = [0; WORD];
        word[..WIDTH].copy_from_slice(bytes);
        f64::from_bits(base.wrapping_add(u64::from_le_bytes(word)))
    };
    let ends = to.lo.chunks_mut(TOGETHER).zip(to.hi.chunks_mut(TOGETHER));
    for (numbers, (lo, hi)) in list.numbers().chunks(TOGETHER).zip(ends) {
        let at = |lane: usize| 2 * WIDTH * numbers[lane] as usize;
        if numbers.len() == TOGETHER && (numbers[0]..).zip(numbers).all(|(next, number)| next == *number) {
            let pairs = bytes[at(0)..at(0) + 2 * WIDTH * TOGETHER].chunks_exact(2 * WIDTH);
            for ((pair, lo), hi) in pairs.zip(lo).zip(hi) {
                (*lo, *hi) = (number(&pair[..WIDTH]), number(&pair[WIDTH..]));
            }
        } else {
            for lane in 0..numbers.len() {
                let pair = &bytes[at(lane)..at(lane) + 2 * WIDTH];
                (lo[lane], hi[lane]) = (number(&pair[..WIDTH]), number(&pair[WIDTH..]));
            }
        }
    }
}
