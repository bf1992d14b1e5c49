//! The loops: one for each operation, type and kind of operand.

use std::cmp::Ordering;

use super::program::{Arithmetic, Bits, Comparison};
use super::registers::Strings;
use crate::plan::function::batch::StrBatch;

/// An operand: a value for each row, or one for all.
#[derive(Clone, Copy, Debug)]
pub(super) enum Values<'a, T> {
    Each(&'a [T]),
    All(T),
}

/// An operand of strings.
#[derive(Clone, Copy, Debug)]
pub(super) enum Texts<'a> {
    Each(StrBatch<'a>),
    All(&'a str),
}

impl<'a> Texts<'a> {
    fn get(&self, row: usize) -> &'a str {
        match self {
            Self::Each(batch) => batch.get(row),
            Self::All(s) => s,
        }
    }
}

/// One operand, row by row.
#[inline(always)]
pub(super) fn map<A: Copy, O>(a: Values<'_, A>, out: &mut [O], f: impl Fn(A) -> O) {
    match a {
        Values::Each(a) => out.iter_mut().zip(a).for_each(|(o, a)| *o = f(*a)),
        Values::All(a) => out.iter_mut().for_each(|o| *o = f(a)),
    }
}

/// Two operands, row by row: a loop for each kind of them, so that a constant stays in a machine register.
#[inline(always)]
fn zip<A: Copy, B: Copy, O>(a: Values<'_, A>, b: Values<'_, B>, out: &mut [O], f: impl Fn(A, B) -> O) {
    match (a, b) {
        (Values::Each(a), Values::Each(b)) => {
            out.iter_mut().zip(a).zip(b).for_each(|((o, a), b)| *o = f(*a, *b));
        }
        (Values::Each(a), Values::All(b)) => out.iter_mut().zip(a).for_each(|(o, a)| *o = f(*a, b)),
        (Values::All(a), Values::Each(b)) => out.iter_mut().zip(b).for_each(|(o, b)| *o = f(a, *b)),
        (Values::All(a), Values::All(b)) => out.iter_mut().for_each(|o| *o = f(a, b)),
    }
}

#[inline(always)]
pub(super) fn doubles(op: Arithmetic, a: Values<'_, f64>, b: Values<'_, f64>, out: &mut [f64]) {
    match op {
        Arithmetic::Add => zip(a, b, out, |a, b| a + b),
        Arithmetic::Subtract => zip(a, b, out, |a, b| a - b),
        Arithmetic::Multiply => zip(a, b, out, |a, b| a * b),
        Arithmetic::Divide => zip(a, b, out, |a, b| a / b),
        Arithmetic::Remainder => zip(a, b, out, |a, b| a % b),
    }
}

/// Division and remainder of longs can fail, so they are functions and never get here.
pub(super) fn longs(op: Arithmetic, a: Values<'_, i64>, b: Values<'_, i64>, out: &mut [i64]) {
    match op {
        Arithmetic::Add => zip(a, b, out, i64::wrapping_add),
        Arithmetic::Subtract => zip(a, b, out, i64::wrapping_sub),
        Arithmetic::Multiply => zip(a, b, out, i64::wrapping_mul),
        Arithmetic::Divide => zip(a, b, out, |a, b| a.checked_div(b).unwrap_or(0)),
        Arithmetic::Remainder => zip(a, b, out, |a, b| a.checked_rem(b).unwrap_or(0)),
    }
}

pub(super) fn bits(op: Bits, a: Values<'_, i64>, b: Values<'_, i64>, out: &mut [i64]) {
    match op {
        Bits::And => zip(a, b, out, |a, b| a & b),
        Bits::Or => zip(a, b, out, |a, b| a | b),
        Bits::Xor => zip(a, b, out, |a, b| a ^ b),
        Bits::ShiftLeft => zip(a, b, out, |a, b| a.wrapping_shl(b as u32)),
        Bits::ShiftRight => zip(a, b, out, |a, b| a.wrapping_shr(b as u32)),
    }
}

#[inline(always)]
pub(super) fn compare<T: Copy + PartialOrd>(op: Comparison, a: Values<'_, T>, b: Values<'_, T>, out: &mut [bool]) {
    match op {
        Comparison::Eq => zip(a, b, out, |a, b| a == b),
        Comparison::NotEq => zip(a, b, out, |a, b| a != b),
        Comparison::Lt => zip(a, b, out, |a, b| a < b),
        Comparison::LtEq => zip(a, b, out, |a, b| a <= b),
        Comparison::Gt => zip(a, b, out, |a, b| a > b),
        Comparison::GtEq => zip(a, b, out, |a, b| a >= b),
    }
}

/// The loop that [`super::wide`] compiles.
#[inline(always)]
pub(super) fn compare_doubles(op: Comparison, a: Values<'_, f64>, b: Values<'_, f64>, out: &mut [bool]) {
    compare(op, a, b, out);
}

/// The loop that [`super::wide`] compiles.
#[inline(always)]
pub(super) fn select_doubles(
    test: Values<'_, bool>,
    then: Values<'_, f64>,
    otherwise: Values<'_, f64>,
    out: &mut [f64],
) {
    // By a mask: of `if` the compiler makes a choice of addresses, which does not vectorise.
    select_by(test, then, otherwise, out, |test, a, b| {
        let mask = u64::from(test).wrapping_neg();
        f64::from_bits((a.to_bits() & mask) | (b.to_bits() & !mask))
    });
}

pub(super) fn compare_strings(op: Comparison, a: Texts<'_>, b: Texts<'_>, out: &mut [bool]) {
    let holds: fn(Ordering) -> bool = match op {
        Comparison::Eq => Ordering::is_eq,
        Comparison::NotEq => Ordering::is_ne,
        Comparison::Lt => Ordering::is_lt,
        Comparison::LtEq => Ordering::is_le,
        Comparison::Gt => Ordering::is_gt,
        Comparison::GtEq => Ordering::is_ge,
    };
    for (row, out) in out.iter_mut().enumerate() {
        *out = holds(a.get(row).cmp(b.get(row)));
    }
}

pub(super) fn and(a: Values<'_, bool>, b: Values<'_, bool>, out: &mut [bool]) {
    zip(a, b, out, |a, b| a & b);
}

pub(super) fn and_not(a: Values<'_, bool>, b: Values<'_, bool>, out: &mut [bool]) {
    zip(a, b, out, |a, b| a & !b);
}

pub(super) fn or(a: Values<'_, bool>, b: Values<'_, bool>, out: &mut [bool]) {
    zip(a, b, out, |a, b| a | b);
}

/// `if test then else otherwise`.
pub(super) fn select<T: Copy>(test: Values<'_, bool>, then: Values<'_, T>, otherwise: Values<'_, T>, out: &mut [T]) {
    select_by(test, then, otherwise, out, |test, a, b| if test { a } else { b });
}

#[inline(always)]
fn select_by<T: Copy>(
    test: Values<'_, bool>,
    then: Values<'_, T>,
    otherwise: Values<'_, T>,
    out: &mut [T],
    pick: impl Fn(bool, T, T) -> T,
) {
    let test = match test {
        Values::Each(test) => test,
        Values::All(true) => return map(then, out, |v| v),
        Values::All(false) => return map(otherwise, out, |v| v),
    };
    let rows = out.iter_mut().zip(test);
    match (then, otherwise) {
        (Values::Each(a), Values::Each(b)) => {
            rows.zip(a).zip(b).for_each(|(((o, test), a), b)| *o = pick(*test, *a, *b));
        }
        (Values::Each(a), Values::All(b)) => rows.zip(a).for_each(|((o, test), a)| *o = pick(*test, *a, b)),
        (Values::All(a), Values::Each(b)) => rows.zip(b).for_each(|((o, test), b)| *o = pick(*test, a, *b)),
        (Values::All(a), Values::All(b)) => rows.for_each(|(o, test)| *o = pick(*test, a, b)),
    }
}

/// `if test then else otherwise` on strings.
pub(super) fn select_strings(test: &[bool], then: Texts<'_>, otherwise: Texts<'_>, out: &mut Strings) {
    out.text.clear();
    out.spans.clear();
    for (row, test) in test.iter().enumerate() {
        let start = out.text.len() as u32;
        out.text.push_str(if *test { then.get(row) } else { otherwise.get(row) });
        out.spans.push((start, out.text.len() as u32));
    }
}
