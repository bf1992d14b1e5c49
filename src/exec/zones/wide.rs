//! The loops over raw values that are compiled for wider vectors, too: see [`widened`].

#![expect(unsafe_code, reason = "a function for certain processors may only be called after asking the processor")]

use super::lanes::{Lanes, ZoneList};
use super::{decode, summary};
use crate::exec::columns::Encoding;
use crate::plan::function::wide::widened;

widened! {
    /// Reads the pairs of zones.
    read_pairs(bytes: &[u8], width: usize, list: &ZoneList, base: u64, to: &mut Lanes) = summary::read_pairs;
    /// Decodes the pairs of zones.
    decode_all(encoding: Encoding, values: &mut Lanes, zones: usize) = decode::decode_all;
    /// Decodes the latitudes of zones.
    decode_north(values: &mut Lanes, zones: usize) = decode::decode_north;
    /// Decodes the longitudes of zones.
    decode_east(values: &mut Lanes, zones: usize) = decode::decode_east;
}
