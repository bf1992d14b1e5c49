//! Makes the zone map of a column: looks at each fine zone once, joins these to larger ones, and writes all of them.

use std::ops::Range;

use tantivy::columnar::ColumnIndex;
use tantivy::fastfield::Column;

use super::{MULTI, NESTED_MISSING, ROOT_MISSING, SOME, Tracks, WORD, Zone};
use crate::exec::window::{SegmentBits, WORD as BITS};
use crate::exec::zones::lanes::{FINE, FINE_OF_MIDDLE, Level};

/// Which documents a column is expected to have values for.
#[derive(Clone, Copy, Debug)]
pub(in crate::exec::zones) struct Scopes<'a> {
    /// The root documents; none: all are.
    pub(in crate::exec::zones) roots: Option<&'a SegmentBits>,
    /// The documents of the nested object that the field is in.
    pub(in crate::exec::zones) own: Option<&'a SegmentBits>,
}

/// The zone map of a column.
pub(in crate::exec::zones) fn summarize(
    column: &Column<u64>,
    tracks: Tracks,
    docs: u32,
    scopes: Scopes<'_>,
) -> Vec<u8> {
    let mut scan =
        Scan { column, tracks, scopes, docs: Vec::new(), with: Vec::new(), rows: Vec::new(), raw: Vec::new() };
    let size = Level::Fine.size();
    let fine: Vec<Zone> = (0..docs).step_by(size as usize).map(|base| scan.zone(base..docs.min(base + size))).collect();
    let join = |zones: &[Zone]| {
        let mut all = Zone::NOTHING;
        zones.iter().for_each(|zone| all.join(zone));
        all
    };
    let whole = join(&fine);
    let middle = fine.chunks(FINE_OF_MIDDLE as usize).map(join);
    let mut zones: Vec<Zone> = fine.chunks(FINE as usize).map(join).chain(middle).collect();
    zones.extend(fine);
    write(&zones, &whole, tracks, docs)
}

/// Reads a column zone by zone.
struct Scan<'a> {
    column: &'a Column<u64>,
    tracks: Tracks,
    scopes: Scopes<'a>,
    docs: Vec<u32>,
    /// For each value its document and its row.
    with: Vec<u32>,
    rows: Vec<u32>,
    raw: Vec<u64>,
}

impl Scan<'_> {
    fn zone(&mut self, docs: Range<u32>) -> Zone {
        let mut found = Zone::NOTHING;
        let all = u64::MAX >> (BITS as usize - docs.len());
        // Which documents have a value, one bit each.
        let mut present = 0u64;
        let rows = match &self.column.index {
            ColumnIndex::Empty { .. } => 0..0,
            ColumnIndex::Full => {
                present = all;
                docs.clone()
            }
            index => {
                self.docs.clear();
                self.docs.extend(docs.clone());
                self.with.clear();
                self.rows.clear();
                index.docids_to_rowids(&self.docs, &mut self.with, &mut self.rows);
                for doc in &self.with {
                    let bit = 1 << (doc - docs.start);
                    found.flags |= if present & bit == 0 { 0 } else { MULTI };
                    present |= bit;
                }
                // The values of consecutive documents are consecutive.
                self.rows.first().map_or(0..0, |first| *first..first + self.rows.len() as u32)
            }
        };
        if self.tracks != Tracks::Presence {
            self.raw.resize(rows.len(), 0);
            self.column.values.get_range(u64::from(rows.start), &mut self.raw);
            for (track, pair) in found.pairs.iter_mut().enumerate().take(self.tracks.len()) {
                for raw in &self.raw {
                    let raw = self.tracks.raw(track, *raw);
                    *pair = (pair.0.min(raw), pair.1.max(raw));
                }
            }
        }
        let missing = all & !present;
        let of = |scope: Option<&SegmentBits>| {
            scope.map_or(u64::MAX, |bits| bits.word(docs.start / BITS) >> (docs.start % BITS))
        };
        found.flags |= if present != 0 { SOME } else { 0 };
        found.flags |= if missing & of(self.scopes.roots) != 0 { ROOT_MISSING } else { 0 };
        found.flags |= if missing & of(self.scopes.own) != 0 { NESTED_MISSING } else { 0 };
        found
    }
}

fn write(zones: &[Zone], whole: &Zone, tracks: Tracks, docs: u32) -> Vec<u8> {
    let mut out = Vec::new();
    let mut word = |word: u64| out.extend(word.to_le_bytes());
    word(u64::from(docs));
    word(tracks.len() as u64);
    // Of no values the base is 0.
    let base = |track: usize| whole.pairs[track].0.min(whole.pairs[track].1);
    let width = |track: usize| match whole.pairs[track].1.saturating_sub(base(track)) {
        0..=0xFF => 1usize,
        0x100..=0xFFFF => 2,
        0x1_0000..=0xFFFF_FFFF => 4,
        _ => 8,
    };
    for track in 0..tracks.len() {
        word(base(track));
        word(width(track) as u64);
    }
    out.extend(zones.iter().map(|zone| zone.flags));
    for track in 0..tracks.len() {
        for zone in zones {
            let (least, greatest) = zone.pairs[track];
            for raw in [least, greatest] {
                let distance = if least <= greatest { raw - base(track) } else { 0 };
                out.extend_from_slice(&distance.to_le_bytes()[..width(track)]);
            }
        }
    }
    // So that the last value can be loaded as eight bytes.
    out.extend([0; WORD]);
    out
}
