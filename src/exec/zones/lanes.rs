//! Zones that are looked at together, and intervals of them: a row of lower ends, one of upper ends, one of flags.
//!
//! What is done to an interval is done to a whole row of them in one loop. So an operation is looked at once, not once a
//! zone, and the loop over plain numbers is compiled to vector instructions.

use std::ops::Range;

use tantivy::DocId;

use crate::exec::window::WINDOW;
use crate::plan::interval::{Doubles, Interval, Longs, Truth};
use crate::plan::script::ValueType;

/// How many zones are looked at together at most.
pub(crate) const LANES: usize = 128;

/// How large zones are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// Windows of 1,024 documents.
    Coarse,
    /// Quarters of windows, 256 documents.
    Middle,
    /// Half words of the bits of windows, 32 documents.
    Fine,
}

impl Level {
    /// From the largest zones to the smallest.
    pub(crate) const ALL: [Self; 3] = [Self::Coarse, Self::Middle, Self::Fine];

    /// How many documents a zone has.
    #[inline]
    pub(crate) const fn size(self) -> u32 {
        match self {
            Self::Coarse => WINDOW,
            Self::Middle => 256,
            Self::Fine => 32,
        }
    }

    /// How many zones of this level one of the level above has.
    #[inline]
    pub(crate) const fn parts(self) -> u32 {
        match self {
            Self::Coarse => 1,
            Self::Middle => WINDOW / Self::Middle.size(),
            Self::Fine => FINE_OF_MIDDLE,
        }
    }

    /// How many zones so many documents have.
    #[inline]
    pub(crate) const fn count(self, docs: u32) -> u32 {
        docs.div_ceil(self.size())
    }
}

/// How many fine zones a window has.
pub(crate) const FINE: u32 = WINDOW / Level::Fine.size();
/// How many fine zones a middle one has.
pub(crate) const FINE_OF_MIDDLE: u32 = Level::Middle.size() / Level::Fine.size();

/// Zones of a segment that are looked at together, of one level, at most [`LANES`].
#[derive(Clone, Debug)]
pub(crate) struct ZoneList {
    pub(crate) level: Level,
    numbers: [u32; LANES],
    pub(crate) len: usize,
}

impl ZoneList {
    /// None yet.
    pub(crate) fn new(level: Level) -> Self {
        Self { level, numbers: [0; LANES], len: 0 }
    }

    /// All zones of a level, of a segment of so many documents.
    pub(crate) fn all(level: Level, docs: u32) -> impl Iterator<Item = Self> {
        let all = level.count(docs);
        (0..all).step_by(LANES).map(move |first| {
            let mut list = Self::new(level);
            list.extend(first..all.min(first + LANES as u32));
            list
        })
    }

    /// Removes all.
    pub(crate) fn clear(&mut self) {
        self.len = 0;
    }

    /// Adds zones, as long as there is room.
    #[inline]
    pub(crate) fn extend(&mut self, numbers: Range<u32>) {
        for number in numbers.take(LANES - self.len) {
            self.numbers[self.len] = number;
            self.len += 1;
        }
    }

    /// How many more zones can be added.
    pub(crate) fn room(&self) -> usize {
        LANES - self.len
    }

    /// The numbers of the zones.
    #[inline]
    pub(crate) fn numbers(&self) -> &[u32] {
        &self.numbers[..self.len]
    }

    /// The first document of a zone, and the last that would be in it.
    #[inline]
    pub(crate) fn docs(&self, lane: usize) -> (DocId, DocId) {
        let size = self.level.size();
        let first = self.numbers[lane] * size;
        (first, first + (size - 1))
    }
}

/// An interval of each of some zones. It does not know its type: who reads it does.
#[derive(Clone, Debug)]
pub(crate) struct Lanes {
    /// Doubles, or the bits of longs.
    pub(crate) lo: [f64; LANES],
    pub(crate) hi: [f64; LANES],
    /// Of doubles [`NAN`]; of booleans [`NO`] and [`YES`].
    pub(crate) flags: [u8; LANES],
}

/// It may be NaN.
pub(crate) const NAN: u8 = 1;
/// It may be false.
const NO: u8 = 1;
/// It may be true.
const YES: u8 = 2;

impl Lanes {
    /// The same in all zones.
    pub(crate) fn of(value: Interval) -> Self {
        let mut lanes = Self { lo: [0.0; LANES], hi: [0.0; LANES], flags: [0; LANES] };
        lanes.set(0, value);
        let (lo, hi, flags) = (lanes.lo[0], lanes.hi[0], lanes.flags[0]);
        Self { lo: [lo; LANES], hi: [hi; LANES], flags: [flags; LANES] }
    }

    /// What is known in a zone of a value of a type.
    #[inline]
    pub(crate) fn get(&self, ty: ValueType, lane: usize) -> Interval {
        match ty {
            ValueType::F64 => self.doubles(lane).into(),
            ValueType::I64 => self.longs(lane).into(),
            ValueType::Bool => self.truth(lane).into(),
            ValueType::Str => Interval::Str,
        }
    }

    #[inline]
    pub(crate) fn doubles(&self, lane: usize) -> Doubles {
        let nan = self.flags[lane] & NAN != 0;
        Doubles { lo: self.lo[lane], hi: self.hi[lane], nan }
    }

    #[inline]
    pub(crate) fn longs(&self, lane: usize) -> Longs {
        Longs { lo: self.lo[lane].to_bits() as i64, hi: self.hi[lane].to_bits() as i64 }
    }

    #[inline]
    pub(crate) fn truth(&self, lane: usize) -> Truth {
        Truth { no: self.flags[lane] & NO != 0, yes: self.flags[lane] & YES != 0 }
    }

    #[inline]
    pub(crate) fn set(&mut self, lane: usize, value: Interval) {
        match value {
            Interval::F64 { lo, hi, nan } => self.set_doubles(lane, Doubles { lo, hi, nan }),
            Interval::I64 { lo, hi } => self.set_longs(lane, Longs { lo, hi }),
            Interval::Bool { no, yes } => self.set_truth(lane, Truth { no, yes }),
            Interval::Str => {}
        }
    }

    #[inline]
    pub(crate) fn set_doubles(&mut self, lane: usize, Doubles { lo, hi, nan }: Doubles) {
        self.lo[lane] = lo;
        self.hi[lane] = hi;
        self.flags[lane] = if nan { NAN } else { 0 };
    }

    #[inline]
    pub(crate) fn set_longs(&mut self, lane: usize, Longs { lo, hi }: Longs) {
        self.lo[lane] = f64::from_bits(lo as u64);
        self.hi[lane] = f64::from_bits(hi as u64);
    }

    #[inline]
    pub(crate) fn set_truth(&mut self, lane: usize, Truth { no, yes }: Truth) {
        self.flags[lane] = if no { NO } else { 0 } | if yes { YES } else { 0 };
    }

    /// The same doubles in the first zones.
    #[inline]
    pub(crate) fn fill(&mut self, zones: usize, Doubles { lo, hi, nan }: Doubles) {
        self.lo[..zones].fill(lo);
        self.hi[..zones].fill(hi);
        self.flags[..zones].fill(if nan { NAN } else { 0 });
    }

    /// Takes over the first zones of another row.
    #[inline(always)]
    pub(crate) fn copy_from(&mut self, other: &Self, zones: usize) {
        self.lo[..zones].copy_from_slice(&other.lo[..zones]);
        self.hi[..zones].copy_from_slice(&other.hi[..zones]);
        self.flags[..zones].copy_from_slice(&other.flags[..zones]);
    }

    /// Whether the doubles of the first zones all are what most are: finite, at least `least`, some, and never NaN. Then the
    /// ends of sums, products and quotients are known at once.
    #[inline(always)]
    pub(crate) fn are_plain(&self, zones: usize, least: f64) -> bool {
        let flags = self.flags[..zones].iter().fold(0, |all, flags| all | flags);
        let ends = self.lo[..zones].iter().zip(&self.hi[..zones]);
        let plain = ends.fold(true, |plain, (lo, hi)| plain & (*lo >= least) & (lo <= hi) & (*hi < f64::INFINITY));
        flags & NAN == 0 && plain
    }
}
