//! `gauss`, `exp` and `linear`: how near a field's value is to an origin (`DecayFunctionBuilder`).

use datafusion_expr::Expr;

use super::inline::Listing;
use crate::plan::expr::{coalesce, column, double, string};
use crate::plan::function::call;

/// A curve that falls from 1 at the origin.
#[derive(Clone, Debug, PartialEq)]
pub struct Decay {
    /// Its form.
    pub curve: Curve,
    /// The field's path.
    pub field: String,
    /// Where it is 1.
    pub origin: DecayOrigin,
    /// How far from the origin it stays 1.
    pub offset: f64,
    /// How far from there it has fallen to `decay`.
    pub scale: f64,
    /// Its value there.
    pub decay: f64,
    /// Which of several values counts.
    pub mode: MultiValueMode,
}

/// The form of a curve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// A bell.
    Gauss,
    /// Exponential.
    Exp,
    /// A straight line down to 0.
    Linear,
}

/// The point that distances are from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DecayOrigin {
    /// A number, or an instant in milliseconds.
    Number(f64),
    /// A point on earth; distances are metres.
    Point {
        /// Degrees north.
        lat: f64,
        /// Degrees east.
        lon: f64,
    },
}

/// Which of several distances counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MultiValueMode {
    /// The shortest.
    Min,
    /// The longest.
    Max,
    /// Their mean.
    Avg,
    /// Their sum.
    Sum,
    /// Their median.
    Median,
}

impl Curve {
    fn name(self) -> &'static str {
        match self {
            Self::Gauss => "gauss",
            Self::Exp => "exp",
            Self::Linear => "linear",
        }
    }

    fn function(self) -> &'static str {
        match self {
            Self::Gauss => "decay_gauss",
            Self::Exp => "decay_exp",
            Self::Linear => "decay_linear",
        }
    }
}

impl MultiValueMode {
    fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Avg => "avg",
            Self::Sum => "sum",
            Self::Median => "median",
        }
    }
}

impl Decay {
    /// The offset is taken off each value's distance before several become one. Without a value the distance is 0.
    pub(super) fn tree(&self, listing: &mut Listing) -> Expr {
        listing.line(&self.describe());
        let (offset, mode) = (double(self.offset), string(self.mode.name()));
        let distance = match self.origin {
            DecayOrigin::Number(origin) => {
                call("value_distance", vec![column(&self.field), double(origin), offset, mode])
            }
            DecayOrigin::Point { lat, lon } => {
                call("value_geo_distance", vec![column(&self.field), double(lat), double(lon), offset, mode])
            }
        };
        let distance = coalesce(distance, double(0.0));
        call(self.curve.function(), vec![distance, double(self.scale), double(self.decay)])
    }

    fn describe(&self) -> String {
        let origin = match self.origin {
            DecayOrigin::Number(origin) => origin.to_string(),
            DecayOrigin::Point { lat, lon } => format!("{lat},{lon}"),
        };
        let Self { curve, field, offset, scale, decay, mode, .. } = self;
        let (curve, mode) = (curve.name(), mode.name());
        format!("{curve} {field} origin {origin} scale {scale} offset {offset} decay {decay} multi_value_mode {mode}")
    }
}
