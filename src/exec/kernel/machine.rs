//! Runs a program over batches of documents.

use std::sync::Arc;

use smallvec::SmallVec;

use super::ops;
use super::program::{BATCH_ROWS, Op, Operand, Program, Reg, RegisterCounts, Scalar, Step};
use super::registers::{Lane, Registers};
use crate::error::{Error, Result};
use crate::exec::columns::{Columns, Cursor, Part};
use crate::plan::function::batch::{Batch, RowError, RowErrors};
use crate::plan::script::ValueType;

/// The documents of a batch and what is known of them beside their columns.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Their numbers in the segment, ascending, at most [`BATCH_ROWS`].
    pub docs: &'a [u32],
    /// The number of the segment's first document in the shard.
    pub doc_base: u32,
    /// The score of each document; empty where nothing is scored: then scores are 0.
    pub scores: &'a [f32],
    /// For each filter, whether each document matches; as many as [`Program::filters`].
    pub filters: &'a [&'a [bool]],
}

/// Why a batch has no result.
#[derive(Clone, Debug)]
pub enum Failure {
    /// A row failed; it is the first that does.
    Row(RowError),
    /// The columns cannot be read.
    Storage(Error),
}

/// A program with its registers, and the columns of a segment.
///
/// All memory is allocated when it is made; a run allocates nothing, but for strings that are longer than any before.
#[derive(Debug)]
pub struct Machine {
    program: Arc<Program>,
    registers: Registers,
    cursors: Vec<Cursor>,
}

impl Machine {
    /// A machine for a program over the documents of a segment.
    ///
    /// # Errors
    /// A column cannot be read.
    pub fn new(program: Arc<Program>, columns: &Columns) -> Result<Self> {
        let mut machine = Self { registers: Registers::new(&program, BATCH_ROWS), cursors: Vec::new(), program };
        machine.enter(columns)?;
        Ok(machine)
    }

    /// Goes on with the documents of another segment.
    ///
    /// # Errors
    /// A column cannot be read.
    pub fn enter(&mut self, columns: &Columns) -> Result<()> {
        let opened = self.program.columns.iter().map(|path| columns.column(path).map(Cursor::new));
        self.cursors = opened.collect::<Result<_>>()?;
        Ok(())
    }

    /// The program's value for each row.
    ///
    /// # Errors
    /// A row fails; or the columns cannot be read.
    ///
    /// # Panics
    /// There are more than [`BATCH_ROWS`] rows.
    pub fn run(&mut self, rows: &Rows<'_>) -> Result<Batch<'_>, Failure> {
        let count = rows.docs.len();
        assert!(count <= BATCH_ROWS, "callers cut documents into batches");
        self.cursors.iter_mut().for_each(Cursor::next_batch);
        let mut first = None;
        let mut at = 0;
        while let Some(step) = self.program.steps.get(at) {
            at += 1;
            if let Op::Skip(steps) = step.op {
                at += skip(step, steps, count, &mut self.registers);
            } else if step.out.is_none() {
                first = check(step, count, &self.registers, first);
            } else {
                first =
                    run_step(step, rows, &mut self.registers, &mut self.cursors, first).map_err(Failure::Storage)?;
            }
        }
        match first {
            Some(error) => Err(Failure::Row(error)),
            None => Ok(self.registers.batch(self.program.result, count)),
        }
    }
}

/// The value of an operation on constants.
pub(super) fn fold(op: Op, args: SmallVec<[Operand; 3]>, out: Reg) -> Scalar {
    let mut registers = RegisterCounts::default();
    let mut register = |ty| {
        let count = registers.of(ty);
        *count += 1;
        Reg { ty, index: *count as u32 - 1 }
    };
    let result = register(out.ty);
    let mut constants = Vec::new();
    let args = args.into_iter().map(|arg| match arg {
        Operand::Const(scalar) => {
            let reg = register(scalar.ty());
            constants.push((reg, scalar));
            Operand::Reg(reg)
        }
        Operand::Reg(reg) => Operand::Reg(reg),
    });
    let step = Step { op, args: args.collect(), mask: None, out: Some(result) };
    let program =
        Program { steps: vec![step], constants, registers, columns: Vec::new(), result, uses_score: false, filters: 0 };
    let rows = Rows { docs: &[0], doc_base: 0, scores: &[], filters: &[] };
    let registers = Registers::new(&program, 1);
    let mut machine = Machine { program: Arc::new(program), registers, cursors: Vec::new() };
    match machine.run(&rows) {
        Ok(Batch::F64(v)) => Scalar::F64(v[0]),
        Ok(Batch::I64(v)) => Scalar::I64(v[0]),
        Ok(Batch::Bool(v)) => Scalar::Bool(v[0]),
        Ok(Batch::Str(v)) => Scalar::Str(Arc::from(v.get(0))),
        Err(_) => Scalar::zero(out.ty),
    }
}

/// How many steps are skipped: all of a branch, if no row takes it.
fn skip(step: &Step, steps: usize, rows: usize, registers: &mut Registers) -> usize {
    let Some(mask) = step.mask else { return 0 };
    if registers.rows::<bool>(mask, rows).contains(&true) {
        return 0;
    }
    if let Some(stale) = step.out {
        registers.write_strings(stale, |_, out| out.clear(rows));
    }
    steps
}

/// Fails for the first active row without a value.
fn check(step: &Step, rows: usize, registers: &Registers, first: Option<RowError>) -> Option<RowError> {
    let (Op::Check { site, .. }, [Operand::Reg(present)]) = (&step.op, step.args.as_slice()) else { return first };
    let present = registers.rows::<bool>(*present, rows);
    if present.iter().fold(true, |all, present| all & present) {
        return first;
    }
    let mut errors = RowErrors { active: step.mask.map(|mask| registers.rows(mask, rows)), first };
    for row in (0..rows).filter(|row| !present[*row]) {
        errors.raise(row, "illegal_state_exception", *site, || MISSING_VALUE.to_owned());
    }
    errors.first
}

const MISSING_VALUE: &str = "A document doesn't have a value for a field! Use doc[<field>].size()==0 to check if a \
                             document is missing a field!";

/// Runs a step that computes a value.
fn run_step(
    step: &Step,
    rows: &Rows<'_>,
    registers: &mut Registers,
    cursors: &mut [Cursor],
    first: Option<RowError>,
) -> Result<Option<RowError>> {
    let (Some(out), args, count) = (step.out, step.args.as_slice(), rows.docs.len()) else { return Ok(first) };
    match (&step.op, args) {
        (Op::Score, _) => registers.write(out, count, |_, out| match rows.scores {
            [] => out.fill(0.0),
            scores => ops::map(ops::Values::Each(scores), out, f64::from),
        }),
        (Op::Doc, _) => registers.write(out, count, |_, out| {
            ops::map(ops::Values::Each(rows.docs), out, |doc| i64::from(rows.doc_base) + i64::from(doc));
        }),
        (Op::Filter(n), _) => registers.write(out, count, |_, out| out.copy_from_slice(&rows.filters[*n][..count])),
        (Op::Present { column }, _) => {
            registers.write(out, count, |_, out| cursors[*column].present(rows.docs, out));
        }
        (Op::Load { column, part }, [Operand::Const(null)]) => {
            load(&mut cursors[*column], *part, null, rows.docs, out, registers)?;
        }
        (Op::Call(function), args) => {
            let mut errors = RowErrors { active: None, first };
            registers.write_batch(out, count, |from, out| {
                let args: SmallVec<[Batch<'_>; 8]> = args
                    .iter()
                    .map(|arg| match arg {
                        Operand::Reg(reg) => from.batch(*reg, count),
                        Operand::Const(_) => unreachable!("functions read registers"),
                    })
                    .collect();
                let mut active =
                    RowErrors { active: step.mask.map(|mask| from.rows(mask, count)), first: errors.first.take() };
                (function.0.eval)(&args, out, &mut active);
                errors.first = active.first;
            });
            return Ok(errors.first);
        }
        (op, args) => compute(op, args, count, out, registers),
    }
    Ok(first)
}

fn load(
    cursor: &mut Cursor,
    part: Part,
    null: &Scalar,
    docs: &[u32],
    out: Reg,
    registers: &mut Registers,
) -> Result<()> {
    match null {
        Scalar::F64(null) => registers.write(out, docs.len(), |_, out| cursor.doubles(docs, part, *null, out)),
        Scalar::I64(null) => registers.write(out, docs.len(), |_, out| cursor.longs(docs, part, *null, out)),
        Scalar::Bool(null) => registers.write(out, docs.len(), |_, out| cursor.booleans(docs, part, *null, out)),
        Scalar::Str(null) => {
            return registers.write_strings(out, |_, out| cursor.strings(docs, null, &mut out.text, &mut out.spans));
        }
    }
    Ok(())
}

/// Runs an operation that reads registers and constants only.
fn compute(op: &Op, args: &[Operand], rows: usize, out: Reg, registers: &mut Registers) {
    match (op, args) {
        (Op::Negate, [a]) if out.ty == ValueType::F64 => {
            registers.write(out, rows, |from, out: &mut [f64]| ops::map(from.read(a, rows), out, |a: f64| -a));
        }
        (Op::Negate, [a]) => {
            registers.write(out, rows, |from, out| ops::map(from.read(a, rows), out, i64::wrapping_neg))
        }
        (Op::Not, [a]) => registers.write(out, rows, |from, out| ops::map(from.read(a, rows), out, |a: bool| !a)),
        (Op::ToDouble, [a]) => {
            registers.write(out, rows, |from, out| ops::map(from.read(a, rows), out, |a: i64| a as f64));
        }
        (Op::Arithmetic(op), [a, b]) if out.ty == ValueType::F64 => {
            registers.write(out, rows, |from, out| ops::doubles(*op, from.read(a, rows), from.read(b, rows), out));
        }
        (Op::Arithmetic(op), [a, b]) => {
            registers.write(out, rows, |from, out| ops::longs(*op, from.read(a, rows), from.read(b, rows), out));
        }
        (Op::Bits(op), [a, b]) => {
            registers.write(out, rows, |from, out| ops::bits(*op, from.read(a, rows), from.read(b, rows), out));
        }
        (Op::Compare(op), [a, b]) => registers.write(out, rows, |from, out| match a.ty() {
            ValueType::F64 => ops::compare(*op, from.read::<f64>(a, rows), from.read(b, rows), out),
            ValueType::I64 => ops::compare(*op, from.read::<i64>(a, rows), from.read(b, rows), out),
            ValueType::Bool => ops::compare(*op, from.read::<bool>(a, rows), from.read(b, rows), out),
            ValueType::Str => ops::compare_strings(*op, from.read_strings(a), from.read_strings(b), out),
        }),
        (Op::And, [a, b]) => {
            registers.write(out, rows, |from, out| ops::and(from.read(a, rows), from.read(b, rows), out));
        }
        (Op::AndNot, [a, b]) => {
            registers.write(out, rows, |from, out| ops::and_not(from.read(a, rows), from.read(b, rows), out));
        }
        (Op::Or, [a, b]) => {
            registers.write(out, rows, |from, out| ops::or(from.read(a, rows), from.read(b, rows), out));
        }
        (Op::Select, [test, a, b]) => match out.ty {
            ValueType::F64 => select::<f64>(test, a, b, rows, out, registers),
            ValueType::I64 => select::<i64>(test, a, b, rows, out, registers),
            ValueType::Bool => select::<bool>(test, a, b, rows, out, registers),
            ValueType::Str => registers.write_strings(out, |from, out| {
                if let Operand::Reg(test) = test {
                    ops::select_strings(from.rows(*test, rows), from.read_strings(a), from.read_strings(b), out);
                }
            }),
        },
        (op, args) => unreachable!("{op:?} of {} arguments: programs are well-formed", args.len()),
    }
}

fn select<T: Lane>(test: &Operand, a: &Operand, b: &Operand, rows: usize, out: Reg, registers: &mut Registers) {
    registers.write(out, rows, |from, out: &mut [T]| {
        ops::select(from.read(test, rows), from.read(a, rows), from.read(b, rows), out);
    });
}
