//! Runs a program over intervals: between which values its result lies in a zone of documents, and whether it can fail.
//!
//! Several zones are evaluated together, a step of all of them after the other: so a step is looked at once, not once a zone.
//! Nothing is allocated. What is known of branches is used: one that no document takes adds neither values nor failures.

use std::array;
use std::cell::Cell;
use std::sync::Arc;

use smallvec::SmallVec;

use super::program::{Arithmetic, Bits, Comparison, Op, Operand, Program, Reg, Scalar};
use crate::exec::columns::{Part, contains, present};
use crate::exec::zones::ColumnZone;
use crate::plan::interval::{Bounds, Doubles, Interval, Longs, Truth};
use crate::plan::script::ValueType;
use crate::plan::udf::UdfProfile;

/// What is known of the documents of a zone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ZoneInputs<'a> {
    /// Of each of [`Program::columns`], its zone.
    pub(crate) columns: &'a [ColumnZone],
    /// Between which values their scores lie.
    pub(crate) score: Doubles,
    /// For each filter whether it may match and whether it may not; of filters beyond these nothing is known.
    pub(crate) filters: &'a [Truth],
    /// Between which numbers those of the documents in the shard lie.
    pub(crate) docs: Longs,
}

/// How many zones are evaluated together: the fine ones of a window.
pub(crate) const LANES: usize = 16;

/// An interval of each zone.
type Row = [Cell<Interval>; LANES];

/// A program with a row of registers for each of its registers and constants.
#[derive(Clone, Debug)]
pub(crate) struct BoundsMachine {
    program: Arc<Program>,
    steps: Vec<Step>,
    rows: Vec<Row>,
    /// The row of the result.
    result: usize,
    /// What was found of each zone.
    found: [Bounds; LANES],
}

/// The rows of a step of the program.
#[derive(Clone, Debug)]
struct Step {
    args: SmallVec<[usize; 3]>,
    mask: Option<usize>,
    out: Option<usize>,
    ty: ValueType,
}

impl BoundsMachine {
    /// A machine for a program.
    pub(crate) fn new(program: Arc<Program>) -> Self {
        let mut rows = Rows::new(&program);
        let steps = program.steps.iter().map(|step| Step {
            args: step.args.iter().map(|arg| rows.operand(arg)).collect(),
            mask: step.mask.map(|mask| rows.register(mask)),
            out: step.out.map(|out| rows.register(out)),
            ty: step.out.map_or(ValueType::Bool, |out| out.ty),
        });
        let steps = steps.collect();
        let result = rows.register(program.result);
        let unknown = Bounds { value: Interval::all(program.result.ty), fails: true };
        Self { steps, rows: rows.rows, result, found: [unknown; LANES], program }
    }

    /// What is known of the program's value for the documents of each of some zones, at most [`LANES`].
    pub(crate) fn run(&mut self, zones: &[ZoneInputs<'_>]) -> &[Bounds] {
        let Self { program, steps, rows, result, found } = self;
        let zones = &zones[..zones.len().min(LANES)];
        let mut fails = [false; LANES];
        let mut at = 0;
        while let Some(step) = steps.get(at) {
            let op = &program.steps[at].op;
            at += 1;
            // Only where a branch may be taken, its steps may fail.
            let taken = |lane: usize| step.mask.is_none_or(|mask| rows[mask][lane].get().as_truth().yes);
            match (op, step.out) {
                (Op::Skip(count), _) => {
                    if !(0..zones.len()).any(taken) {
                        at += count;
                    }
                }
                (Op::Check { .. }, _) => {
                    for (lane, present) in rows[step.args[0]].iter().enumerate().take(zones.len()) {
                        fails[lane] |= taken(lane) && present.get().as_truth().no;
                    }
                }
                (_, Some(out)) => {
                    if !step.compute_simply(op, rows, zones, &rows[out]) {
                        let mut args: SmallVec<[Interval; 8]> = SmallVec::from_elem(Interval::Str, step.args.len());
                        for (lane, zone) in zones.iter().enumerate() {
                            args.iter_mut().zip(&step.args).for_each(|(to, arg)| *to = rows[*arg][lane].get());
                            let bounds = op_bounds(op, step.ty, &args, zone, &program.udfs);
                            fails[lane] |= bounds.fails && taken(lane);
                            rows[out][lane].set(bounds.value);
                        }
                    }
                }
                (_, None) => {}
            }
        }
        for ((found, value), fails) in found.iter_mut().zip(&rows[*result]).zip(fails).take(zones.len()) {
            *found = Bounds { value: value.get(), fails };
        }
        &found[..zones.len()]
    }
}

impl Step {
    /// Runs an operation that is frequent and cannot fail over all zones in one loop; false if it is none of these.
    #[inline]
    fn compute_simply(&self, op: &Op, rows: &[Row], inputs: &[ZoneInputs<'_>], out: &Row) -> bool {
        let arg = |n: usize| &rows[self.args[n]];
        let zones = inputs.len();
        let is_double = self.ty == ValueType::F64;
        match op {
            Op::Arithmetic(Arithmetic::Add) if is_double => binary(arg(0), arg(1), out, zones, |a, b| a + b),
            Op::Arithmetic(Arithmetic::Subtract) if is_double => binary(arg(0), arg(1), out, zones, |a, b| a - b),
            Op::Arithmetic(Arithmetic::Multiply) if is_double => binary(arg(0), arg(1), out, zones, |a, b| a * b),
            Op::Arithmetic(Arithmetic::Divide) if is_double => binary(arg(0), arg(1), out, zones, |a, b| a / b),
            Op::Score => inputs.iter().zip(out).for_each(|(zone, to)| to.set(zone.score.into())),
            Op::Load { column, part, guarded } => {
                for ((zone, null), to) in inputs.iter().zip(arg(0)).zip(out) {
                    to.set(load(&zone.columns[*column], *part, *guarded, self.ty, null.get()));
                }
            }
            Op::Present { column } => {
                inputs.iter().zip(out).for_each(|(zone, to)| to.set(present(&zone.columns[*column]).into()));
            }
            Op::ToDouble => {
                for (from, to) in arg(0).iter().zip(out).take(zones) {
                    to.set(Doubles::from(from.get().as_longs()).into());
                }
            }
            _ => return false,
        }
        true
    }
}

/// An operation on doubles.
#[inline]
fn binary(a: &Row, b: &Row, out: &Row, zones: usize, f: impl Fn(Doubles, Doubles) -> Doubles) {
    for ((a, b), to) in a.iter().zip(b).zip(out).take(zones) {
        to.set(f(a.get().as_doubles(), b.get().as_doubles()).into());
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
            rows.rows[row].iter().for_each(|cell| cell.set(constant.into()));
        }
        rows
    }

    /// A row that holds the same of all zones.
    fn push(&mut self, value: Interval) -> usize {
        self.rows.push(array::from_fn(|_| Cell::new(value)));
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

/// What is known of an operation's value, which is of type `ty`, when its arguments lie in intervals.
///
/// Of a check that is the value that is checked.
pub(super) fn op_bounds(
    op: &Op,
    ty: ValueType,
    args: &[Interval],
    zone: &ZoneInputs<'_>,
    udfs: &[Arc<UdfProfile>],
) -> Bounds {
    let double = |n: usize| args[n].as_doubles();
    let long = |n: usize| args[n].as_longs();
    let truth = |n: usize| args[n].as_truth();
    match op {
        Op::Score => zone.score.into(),
        Op::Doc => zone.docs.into(),
        Op::Filter(n) => zone.filters.get(*n).copied().unwrap_or(Truth::ANY).into(),
        Op::Load { column, part, guarded } => load(&zone.columns[*column], *part, *guarded, ty, args[0]).into(),
        Op::Present { column } => present(&zone.columns[*column]).into(),
        Op::Contains { column } => contains(&zone.columns[*column], args[0]).into(),
        Op::Check { .. } => Bounds { value: args[0], fails: truth(1).no },
        Op::Negate if ty == ValueType::F64 => (-double(0)).into(),
        Op::Negate => long(0).negate().into(),
        Op::Not => truth(0).negated().into(),
        Op::ToDouble => Doubles::from(long(0)).into(),
        Op::Arithmetic(op) if ty == ValueType::F64 => doubles(*op, double(0), double(1)).into(),
        Op::Arithmetic(op) => longs(*op, long(0), long(1)).into(),
        Op::Bits(op) => bits(*op, long(0), long(1)).into(),
        Op::Compare(op) => compare(*op, args[0], args[1]).into(),
        Op::And => truth(0).and(truth(1)).into(),
        Op::AndNot => truth(0).and(truth(1).negated()).into(),
        Op::Or => truth(0).or(truth(1)).into(),
        Op::Select => match truth(0).as_known() {
            Some(true) => args[1].into(),
            Some(false) => args[2].into(),
            None => args[1].join(args[2]).into(),
        },
        Op::Call(function) => (function.0.bounds)(args),
        Op::Udf { udf, .. } => udfs[*udf].result_bounds(),
        Op::Skip(_) => Interval::all(ty).into(),
    }
}

/// What is loaded from a column; `null` where a value is missing.
#[inline]
fn load(column: &ColumnZone, part: Part, guarded: bool, ty: ValueType, null: Interval) -> Interval {
    match (column.some, column.missing && !guarded) {
        (true, false) => part.bounds(column, ty),
        (true, true) => part.bounds(column, ty).join(null),
        (false, _) => null,
    }
}

impl From<&Scalar> for Interval {
    fn from(scalar: &Scalar) -> Self {
        match scalar {
            Scalar::F64(v) => Doubles::point(*v).into(),
            Scalar::I64(v) => Longs::point(*v).into(),
            Scalar::Bool(v) => Truth::known(*v).into(),
            Scalar::Str(_) => Self::Str,
        }
    }
}

fn doubles(op: Arithmetic, a: Doubles, b: Doubles) -> Doubles {
    match op {
        Arithmetic::Add => a + b,
        Arithmetic::Subtract => a - b,
        Arithmetic::Multiply => a * b,
        Arithmetic::Divide => a / b,
        Arithmetic::Remainder => a % b,
    }
}

fn longs(op: Arithmetic, a: Longs, b: Longs) -> Longs {
    match op {
        Arithmetic::Add => a.add(b),
        Arithmetic::Subtract => a.subtract(b),
        Arithmetic::Multiply => a.multiply(b),
        // Functions divide longs: they can fail.
        Arithmetic::Divide | Arithmetic::Remainder => Longs::ALL,
    }
}

fn bits(op: Bits, a: Longs, b: Longs) -> Longs {
    match op {
        Bits::And => a.bit_and(b),
        Bits::Or => a.bit_or(b),
        Bits::Xor => a.bit_xor(b),
        Bits::ShiftLeft => a.shift_left(b, 63),
        Bits::ShiftRight => a.shift_right(b, 63),
    }
}

/// How two values of one type compare. `>` is `<` the other way round; `<>` is not `=`, of NaN too.
fn compare(op: Comparison, a: Interval, b: Interval) -> Truth {
    match op {
        Comparison::Eq => equal(a, b),
        Comparison::NotEq => equal(a, b).negated(),
        Comparison::Lt => less(a, b),
        Comparison::LtEq => less_or_equal(a, b),
        Comparison::Gt => less(b, a),
        Comparison::GtEq => less_or_equal(b, a),
    }
}

fn equal(a: Interval, b: Interval) -> Truth {
    match a {
        Interval::F64 { .. } => a.as_doubles().equal(b.as_doubles()),
        Interval::I64 { .. } => a.as_longs().equal(b.as_longs()),
        Interval::Bool { .. } => a.as_truth().equal(b.as_truth()),
        Interval::Str => Truth::ANY,
    }
}

fn less(a: Interval, b: Interval) -> Truth {
    match a {
        Interval::F64 { .. } => a.as_doubles().less(b.as_doubles()),
        Interval::I64 { .. } => a.as_longs().less(b.as_longs()),
        Interval::Bool { .. } => a.as_truth().less(b.as_truth()),
        Interval::Str => Truth::ANY,
    }
}

fn less_or_equal(a: Interval, b: Interval) -> Truth {
    match a {
        Interval::F64 { .. } => a.as_doubles().less_or_equal(b.as_doubles()),
        Interval::I64 { .. } => a.as_longs().less_or_equal(b.as_longs()),
        Interval::Bool { .. } => a.as_truth().less_or_equal(b.as_truth()),
        Interval::Str => Truth::ANY,
    }
}
