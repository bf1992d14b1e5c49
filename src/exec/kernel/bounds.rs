//! Runs a program over intervals: between which values its result lies in a zone of documents, and whether it can fail.
//!
//! Several zones are evaluated together, a step of all of them after the other: so a step is looked at once, not once a zone,
//! and what is frequent is a loop over plain numbers. Nothing is allocated. What is known of branches is used: one that no
//! document takes adds neither values nor failures.

mod rows;
mod step;

use std::mem;
use std::sync::Arc;

use smallvec::SmallVec;

use super::op_bounds::op_bounds;
use super::program::{Op, Operand, Program, Reg};
use super::wide;
use crate::exec::zones::{ColumnLanes, LANES, Lanes};
use crate::plan::function::monotone::{Monotone, monotone};
use crate::plan::interval::{Bounds, Interval, Longs};
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
