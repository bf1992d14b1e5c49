//! What frequent operations make of the intervals of many zones: loops over rows of plain numbers.

use super::super::op_bounds::doubles;
use super::super::program::Arithmetic;
use crate::exec::columns::{Distance, GeoDistance, beyond};
use crate::exec::zones::{LANES, Lanes};
use crate::plan::function::geo_bounds::{meters_between, most_where_boxes_meet};
use crate::plan::interval::{Doubles, Longs};

/// Below this, longs are doubles, and the quotient of two as doubles lies on the same side of every whole number.
const EXACT: i64 = 1 << 52;

/// Quotients of longs that are not below zero, by such that are above it; false where some are not, or are very high.
#[inline(always)]
pub(super) fn quotients(a: &Lanes, b: &Lanes, zones: usize, out: &mut Lanes) -> bool {
    let within = |least: i64, x: Longs| (x.lo >= least) & (x.hi < EXACT);
    let are_plain = (0..zones).fold(true, |all, lane| all & within(0, a.longs(lane)) & within(1, b.longs(lane)));
    if are_plain {
        let quotient = |a: i64, b: i64| (a as f64 / b as f64) as i64;
        for lane in 0..zones {
            let (dividend, divisor) = (a.longs(lane), b.longs(lane));
            out.set_longs(lane, Longs::new(quotient(dividend.lo, divisor.hi), quotient(dividend.hi, divisor.lo)));
        }
    }
    are_plain
}

/// The latitudes and longitudes of places.
pub(super) type Places = (Doubles, Doubles);

/// Distances of places from others.
#[inline(always)]
pub(super) fn arc_distances(
    from: impl Fn(usize) -> Places,
    to: impl Fn(usize) -> Places,
    zones: usize,
    out: &mut Lanes,
) {
    let mut meet = [false; LANES];
    for (lane, meet) in meet.iter_mut().enumerate().take(zones) {
        let (from, to) = (from(lane), to(lane));
        let ends = |(lat, lon): Places| ((lat.lo, lat.hi), (lon.lo, lon.hi));
        let most = most_where_boxes_meet(ends(from), ends(to));
        *meet = most.is_some() & !(from.0.nan | from.1.nan | to.0.nan | to.1.nan);
        (out.lo[lane], out.hi[lane], out.flags[lane]) = (0.0, most.unwrap_or(0.0), 0);
    }
    for lane in (0..zones).filter(|lane| !meet[*lane]) {
        out.set_doubles(lane, meters_between(from(lane), to(lane)));
    }
}

/// Distances of places from the origin of a function, beyond its offset.
#[inline(always)]
pub(super) fn geo_distances(distance: &GeoDistance, to: (&Lanes, &Lanes), zones: usize, out: &mut Lanes) {
    let origin = (Doubles::point(distance.lat), Doubles::point(distance.lon));
    arc_distances(|_| origin, |lane| (to.0.doubles(lane), to.1.doubles(lane)), zones, out);
    if distance.offset != 0.0 {
        (0..zones).for_each(|lane| out.set_doubles(lane, beyond(out.doubles(lane), distance.offset)));
    }
}

/// Whether a function is a check that every finite number passes that is not below zero.
pub(super) fn is_plain_score(function: &str) -> bool {
    matches!(
        function,
        "check_script_score" | "check_function_score" | "check_script_function" | "check_field_value_factor"
    )
}

/// Between which values the distances of plain numbers lie, in their place; false where they are not plain.
pub(super) fn distances(distance: &Distance, zones: usize, values: &mut Lanes) -> bool {
    if !distance.origin.is_finite() || !distance.offset.is_finite() || !values.are_plain(zones, f64::MIN) {
        return false;
    }
    let beyond = |apart: f64| if apart - distance.offset > 0.0 { apart - distance.offset } else { 0.0 };
    for (lo, hi) in values.lo[..zones].iter_mut().zip(&mut values.hi[..zones]) {
        let (below, above) = (*lo - distance.origin, *hi - distance.origin);
        let nearest = if below > 0.0 { below } else { (-above).max(0.0) };
        (*lo, *hi) = (beyond(nearest), beyond(above.max(-below)));
    }
    true
}

#[inline(always)]
pub(super) fn to_doubles(longs: &Lanes, zones: usize, out: &mut Lanes) {
    (0..zones).for_each(|lane| out.set_doubles(lane, Doubles::from(longs.longs(lane))));
}

/// Arithmetic on doubles; where all are plain, the ends of the result come straight from theirs.
#[inline(always)]
pub(super) fn arithmetic(op: Arithmetic, a: &Lanes, b: &Lanes, zones: usize, out: &mut Lanes) {
    let are_plain = |least: f64| a.are_plain(zones, least) && b.are_plain(zones, least);
    match op {
        Arithmetic::Add if are_plain(f64::MIN) => each(a, b, zones, out, |a, b| (a.lo + b.lo, a.hi + b.hi)),
        Arithmetic::Subtract if are_plain(f64::MIN) => each(a, b, zones, out, |a, b| (a.lo - b.hi, a.hi - b.lo)),
        Arithmetic::Multiply if are_plain(0.0) => each(a, b, zones, out, |a, b| {
            let negative = a.lo.is_sign_negative() | b.lo.is_sign_negative();
            (if negative { -0.0 } else { a.lo * b.lo }, a.hi * b.hi + 0.0)
        }),
        // No divisor is zero.
        Arithmetic::Divide if a.are_plain(zones, 0.0) && b.are_plain(zones, f64::from_bits(1)) => {
            each(a, b, zones, out, |a, b| (a.lo / b.hi, a.hi / b.lo));
        }
        _ => (0..zones).for_each(|lane| out.set_doubles(lane, doubles(op, a.doubles(lane), b.doubles(lane)))),
    }
}

/// The ends of the results of all zones, none of which may be NaN.
#[inline(always)]
fn each(a: &Lanes, b: &Lanes, zones: usize, out: &mut Lanes, ends: impl Fn(Doubles, Doubles) -> (f64, f64)) {
    let of = |lanes: &Lanes, lane| Doubles::new(lanes.lo[lane], lanes.hi[lane]);
    for lane in 0..zones.min(LANES) {
        (out.lo[lane], out.hi[lane]) = ends(of(a, lane), of(b, lane));
    }
    out.flags[..zones].fill(0);
}
