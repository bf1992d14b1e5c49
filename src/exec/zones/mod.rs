//! Zone maps: what a column or a term has at most in each zone of documents, so that whole zones are skipped.
//!
//! There are three levels: a coarse zone is a [window](crate::exec::window) of 1,024 documents, a middle one a quarter of it,
//! a fine one half of one of its words, 32 documents, so that what is left of a window after zones were skipped is again a set
//! of bits.
//!
//! [`column`] and [`term`] are what others read: values of a column, and documents and scores of a term. Zone maps are
//! written with the index and merged with it ([`plugin`]), as numbered sections of a file ([`sections`]) for columns
//! ([`summary`]) and one for frequent terms ([`term_map`]). Where an index lacks them, each is computed when it is first asked
//! for ([`store`]). Those of rare terms are made for each search ([`rare`]).

mod column;
mod decode;
mod lanes;
pub(crate) mod plugin;
mod rare;
mod sections;
mod store;
pub(crate) mod summary;
mod term;
mod term_map;
#[cfg(test)]
mod term_tests;
#[cfg(test)]
mod tests;
mod wide;

pub(crate) use column::{ColumnLanes, ColumnZones};
pub(crate) use lanes::{FINE, FINE_OF_MIDDLE, LANES, Lanes, Level, ZoneList};
pub(crate) use rare::RareTerm;
pub(crate) use store::ZoneStore;
pub(crate) use term::TermZones;

use crate::plan::interval::{Doubles, Interval};

/// What is known of a column in a zone.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ColumnZone {
    /// Between which all its values lie, as kernels load them (doubles, longs, booleans); of geo points, their latitudes.
    /// Empty where no document has a value.
    pub(crate) values: Interval,
    /// Of geo points, between which their longitudes lie.
    pub(crate) longitudes: Interval,
    /// Whether some document of the zone has a value.
    pub(crate) some: bool,
    /// Whether some document of the zone lacks a value: of those that the query looks at, root or nested ones.
    pub(crate) missing: bool,
    /// Whether some document of the zone has several values.
    pub(crate) multi: bool,
}

impl ColumnZone {
    /// What is known of a table by this column's values, whose entries lie between some; where some value has none, so may
    /// any document.
    pub(crate) fn tabulated(self, entries: Interval, is_open: bool) -> Self {
        let longitudes = Doubles::NONE.into();
        Self { values: entries, longitudes, some: self.some, missing: self.missing || is_open, multi: false }
    }
}
