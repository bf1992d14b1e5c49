//! Runs a program over intervals: between which values its result lies in a zone of documents, and whether it can fail.
//!
//! Several zones are evaluated together, a step of all of them after the other: so a step is looked at once, not once a zone,
//! and what is frequent is a loop over plain numbers. Nothing is allocated. What is known of branches is used: one that no
//! document takes adds neither values nor failures.

use std::mem;
use std::sync::Arc;

use smallvec::SmallVec;

use super::bounds_rows::{arc_distances, arithmetic, distances, geo_distances, is_plain_score, quotients, to_doubles};
use super::op_bounds::{compare, load, longs, op_bounds};
use super::program::{Op, Operand, Program, Reg};
use super::wide;
use crate::exec::columns::{Part, contains};
use crate::exec::zones::{ColumnLanes, LANES, Lanes};
use crate::plan::function::Function;
use crate::plan::function::monotone::{Growth, Monotone, monotone};
use crate::plan::interval::{Bounds, Interval, Longs, Truth};
use crate::plan::script::ValueType;

/// What is known of the documents of some zones.
#[derive(Clone, Copy)]
pub(crate) struct ZoneInputs<'a> {
    /// How many zones there are, at most [`LANES`].
    pub(crate) zones: usize,
    /// Each of [`Program::columns`].
    pub(crate) columns: &'a [ColumnLanes],
    /// Between which doubles their scores lie.
    pub(crate) scores: &'a Lanes,
    /// For each filter whether it may match and whether it may not; of filters beyond these nothing is known.
    pub(crate) filters: &'a [Lanes],
    /// Between which numbers those of the documents of a zone in the shard lie.
    pub(crate) docs: &'a dyn Fn(usize) -> Longs,
}

/// What is known of a program's result in some zones.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ZoneResults<'a> {
    ty: ValueType,
    /// Between which values the result lies.
    pub(crate) values: &'a Lanes,
    /// Whether computing it may fail.
    pub(crate) fails: &'a [bool; LANES],
}

impl ZoneResults<'_> {
    /// What is known in one of the zones.
    pub(crate) fn zone(&self, lane: usize) -> Bounds {
        Bounds { value: self.values.get(self.ty, lane), fails: self.fails[lane] }
    }
}

/// Intervals of all zones, boxed: they change their places.
type Row = Box<Lanes>;

/// A program with a row of intervals for each of its registers and constants.
#[derive(Clone, Debug)]
pub(crate) struct BoundsMachine {
    program: Arc<Program>,
    steps: Vec<Step>,
    rows: Vec<Row>,
    /// What a step computes: its register may be one of its arguments.
    computed: Row,
    /// The row of the result.
    result: usize,
    fails: [bool; LANES],
}

/// The rows of a step of the program, and their types.
#[derive(Clone, Debug)]
struct Step {
    args: SmallVec<[(usize, ValueType); 3]>,
    mask: Option<usize>,
    out: Option<usize>,
    ty: ValueType,
    /// Of a call, how the function depends on its arguments.
    monotone: Option<&'static Monotone>,
}

impl BoundsMachine {
    /// A machine for a program.
    pub(crate) fn new(program: Arc<Program>) -> Self {
        let mut rows = Rows::new(&program);
        let steps = program.steps.iter().map(|step| Step {
            args: step.args.iter().map(|arg| (rows.operand(arg), arg.ty())).collect(),
            mask: step.mask.map(|mask| rows.register(mask)),
            out: step.out.map(|out| rows.register(out)),
            ty: step.out.map_or(ValueType::Bool, |out| out.ty),
            monotone: match &step.op {
                Op::Call(function) => monotone(function.0),
                _ => None,
            },
        });
        let steps = steps.collect();
        let (result, computed) = (rows.register(program.result), Box::new(Lanes::of(Interval::Str)));
        Self { steps, rows: rows.rows, computed, result, fails: [true; LANES], program }
    }

    /// What is known of the program's value for the documents of each of some zones.
    pub(crate) fn run(&mut self, inputs: &ZoneInputs<'_>) -> ZoneResults<'_> {
        wide::evaluate(self, inputs);
        ZoneResults { ty: self.program.result.ty, values: &self.rows[self.result], fails: &self.fails }
    }

    /// Runs the steps: the loop that [`wide`] compiles.
    #[inline(always)]
    pub(super) fn evaluate(&mut self, inputs: &ZoneInputs<'_>) {
        let Self { program, steps, rows, computed, fails, .. } = self;
        let zones = inputs.zones.min(LANES);
        fails[..zones].fill(false);
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            let op = &program.steps[at].op;
            at += 1;
            // Only where a branch may be taken, its steps may fail.
            let taken = |lane: usize| step.mask.is_none_or(|mask| rows[mask].truth(lane).yes);
            match (op, step.out) {
                (Op::Skip(count), _) => {
                    if !(0..zones).any(taken) {
                        at += count;
                    }
                }
                (Op::Check { .. }, _) => {
                    for (lane, fails) in fails.iter_mut().enumerate().take(zones) {
                        *fails |= taken(lane) && rows[step.args[0].0].truth(lane).no;
                    }
                }
                (_, Some(out)) => {
                    if !(step.read(op, rows, inputs, computed) || step.compute(op, rows, zones, computed)) {
                        let mut args: SmallVec<[Interval; 8]> = SmallVec::from_elem(Interval::Str, step.args.len());
                        for (lane, fails) in fails.iter_mut().enumerate().take(zones) {
                            args.iter_mut().zip(&step.args).for_each(|(to, (row, ty))| *to = rows[*row].get(*ty, lane));
                            let bounds = op_bounds(op, step.ty, &args, &program.udfs);
                            *fails |= bounds.fails && taken(lane);
                            computed.set(lane, bounds.value);
                        }
                    }
                    mem::swap(&mut rows[out], computed);
                }
                (_, None) => {}
            }
        }
    }
}

impl Step {
    /// Reads what is known of the documents; false if the operation reads nothing.
    #[inline(always)]
    fn read(&self, op: &Op, rows: &[Row], inputs: &ZoneInputs<'_>, out: &mut Lanes) -> bool {
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
    fn compute(&self, op: &Op, rows: &[Row], zones: usize, out: &mut Lanes) -> bool {
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

/// The rows of a machine while it is made: registers by type, then constants.
struct Rows {
    rows: Vec<Row>,
    /// Where those of longs, booleans and strings start.
    starts: [usize; 3],
}

impl Rows {
    fn new(program: &Program) -> Self {
        let counts = program.registers;
        let longs = counts.doubles;
        let booleans = longs + counts.longs;
        let mut rows = Self { rows: Vec::new(), starts: [longs, booleans, booleans + counts.booleans] };
        let all = |ty, count| std::iter::repeat_n(ty, count);
        let types = all(ValueType::F64, counts.doubles)
            .chain(all(ValueType::I64, counts.longs))
            .chain(all(ValueType::Bool, counts.booleans))
            .chain(all(ValueType::Str, counts.strings));
        types.for_each(|ty| {
            rows.push(Interval::all(ty));
        });
        for (reg, constant) in &program.constants {
            let row = rows.register(*reg);
            *rows.rows[row] = Lanes::of(constant.into());
        }
        rows
    }

    /// A row that holds the same of all zones.
    fn push(&mut self, value: Interval) -> usize {
        self.rows.push(Box::new(Lanes::of(value)));
        self.rows.len() - 1
    }

    fn register(&self, reg: Reg) -> usize {
        let index = reg.index as usize;
        match reg.ty {
            ValueType::F64 => index,
            ValueType::I64 => self.starts[0] + index,
            ValueType::Bool => self.starts[1] + index,
            ValueType::Str => self.starts[2] + index,
        }
    }

    fn operand(&mut self, operand: &Operand) -> usize {
        match operand {
            Operand::Reg(reg) => self.register(*reg),
            Operand::Const(scalar) => self.push(scalar.into()),
        }
    }
}
