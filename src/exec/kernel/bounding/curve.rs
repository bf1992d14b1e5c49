//! Bounds of dear functions of a number that is itself only bounded: a look-up in a table of steps.
//!
//! Numbers without a sign are ordered as their bits, so the highest of these name a step: so many to each power of two. A
//! function that grows, or falls, is bounded on a step by what its interval bounds say of the whole step.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use super::{Bounder, Side, constant};
use crate::exec::kernel::graph::Arg;
use crate::exec::kernel::program::{FunctionRef, Op, Scalar};
use crate::plan::function::monotone::grows;
use crate::plan::interval::{Doubles, Interval};
use crate::plan::script::ValueType;

/// How many steps a curve has.
const STEPS: usize = 512;

/// A number for each step of numbers without a sign, and between which they lie. Two are the same if they are one.
#[derive(Clone, Debug)]
pub(in crate::exec::kernel) struct Curve {
    pub(in crate::exec::kernel) table: Arc<[f64; STEPS]>,
    /// The first step; numbers below it are of that, too.
    pub(in crate::exec::kernel) first: u64,
    /// How far the bits of a number are shifted to get its step.
    pub(in crate::exec::kernel) shift: u32,
    pub(in crate::exec::kernel) lo: f64,
    pub(in crate::exec::kernel) hi: f64,
}

impl Curve {
    /// The number of the step that a number is on; of NaN, and of what is beyond all steps, the last.
    #[inline]
    pub(in crate::exec::kernel) fn at(&self, x: f64) -> f64 {
        let step = (x.to_bits() >> self.shift).saturating_sub(self.first);
        self.table[(step as usize).min(STEPS - 1)]
    }
}

impl PartialEq for Curve {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.table, &other.table)
    }
}

impl Eq for Curve {}

impl Hash for Curve {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.table).hash(state);
    }
}

/// Steps are spent on numbers between these: what is below or beyond is bounded as the first, or as all.
const LEAST: f64 = 1.0 / (1 << 20) as f64;
const MOST: f64 = (1u64 << 44) as f64;

impl Bounder<'_> {
    /// The bound of a call whose first argument alone is not constant, and has one sign; all values lie in `all`.
    pub(super) fn curve(&mut self, call: (FunctionRef, &[Arg]), all: Doubles, side: Side) -> Option<Arg> {
        let (function, args) = call;
        let (first, others) = args.split_first()?;
        let others: Vec<f64> = others.iter().map(number).collect::<Option<_>>()?;
        let increasing = grows(function.0, &others)?;
        let domain = self.facts(first)?;
        let negative = domain.hi <= 0.0 && domain.lo < 0.0;
        if !negative && domain.lo < 0.0 {
            return None;
        }
        let wanted = if increasing { side } else { side.other() };
        let bound = self.bound(first, wanted)?;
        let size = if negative { self.out.add(Op::Negate, [bound], ValueType::F64) } else { bound };
        let size = self.at_least_zero(size);
        let sizes = if negative { -domain } else { domain };
        // What the bound of the number may be, too, decides which steps there are.
        let reach = self.out.facts(&size).value.as_doubles();
        let top = reach.hi.max(sizes.hi).min(MOST);
        let (first, shift) = steps(reach.lo.min(sizes.lo).max(LEAST).min(top), top);
        let mut table = [side.end(all); STEPS];
        for (step, to) in table.iter_mut().enumerate().take(STEPS - 1) {
            let from = if step == 0 { sizes.lo } else { f64::from_bits((first + step as u64) << shift) };
            let until = f64::from_bits(((first + step as u64 + 1) << shift) - 1);
            let of = Doubles::new(from, until.max(from));
            let of = if negative { -of } else { of };
            let args = [of].into_iter().chain(others.iter().map(|other| Doubles::point(*other)));
            let args: Vec<Interval> = args.map(Interval::from).collect();
            let found = (function.0.bounds)(&args).value.as_doubles();
            let found = if found.nan || found.is_empty() { all } else { found.within(all.lo, all.hi) };
            *to = side.end(if found.is_empty() { all } else { found });
        }
        let ends = table.iter().fold(Doubles::NONE, |ends, value| ends.join(Doubles::point(*value)));
        let curve = Curve { table: Arc::new(table), first, shift, lo: ends.lo, hi: ends.hi };
        match ends.as_point() {
            Some(point) => Some(constant(point)),
            None => Some(self.out.add(Op::Curve(curve), [size], ValueType::F64)),
        }
    }
}

/// The first step, and how far bits are shifted to get a number of it, so that all numbers between two have a step.
fn steps(least: f64, most: f64) -> (u64, u32) {
    let (low, high) = (least.to_bits(), most.to_bits());
    let shift = (0..63).find(|shift| (high >> shift) - (low >> shift) < STEPS as u64 - 1).unwrap_or(63);
    (low >> shift, shift)
}

fn number(arg: &Arg) -> Option<f64> {
    match arg {
        Arg::Const(Scalar::F64(number)) => Some(*number),
        Arg::Const(_) | Arg::Node(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_numbers_between_two_have_a_step() {
        for (least, most) in [(1.0, 1.0), (1.0, 2.0), (LEAST, MOST), (3.7, 1e5), (5.0, 5.1)] {
            let (first, shift) = steps(least, most);
            assert_eq!(least.to_bits() >> shift, first);
            assert!((most.to_bits() >> shift) - first < STEPS as u64 - 1, "{least} {most}");
        }
        let (first, shift) = steps(1.0, 1024.0);
        let width = f64::from_bits((first + 1) << shift) / f64::from_bits(first << shift);
        assert!(width < 1.04, "{width}");
    }
}
