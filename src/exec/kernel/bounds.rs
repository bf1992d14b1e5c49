//! Runs a program over intervals: between which values its result lies in a zone of documents, and whether it can fail.
//!
//! A zone costs as much as a row: one interval in each register, nothing is allocated. What is known of branches is used:
//! one that no document takes adds neither values nor failures.

use std::sync::Arc;

use smallvec::SmallVec;

use super::program::{Arithmetic, Bits, Comparison, Op, Operand, Program, Reg, RegisterCounts, Scalar, Step};
use crate::exec::columns::{contains, present};
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

/// A program with a register for each interval.
#[derive(Clone, Debug)]
pub(crate) struct BoundsMachine {
    program: Arc<Program>,
    registers: Registers,
}

impl BoundsMachine {
    /// A machine for a program.
    pub(crate) fn new(program: Arc<Program>) -> Self {
        let mut registers = Registers::new(program.registers);
        for (reg, constant) in &program.constants {
            registers.write(*reg, constant.into());
        }
        Self { program, registers }
    }

    /// What is known of the program's value for the documents of a zone.
    pub(crate) fn run(&mut self, zone: &ZoneInputs<'_>) -> Bounds {
        let Self { program, registers } = self;
        let mut fails = false;
        let mut at = 0;
        while let Some(step) = program.steps.get(at) {
            at += 1;
            let taken = step.mask.is_none_or(|mask| registers.register(mask).as_truth().yes);
            match (&step.op, step.out) {
                (Op::Skip(steps), _) => {
                    if !taken {
                        at += steps;
                    }
                }
                (Op::Check { .. }, _) => fails |= taken && registers.read(&step.args[0]).as_truth().no,
                (_, Some(out)) => {
                    let bounds = registers.compute(step, out.ty, zone, &program.udfs);
                    fails |= taken && bounds.fails;
                    registers.write(out, bounds.value);
                }
                (_, None) => {}
            }
        }
        Bounds { value: registers.register(program.result), fails }
    }
}

/// An interval for each register of a program, in one row.
#[derive(Clone, Debug)]
struct Registers {
    intervals: Vec<Interval>,
    /// Where those of longs, booleans and strings start.
    starts: [usize; 3],
}

impl Registers {
    fn new(counts: RegisterCounts) -> Self {
        let all = |ty, count| std::iter::repeat_n(Interval::all(ty), count);
        let intervals = all(ValueType::F64, counts.doubles)
            .chain(all(ValueType::I64, counts.longs))
            .chain(all(ValueType::Bool, counts.booleans))
            .chain(all(ValueType::Str, counts.strings));
        let longs = counts.doubles;
        let booleans = longs + counts.longs;
        Self { intervals: intervals.collect(), starts: [longs, booleans, booleans + counts.booleans] }
    }

    fn place(&self, reg: Reg) -> usize {
        let index = reg.index as usize;
        match reg.ty {
            ValueType::F64 => index,
            ValueType::I64 => self.starts[0] + index,
            ValueType::Bool => self.starts[1] + index,
            ValueType::Str => self.starts[2] + index,
        }
    }

    fn register(&self, reg: Reg) -> Interval {
        self.intervals[self.place(reg)]
    }

    fn write(&mut self, reg: Reg, value: Interval) {
        let place = self.place(reg);
        self.intervals[place] = value;
    }

    fn read(&self, operand: &Operand) -> Interval {
        match operand {
            Operand::Reg(reg) => self.register(*reg),
            Operand::Const(scalar) => scalar.into(),
        }
    }

    /// What is known of the value of a step.
    fn compute(&self, step: &Step, ty: ValueType, zone: &ZoneInputs<'_>, udfs: &[Arc<UdfProfile>]) -> Bounds {
        // Nearly all operations take no more; a list of any length would be moved about for each.
        let mut few = [Interval::Str; 3];
        if let Some(args) = few.get_mut(..step.args.len()) {
            args.iter_mut().zip(&step.args).for_each(|(to, arg)| *to = self.read(arg));
            return op_bounds(&step.op, ty, args, zone, udfs);
        }
        let args: SmallVec<[Interval; 8]> = step.args.iter().map(|arg| self.read(arg)).collect();
        op_bounds(&step.op, ty, &args, zone, udfs)
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
        Op::Load { column, part, guarded } => {
            let column = &zone.columns[*column];
            match (column.some, column.missing && !guarded) {
                (true, false) => part.bounds(column, ty).into(),
                (true, true) => part.bounds(column, ty).join(args[0]).into(),
                (false, _) => args[0].into(),
            }
        }
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
