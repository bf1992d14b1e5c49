//! One step over the intervals of all zones: what reads documents, and what is frequent, in one loop.

use smallvec::SmallVec;

use super::super::op_bounds::{compare, load, longs};
use super::super::program::Op;
use super::rows::{arc_distances, arithmetic, distances, geo_distances, is_plain_score, quotients, to_doubles};
use super::{Row, Step, ZoneInputs};
use crate::exec::columns::{Part, contains};
use crate::exec::zones::{ColumnLanes, LANES, Lanes};
use crate::plan::function::Function;
use crate::plan::function::monotone::{Growth, Monotone};
use crate::plan::interval::Truth;
use crate::plan::script::ValueType;

impl Step {
    /// Reads what is known of the documents; false if the operation reads nothing.
    #[inline(always)]
    pub(super) fn read(&self, op: &Op, rows: &[Row], inputs: &ZoneInputs<'_>, out: &mut Lanes) -> bool {
        let zones = 0..inputs.zones.min(LANES);
        match op {
            Op::Score => {
                out.copy_from(inputs.scores, zones.end);
                // Zero has two signs; which one a score has is not known.
                out.lo[zones.clone()].iter_mut().for_each(|lo| *lo = if *lo == 0.0 { -0.0 } else { *lo });
                out.hi[zones].iter_mut().for_each(|hi| *hi += 0.0);
            }
            Op::Doc => zones.for_each(|lane| out.set_longs(lane, (inputs.docs)(lane))),
            Op::Filter(n) => match inputs.filters.get(*n) {
                Some(filter) => out.copy_from(filter, zones.end),
                None => zones.for_each(|lane| out.set_truth(lane, Truth::ANY)),
            },
            Op::Load { column, part, guarded } => {
                self.load(&inputs.columns[*column], (*part, *guarded), &rows[self.args[0].0], zones.end, out);
            }
            Op::Present { column } => {
                zones.for_each(|lane| out.set_truth(lane, inputs.columns[*column].present(lane)));
            }
            Op::Contains { column } => {
                let (row, ty) = self.args[0];
                let zone = |lane| contains(&inputs.columns[*column].zone(lane), rows[row].get(ty, lane));
                zones.for_each(|lane| out.set_truth(lane, zone(lane)));
            }
            _ => return false,
        }
        true
    }

    /// Loads a part of a column.
    #[inline(always)]
    fn load(&self, column: &ColumnLanes, part: (Part, bool), nulls: &Lanes, zones: usize, out: &mut Lanes) {
        let (part, guarded) = part;
        if column.is_full
            && let Some(longitudes) = &column.longitudes
        {
            match part {
                Part::Lat => return out.copy_from(&column.values, zones),
                Part::Lon => return out.copy_from(longitudes, zones),
                Part::GeoDistance(distance) if column.is_single => {
                    return geo_distances(&distance, (&column.values, longitudes), zones, out);
                }
                _ => {}
            }
        } else if column.is_full {
            match (part, column.ty, self.ty) {
                (Part::First | Part::Max, ValueType::F64, ValueType::F64)
                | (Part::First | Part::Max, ValueType::I64, ValueType::I64) => {
                    return out.copy_from(&column.values, zones);
                }
                (Part::First | Part::Max, ValueType::I64, ValueType::F64) => {
                    return to_doubles(&column.values, zones, out);
                }
                (Part::Distance(distance), ty @ (ValueType::F64 | ValueType::I64), _) if column.is_single => {
                    if ty == ValueType::F64 {
                        out.copy_from(&column.values, zones);
                    } else {
                        to_doubles(&column.values, zones, out);
                    }
                    if distances(&distance, zones, out) {
                        return;
                    }
                }
                _ => {}
            }
        }
        for lane in 0..zones {
            out.set(lane, load(&column.zone(lane), part, guarded, self.ty, nulls.get(self.ty, lane)));
        }
    }

    /// Calls a function that is monotone where its arguments are plain; false where they are not.
    #[inline(always)]
    fn call(&self, function: &Function, known: &Monotone, rows: &[Row], zones: usize, out: &mut Lanes) -> bool {
        let args: SmallVec<[&Lanes; 4]> = self.args.iter().map(|(row, _)| &*rows[*row]).collect();
        let are_plain = args.iter().zip(known.args).all(|(arg, growth)| {
            let are_points = || arg.lo[..zones].iter().zip(&arg.hi[..zones]).all(|(lo, hi)| lo == hi);
            arg.are_plain(zones, known.from) && (*growth != Growth::Fixed || are_points())
        });
        let ends: SmallVec<[_; 4]> = args.iter().map(|arg| [&arg.lo[..zones], &arg.hi[..zones]]).collect();
        let Lanes { lo, hi, flags } = out;
        flags[..zones].fill(0);
        are_plain && known.bounds(function, &ends, [&mut lo[..zones], &mut hi[..zones]])
    }

    /// Runs an operation that is frequent and cannot fail over all zones in one loop; false if it is none of these.
    #[inline(always)]
    pub(super) fn compute(&self, op: &Op, rows: &[Row], zones: usize, out: &mut Lanes) -> bool {
        let arg = |n: usize| &rows[self.args[n].0];
        let lanes = 0..zones;
        match op {
            Op::Arithmetic(op) if self.ty == ValueType::F64 => arithmetic(*op, arg(0), arg(1), zones, out),
            Op::Arithmetic(op) => {
                lanes.for_each(|lane| out.set_longs(lane, longs(*op, arg(0).longs(lane), arg(1).longs(lane))));
            }
            Op::Negate if self.ty == ValueType::F64 => {
                lanes.for_each(|lane| out.set_doubles(lane, -arg(0).doubles(lane)));
            }
            Op::ToDouble => to_doubles(arg(0), zones, out),
            Op::Call(function) if is_plain_score(function.0.name) && arg(0).are_plain(zones, 0.0) => {
                out.copy_from(arg(0), zones);
            }
            Op::Call(function) if function.0.name == "arc_distance" => {
                let place = |lat, lon| move |lane| (arg(lat).doubles(lane), arg(lon).doubles(lane));
                arc_distances(place(0, 1), place(2, 3), zones, out);
            }
            Op::Call(function) if function.0.name == "int_div" => return quotients(arg(0), arg(1), zones, out),
            Op::Call(function) => {
                return self.monotone.is_some_and(|known| self.call(function.0, known, rows, zones, out));
            }
            Op::Compare(op) => {
                let ty = self.args[0].1;
                lanes.for_each(|lane| out.set_truth(lane, compare(*op, arg(0).get(ty, lane), arg(1).get(ty, lane))));
            }
            Op::Not => lanes.for_each(|lane| out.set_truth(lane, arg(0).truth(lane).negated())),
            Op::And => lanes.for_each(|lane| out.set_truth(lane, arg(0).truth(lane).and(arg(1).truth(lane)))),
            Op::AndNot => {
                lanes.for_each(|lane| out.set_truth(lane, arg(0).truth(lane).and(arg(1).truth(lane).negated())));
            }
            Op::Or => lanes.for_each(|lane| out.set_truth(lane, arg(0).truth(lane).or(arg(1).truth(lane)))),
            Op::Select if self.ty == ValueType::F64 => {
                for lane in lanes {
                    let (yes, no) = (arg(1).doubles(lane), arg(2).doubles(lane));
                    let value = match arg(0).truth(lane).as_known() {
                        Some(true) => yes,
                        Some(false) => no,
                        None => yes.join(no),
                    };
                    out.set_doubles(lane, value);
                }
            }
            _ => return false,
        }
        true
    }
}
