//! Runs one step of a program over a batch.

use smallvec::SmallVec;

use super::machine::Rows;
use super::ops;
use super::program::{Op, Operand, Reg, Scalar, Step};
use super::registers::{Lane, Registers};
use super::wide;
use crate::error::Result;
use crate::exec::columns::{Cursor, Part};
use crate::plan::function::batch::{Batch, RowError, RowErrors};
use crate::plan::script::ValueType;

/// How many steps are skipped: all of a branch, if no row takes it.
pub(super) fn skip(step: &Step, steps: usize, rows: usize, registers: &mut Registers) -> usize {
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
pub(super) fn check(step: &Step, rows: usize, registers: &Registers, first: &mut Option<RowError>) {
    let (Op::Check { site, .. }, [Operand::Reg(present)]) = (&step.op, step.args.as_slice()) else { return };
    let present = registers.rows::<bool>(*present, rows);
    if present.iter().fold(true, |all, present| all & present) {
        return;
    }
    let mut errors = RowErrors { active: step.mask.map(|mask| registers.rows(mask, rows)), first };
    for row in (0..rows).filter(|row| !present[*row]) {
        errors.raise(row, "illegal_state_exception", *site, || MISSING_VALUE.to_owned());
    }
}

pub(super) const MISSING_VALUE: &str = "A document doesn't have a value for a field! Use doc[<field>].size()==0 to check if a \
                             document is missing a field!";

/// Runs a step that computes a value.
pub(super) fn run_step(
    step: &Step,
    rows: &Rows<'_>,
    registers: &mut Registers,
    cursors: &mut [Cursor],
    first: &mut Option<RowError>,
) -> Result<()> {
    let (Some(out), args, count) = (step.out, step.args.as_slice(), rows.docs.len()) else { return Ok(()) };
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
        (Op::Bound { column, table }, _) => {
            registers.write(out, count, |_, out| cursors[*column].bounds(rows.docs, &table.values, out));
        }
        (Op::Contains { column }, [Operand::Const(wanted)]) => {
            let mut result = Ok(());
            registers.write(out, count, |_, out| result = cursors[*column].contains(rows.docs, wanted.wanted(), out));
            result?;
        }
        (Op::Load { column, part, .. }, [Operand::Const(null)]) => {
            return load(&mut cursors[*column], *part, null, rows.docs, out, registers);
        }
        (Op::Call(function), args) => {
            registers.write_batch(out, count, |from, out| {
                let args: SmallVec<[Batch<'_>; 8]> = args
                    .iter()
                    .map(|arg| match arg {
                        Operand::Reg(reg) => from.batch(*reg, count),
                        Operand::Const(_) => unreachable!("functions read registers"),
                    })
                    .collect();
                let active = step.mask.map(|mask| from.rows(mask, count));
                (function.0.eval)(&args, out, &mut RowErrors { active, first });
            });
        }
        (op, args) => compute(op, args, count, out, registers),
    }
    Ok(())
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
        Scalar::F64(null) => match cursor.doubles_in_place(docs, part) {
            Some(values) => registers.point(out, values),
            None => registers.write(out, docs.len(), |_, out| cursor.doubles(docs, part, *null, out)),
        },
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
            registers.write(out, rows, |from, out| ops::map(from.read(a, rows), out, i64::wrapping_neg));
        }
        (Op::Not, [a]) => registers.write(out, rows, |from, out| ops::map(from.read(a, rows), out, |a: bool| !a)),
        (Op::ToDouble, [a]) => {
            registers.write(out, rows, |from, out| ops::map(from.read(a, rows), out, |a: i64| a as f64));
        }
        (Op::Curve(curve), [a]) => {
            registers.write(out, rows, |from, out| ops::map(from.read(a, rows), out, |x| curve.at(x)));
        }
        (Op::Arithmetic(op), [a, b]) if out.ty == ValueType::F64 => {
            registers.write(out, rows, |from, out| wide::doubles(*op, from.read(a, rows), from.read(b, rows), out));
        }
        (Op::Arithmetic(op), [a, b]) => {
            registers.write(out, rows, |from, out| ops::longs(*op, from.read(a, rows), from.read(b, rows), out));
        }
        (Op::Bits(op), [a, b]) => {
            registers.write(out, rows, |from, out| ops::bits(*op, from.read(a, rows), from.read(b, rows), out));
        }
        (Op::Compare(op), [a, b]) => registers.write(out, rows, |from, out| match a.ty() {
            ValueType::F64 => wide::compare_doubles(*op, from.read(a, rows), from.read(b, rows), out),
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
            ValueType::F64 => registers.write(out, rows, |from, out| {
                wide::select_doubles(from.read(test, rows), from.read(a, rows), from.read(b, rows), out);
            }),
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
