//! Lucene's `SloppyMath`: cosine and arc sine from tables, and the distance made of them.
//!
//! It is as exact as `libm` but for the last bits. Those matter: `1 - cos(x)` of near points is all last bits.

use std::f64::consts::FRAC_PI_2;
use std::sync::LazyLock;

use super::exponential::{ONES, cut};
use super::trigonometry::to_radians;

/// The mean radius of the earth (WGS-84).
pub(crate) const EARTH_MEAN_RADIUS_METERS: f64 = 6_371_008.771_4;

const ASIN_STEPS: usize = 1 << 13;
const COS_STEPS: usize = 1 << 11;

/// A full turn in two parts, so that multiples of a step keep their precision.
const TURN_HI: f64 = 4.0 * f64::from_bits(0x3FF9_21FB_5440_0000);
const TURN_LO: f64 = 4.0 * f64::from_bits(0x3DD0_B461_1A62_6331);
const COS_STEP_HI: f64 = TURN_HI / COS_STEPS as f64;
const COS_STEP_LO: f64 = TURN_LO / COS_STEPS as f64;
const COS_STEPS_PER_RADIAN: f64 = 1.0 / (COS_STEP_HI + COS_STEP_LO);
const COS_MAX: f64 = ((i32::MAX >> 9) as f64 / COS_STEPS_PER_RADIAN) * 0.99;

/// The tables, with Taylor coefficients so that a value between two steps needs no division.
struct Tables {
    /// Cosine and sine at each step of a turn.
    cos: Box<[[f64; 2]; COS_STEPS]>,
    /// Arc sine and its first four Taylor coefficients at each step up to `asin_max`.
    asin: Vec<[f64; 5]>,
    asin_max: f64,
    asin_step: f64,
    asin_steps_per_unit: f64,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let asin_max = libm::sin(to_radians(73.0));
    let asin_step = asin_max / ASIN_STEPS as f64;
    Tables {
        cos: Box::new(std::array::from_fn(cos_entry)),
        asin: (0..=ASIN_STEPS).map(|i| asin_entry(i as f64 * asin_step)).collect(),
        asin_max,
        asin_step,
        asin_steps_per_unit: 1.0 / asin_step,
    }
});

fn cos_entry(i: usize) -> [f64; 2] {
    let angle = i as f64 * COS_STEP_HI + i as f64 * COS_STEP_LO;
    match i {
        // Where one of the two is 0 it is 0, and no rounding error of the angle.
        _ if i == COS_STEPS / 4 || i == COS_STEPS / 4 * 3 => [0.0, libm::sin(angle)],
        _ if i == COS_STEPS / 2 => [libm::cos(angle), 0.0],
        _ => [libm::cos(angle), libm::sin(angle)],
    }
}

fn asin_entry(x: f64) -> [f64; 5] {
    let inverse = 1.0 / (1.0 - x * x);
    let power1 = inverse.sqrt();
    let power3 = power1 * inverse;
    let power5 = power3 * inverse;
    let power7 = power5 * inverse;
    [
        libm::asin(x),
        power1,
        x * power3 * (1.0 / 2.0),
        (1.0 + 2.0 * x * x) * power5 * (1.0 / 6.0),
        (5.0 + 2.0 * x * (2.0 + x * (5.0 - 2.0 * x))) * power7 * (1.0 / 24.0),
    ]
}

impl Tables {
    #[inline]
    fn cos(&self, angle: f64) -> f64 {
        let angle = angle.abs();
        if angle > COS_MAX || angle.is_nan() {
            return libm::cos(angle);
        }
        let step = cut(angle * COS_STEPS_PER_RADIAN + 0.5);
        let [cos, sin] = self.cos[index(step)];
        cos_near(distance(angle, step), cos, sin)
    }

    /// Replaces angles by their cosines.
    #[inline(always)]
    fn cos_of_all(&self, angles: &mut [f64]) {
        if !angles.iter().fold(true, |all, angle| all & (angle.abs() <= COS_MAX)) {
            return angles.iter_mut().for_each(|angle| *angle = self.cos(*angle));
        }
        let mut steps = [0.0; LANES];
        for (angle, step) in angles.iter_mut().zip(&mut steps) {
            *step = cut(angle.abs() * COS_STEPS_PER_RADIAN + 0.5);
            *angle = distance(angle.abs(), *step);
        }
        for (angle, step) in angles.iter_mut().zip(&steps) {
            let [cos, sin] = self.cos[index(*step)];
            *angle = cos_near(*angle, cos, sin);
        }
    }

    /// The arc sine of a number from 0 to 1.
    #[inline(always)]
    fn asin(&self, x: f64) -> f64 {
        if x <= self.asin_max {
            // Conversions of signed integers are cheaper.
            let step = (x * self.asin_steps_per_unit + 0.5) as i32;
            let d = x - f64::from(step) * self.asin_step;
            let [c0, c1, c2, c3, c4] = self.asin[(step as usize).min(ASIN_STEPS)];
            c0 + d * (c1 + d * (c2 + d * (c3 + d * c4)))
        } else if x == 1.0 {
            FRAC_PI_2
        } else {
            libm::asin(x)
        }
    }
}

/// Where a step is in the table of a turn: the lowest bits of a whole number.
#[inline(always)]
fn index(step: f64) -> usize {
    (step + ONES).to_bits() as usize % COS_STEPS
}

/// How far an angle is from a step.
#[inline(always)]
fn distance(angle: f64, step: f64) -> f64 {
    (angle - step * COS_STEP_HI) - step * COS_STEP_LO
}

/// The cosine at a distance from a step whose cosine and sine are known.
#[inline(always)]
fn cos_near(d: f64, cos: f64, sin: f64) -> f64 {
    cos + d * (-sin + d * (-cos * (1.0 / 2.0) + d * (sin * (1.0 / 6.0) + d * cos * (1.0 / 24.0))))
}

/// The great-circle distance of two points in metres: `SloppyMath.haversinMeters`.
#[inline]
pub(crate) fn haversin_meters(lat1: f64, lon1: f64, lat2: f64, lon2: f64) -> f64 {
    let tables = &*TABLES;
    let (x1, x2) = (to_radians(lat1), to_radians(lat2));
    let h1 = 1.0 - tables.cos(x1 - x2);
    let h2 = 1.0 - tables.cos(to_radians(lon1 - lon2));
    EARTH_MEAN_RADIUS_METERS * 2.0 * tables.asin(half_chord(h1 + tables.cos(x1) * tables.cos(x2) * h2))
}

/// The sine of half the angle between two points.
#[inline(always)]
fn half_chord(h: f64) -> f64 {
    // The last three bits are cut off, so that points at the same distance tie.
    let h = f64::from_bits(h.to_bits() & !7);
    let root = (h * 0.5).sqrt();
    if root > 1.0 { 1.0 } else { root }
}

/// How many distances are computed together.
const LANES: usize = 64;

/// The distances of points from one point, each as [`haversin_meters`] computes it.
///
/// A distance is a long chain of operations that wait for each other; step by step for many, they need not wait.
#[inline(always)]
pub(super) fn meters_from((from_lat, from_lon): (f64, f64), lats: &[f64], lons: &[f64], out: &mut [f64]) {
    let tables = &*TABLES;
    let from = to_radians(from_lat);
    let from_cos = tables.cos(from);
    let (mut cosines, mut across) = ([0.0; LANES], [0.0; LANES]);
    for ((lats, lons), out) in lats.chunks(LANES).zip(lons.chunks(LANES)).zip(out.chunks_mut(LANES)) {
        let rows = out.len();
        let (cosines, across) = (&mut cosines[..rows], &mut across[..rows]);
        for (((lat, lon), out), (cos, across)) in
            lats.iter().zip(lons).zip(&mut *out).zip(cosines.iter_mut().zip(&mut *across))
        {
            let x = to_radians(*lat);
            (*cos, *out, *across) = (x, from - x, to_radians(from_lon - lon));
        }
        for angles in [&mut *cosines, &mut *across, &mut *out] {
            tables.cos_of_all(angles);
        }
        for ((out, cos), across) in out.iter_mut().zip(&*cosines).zip(&*across) {
            *out = half_chord((1.0 - *out) + from_cos * cos * (1.0 - across));
        }
        for out in out {
            *out = EARTH_MEAN_RADIUS_METERS * 2.0 * tables.asin(*out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_lucenes() {
        assert_eq!(haversin_meters(40.7, -74.0, 48.85, 2.35), 5_837_806.732_045_495);
        assert_eq!(haversin_meters(52.519_999_989_308_42, 13.404_999_962_076_545, 48.8, 2.3), 884_037.280_332_026_4);
        assert_eq!(haversin_meters(1.0, 2.0, 1.0, 2.0), 0.0);
        assert!(haversin_meters(f64::NAN, 2.0, 1.0, 2.0).is_nan());
        assert!((haversin_meters(0.0, 0.0, 0.0, 180.0) - 20_015_114.0).abs() < 1.0);
    }

    #[test]
    fn many_distances_are_those_of_each() {
        let special = [0.0, f64::NAN, f64::INFINITY, 1e9, 90.0, -180.0];
        let lats: Vec<_> = (0..300).map(|i| f64::from(i) * 0.61 - 91.0).chain(special).collect();
        let lons: Vec<_> = (0..300).map(|i| f64::from(i) * 1.21 - 181.0).chain(special).collect();
        let mut found = vec![0.0; lats.len()];
        meters_from((48.2, 16.4), &lats, &lons, &mut found);
        for ((lat, lon), found) in lats.iter().zip(&lons).zip(found) {
            let expected = haversin_meters(*lat, *lon, 48.2, 16.4);
            assert!(found.to_bits() == expected.to_bits() || found.is_nan() && expected.is_nan(), "{lat} {lon}");
        }
    }
}
