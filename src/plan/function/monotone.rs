//! Functions that are monotone: which they are, and the bounds of many intervals of plain numbers at once.
//!
//! Their ends are what the function makes of the arguments' ends: two evaluations of a batch, however many intervals there
//! are. Whatever is not plain (infinite, NaN, outside of the domain) has the function's own `bounds`.

use smallvec::SmallVec;

use super::Function;
use super::batch::{Batch, BatchMut, RowErrors};
use super::bounds::{EXACT, LIBM};
use super::wide;

/// How a function depends on an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Growth {
    /// It grows with it.
    Grows,
    /// It falls as the argument grows.
    Falls,
    /// That is not known: the argument has to be a point.
    Fixed,
}

/// How a function of doubles depends on its arguments.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Monotone {
    /// Its name.
    name: &'static str,
    /// From where on the arguments may lie that are not fixed.
    pub(crate) from: f64,
    /// By how many units in the last place the ends are widened.
    ulps: u64,
    /// Each argument.
    pub(crate) args: &'static [Growth],
}

use Growth::{Falls, Fixed, Grows};

const MONOTONE: &[Monotone] = &[
    Monotone { name: "to_f32", from: f64::MIN, ulps: EXACT, args: &[Grows] },
    Monotone { name: "sqrt", from: 0.0, ulps: EXACT, args: &[Grows] },
    Monotone { name: "exp", from: f64::MIN, ulps: LIBM, args: &[Grows] },
    Monotone { name: "log", from: 0.0, ulps: LIBM, args: &[Grows] },
    Monotone { name: "log1p", from: 0.0, ulps: LIBM, args: &[Grows] },
    Monotone { name: "log2", from: 0.0, ulps: LIBM, args: &[Grows] },
    Monotone { name: "log10", from: 0.0, ulps: LIBM, args: &[Grows] },
    Monotone { name: "min", from: f64::MIN, ulps: EXACT, args: &[Grows, Grows] },
    Monotone { name: "max", from: f64::MIN, ulps: EXACT, args: &[Grows, Grows] },
    // From 0 on only.
    Monotone { name: "abs", from: 0.0, ulps: EXACT, args: &[Grows] },
    // A quotient of numbers that are rounded on their own: not quite monotone.
    Monotone { name: "saturation", from: 0.0, ulps: LIBM, args: &[Grows, Fixed] },
    Monotone { name: "decay_gauss", from: 0.0, ulps: LIBM, args: &[Falls, Fixed, Fixed] },
    Monotone { name: "decay_exp", from: 0.0, ulps: LIBM, args: &[Falls, Fixed, Fixed] },
];

/// How a function depends on its arguments, if it is one of these.
pub(crate) fn monotone(function: &Function) -> Option<&'static Monotone> {
    MONOTONE.iter().find(|known| known.name == function.name)
}

/// Whether a function grows with its first argument, falls, or is neither known; its others are these constants.
pub(crate) fn grows(f: &Function, others: &[f64]) -> Option<bool> {
    match (f.name, others) {
        ("cbrt" | "exp" | "expm1" | "log" | "log1p" | "log2" | "log10" | "atan" | "tanh" | "sinh", []) => Some(true),
        ("pow", [exponent]) if exponent.is_finite() && *exponent != 0.0 => Some(*exponent > 0.0),
        ("saturation", [k]) if *k > 0.0 => Some(true),
        ("sigmoid", [k, a]) if *k > 0.0 && *a > 0.0 => Some(true),
        ("decay_gauss" | "decay_exp", [scale, decay]) if *scale > 0.0 && *decay > 0.0 && *decay < 1.0 => Some(false),
        _ => None,
    }
}

impl Monotone {
    /// The ends of a function's values between the ends of its arguments, which are plain numbers from [`Self::from`] on.
    /// False where they are no ends: one is NaN, or the function goes the other way.
    pub(crate) fn bounds<'a>(&self, function: &Function, args: &[[&'a [f64]; 2]], out: [&mut [f64]; 2]) -> bool {
        let [lower, upper] = out;
        for (end, out) in [(0, &mut *lower), (1, &mut *upper)] {
            let pick = |(growth, ends): (&Growth, &[&'a [f64]; 2])| {
                let end = if *growth == Falls { 1 - end } else { end };
                Batch::F64(ends[end])
            };
            let args: SmallVec<[Batch<'_>; 4]> = self.args.iter().zip(args).map(pick).collect();
            let mut errors = RowErrors { active: None, first: &mut None };
            (function.eval)(&args, &mut BatchMut::F64(out), &mut errors);
        }
        let are_ends = lower.iter().zip(&*upper).fold(true, |all, (lo, hi)| all & (lo <= hi));
        if self.ulps > 0 {
            wide::widen(lower, upper, self.ulps);
        }
        are_ends
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{ProptestConfig, prop_assert, prop_oneof, proptest};
    use proptest::strategy::Strategy;

    use super::*;
    use crate::plan::function::function;
    use crate::plan::interval::{Doubles, Interval};

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![0.0..1.0, 0.0..100.0, -50.0..50.0, (-300.0..300.0).prop_map(|x: f64| 10f64.powf(x))]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn values_lie_between_the_ends(ends in (number(), number()), others in [0.0..2.0, 0.0..2.0], at in 0.0..=1.0f64) {
            let (lo, hi) = (ends.0.min(ends.1), ends.0.max(ends.1));
            let between = (lo + (hi - lo) * at).clamp(lo, hi);
            for known in MONOTONE.iter().filter(|known| lo >= known.from) {
                let function = function(known.name).unwrap();
                let others = others.map(|x: f64| [x]);
                let args = [[&[lo][..], &[hi][..]], [&others[0], &others[0]], [&others[1], &others[1]]];
                let (mut lower, mut upper, mut value) = ([0.0], [0.0], [0.0]);
                if !known.bounds(function, &args[..known.args.len()], [&mut lower, &mut upper]) {
                    continue;
                }
                let args: Vec<_> = [[between], others[0], others[1]].into_iter().take(known.args.len()).collect();
                let args: Vec<_> = args.iter().map(|arg| Batch::F64(arg)).collect();
                let mut errors = RowErrors { active: None, first: &mut None };
                (function.eval)(&args, &mut BatchMut::F64(&mut value), &mut errors);
                prop_assert!(lower <= value && value <= upper, "{}({args:?}) is {value:?}, not in {lower:?} {upper:?}", known.name);
            }
        }
    }

    #[test]
    fn all_are_functions_of_the_list() {
        for known in MONOTONE {
            assert_eq!(
                function(known.name).map(|function| function.args.len()),
                Some(known.args.len()),
                "{}",
                known.name
            );
        }
    }

    #[test]
    fn functions_grow_and_fall_as_they_are_said_to() {
        let cases: [(&str, &[f64]); 16] = [
            ("cbrt", &[]),
            ("exp", &[]),
            ("expm1", &[]),
            ("log", &[]),
            ("log1p", &[]),
            ("log2", &[]),
            ("log10", &[]),
            ("atan", &[]),
            ("tanh", &[]),
            ("sinh", &[]),
            ("pow", &[1.5]),
            ("pow", &[-0.5]),
            ("saturation", &[3.0]),
            ("sigmoid", &[3.0, 0.6]),
            ("decay_gauss", &[10.0, 0.5]),
            ("decay_exp", &[10.0, 0.5]),
        ];
        for (name, others) in cases {
            let f = function(name).unwrap();
            let grows = grows(f, others).unwrap();
            let at = |x: f64| {
                let args = [x].into_iter().chain(others.iter().copied());
                let args: Vec<Interval> = args.map(|x| Doubles::point(x).into()).collect();
                (f.bounds)(&args).value.as_doubles()
            };
            for (x, y) in (1..200).map(|i| (f64::from(i) / 7.0, f64::from(i + 1) / 7.0)) {
                let (low, high) = if grows { (at(x), at(y)) } else { (at(y), at(x)) };
                assert!(low.lo <= high.hi, "{name} of {x}, {y}");
            }
        }
        assert_eq!(grows(function("cos").unwrap(), &[]), None);
    }
}
