//! What of a document's values is read: one of them, or a number that is computed from all of them.

use std::hash::{Hash, Hasher};

use smallvec::SmallVec;

use crate::plan::function::sloppy_math::haversin_meters;

/// A part of a column. Values are sorted ascending.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// The lowest value.
    First,
    /// The highest value.
    Max,
    /// The number of values; 0 where there is none.
    Count,
    /// The sum.
    Sum,
    /// The mean.
    Avg,
    /// The median; of an even number of values the mean of the middle two.
    Median,
    /// The latitude of the first point.
    Lat,
    /// The longitude of the first point.
    Lon,
    /// The distance from a number.
    Distance(Distance),
    /// The distance from a point, in metres.
    GeoDistance(GeoDistance),
}

/// A distance on the line: `max(0, |value - origin| - offset)`.
#[derive(Clone, Copy, Debug)]
pub struct Distance {
    /// Where the distance is 0.
    pub origin: f64,
    /// How far away it is still 0.
    pub offset: f64,
    /// How the distances of several values become one.
    pub mode: Mode,
}

impl Distance {
    /// The distance of a value.
    pub fn of(&self, value: f64) -> f64 {
        java_max(0.0, (value - self.origin).abs() - self.offset)
    }

    fn bits(&self) -> (u64, u64, Mode) {
        (self.origin.to_bits(), self.offset.to_bits(), self.mode)
    }
}

/// A distance on the earth: `max(0, metres - offset)`.
#[derive(Clone, Copy, Debug)]
pub struct GeoDistance {
    /// The latitude of the origin.
    pub lat: f64,
    /// The longitude of the origin.
    pub lon: f64,
    /// How far away, in metres, the distance is still 0.
    pub offset: f64,
    /// How the distances of several points become one.
    pub mode: Mode,
}

impl GeoDistance {
    /// The distance of a point.
    pub fn of(&self, lat: f64, lon: f64) -> f64 {
        java_max(0.0, haversin_meters(self.lat, self.lon, lat, lon) - self.offset)
    }

    fn bits(&self) -> (u64, u64, u64, Mode) {
        (self.lat.to_bits(), self.lon.to_bits(), self.offset.to_bits(), self.mode)
    }
}

/// How the distances of several values become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The smallest.
    Min,
    /// The greatest.
    Max,
    /// Their mean.
    Avg,
    /// Their sum.
    Sum,
    /// Their median; of an even number of distances the mean of the middle two.
    Median,
}

impl Mode {
    /// The mode of a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "min" => Self::Min,
            "max" => Self::Max,
            "avg" => Self::Avg,
            "sum" => Self::Sum,
            "median" => Self::Median,
            _ => return None,
        })
    }

    /// Combines the distances of a document; there is at least one.
    pub fn combine(self, distances: impl ExactSizeIterator<Item = f64>) -> f64 {
        let count = distances.len();
        match self {
            Self::Min => distances.fold(f64::INFINITY, java_min),
            Self::Max => distances.fold(f64::NEG_INFINITY, java_max),
            Self::Avg => distances.sum::<f64>() / count as f64,
            Self::Sum => distances.sum(),
            Self::Median => {
                let mut sorted: SmallVec<[f64; 16]> = distances.collect();
                sorted.sort_unstable_by(f64::total_cmp);
                let middle = sorted[count / 2];
                if count % 2 == 1 { middle } else { (sorted[count / 2 - 1] + middle) / 2.0 }
            }
        }
    }
}

/// `Math.max`: NaN wins.
fn java_max(a: f64, b: f64) -> f64 {
    if a.is_nan() || a > b { a } else { b }
}

/// `Math.min`: NaN wins.
fn java_min(a: f64, b: f64) -> f64 {
    if a.is_nan() || a < b { a } else { b }
}

// Distances are the same if they are the same bit for bit.
impl PartialEq for Distance {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for Distance {}

impl Hash for Distance {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}

impl PartialEq for GeoDistance {
    fn eq(&self, other: &Self) -> bool {
        self.bits() == other.bits()
    }
}

impl Eq for GeoDistance {}

impl Hash for GeoDistance {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bits().hash(state);
    }
}
