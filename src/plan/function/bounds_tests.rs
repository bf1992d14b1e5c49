//! Bounds are sound: whatever lies in the intervals of the arguments, the value lies in that of the result, and a row that
//! fails was said to be able to. And they are tight where that is easy.

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::test_runner::TestCaseError;

use super::batch::{Batch, BatchMut, RowErrors, StrBatch};
use super::sloppy_math::haversin_meters;
use super::{Function, all, function};
use crate::plan::interval::{Bounds, Doubles, Interval, Longs, Truth};
use crate::plan::script::ValueType;

/// How many points of each interval are looked at.
const POINTS: usize = 12;

/// A stream of random numbers.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A double that is no NaN, of a kind that scripts meet or that is hard to get right.
    fn double(&mut self) -> f64 {
        const CORNERS: [f64; 24] = [
            0.0,
            -0.0,
            1.0,
            -1.0,
            0.5,
            -0.5,
            2.0,
            3.0,
            5e-324,
            -5e-324,
            f64::MIN_POSITIVE,
            1e-300,
            1e300,
            f64::MAX,
            f64::MIN,
            f64::INFINITY,
            f64::NEG_INFINITY,
            90.0,
            -180.0,
            709.8,
            -745.2,
            4_503_599_627_370_496.0,
            9.3e18,
            16_777_217.0,
        ];
        let sign = if self.below(2) == 0 { 1.0 } else { -1.0 };
        match self.below(8) {
            0 | 1 => CORNERS[self.below(24) as usize],
            2 => sign * self.unit(),
            3 => sign * self.unit() * 10.0,
            4 => sign * self.unit() * 200.0,
            5 => sign * (self.unit() * 20.0).floor() / 2.0,
            6 => sign * (self.unit() * 80.0 - 40.0).exp(),
            _ => Some(f64::from_bits(self.next())).filter(|x| !x.is_nan()).unwrap_or(7.0),
        }
    }

    fn long(&mut self) -> i64 {
        const CORNERS: [i64; 14] = [
            0,
            1,
            -1,
            2,
            31,
            32,
            63,
            64,
            i64::MAX,
            i64::MIN,
            i32::MAX as i64,
            i32::MIN as i64,
            u32::MAX as i64,
            1_709_248_530_123,
        ];
        match self.below(6) {
            0 => CORNERS[self.below(14) as usize],
            1 => self.below(100) as i64 - 50,
            2 => self.below(200_000) as i64 - 100_000,
            3 => self.below(4_000_000_000_000) as i64 - 1_000_000_000_000,
            4 => self.next() as i32 as i64,
            _ => self.next() as i64 >> self.below(60),
        }
    }

    /// A double between two: any of those that there are is as likely as another.
    fn between(&mut self, lo: f64, hi: f64) -> f64 {
        let order = |x: f64| if x.is_sign_negative() { !x.to_bits() } else { x.to_bits() | 1 << 63 };
        let picked = order(lo) + self.next() % (order(hi) - order(lo)).saturating_add(1);
        f64::from_bits(if picked >> 63 == 1 { picked ^ 1 << 63 } else { !picked })
    }

    fn text(&mut self) -> &'static str {
        ["", "a", "ab", "\u{fc}ber", "\u{1F600}", "log1p", "zz top"][self.below(7) as usize]
    }

    /// An interval: mostly narrow, sometimes a point.
    fn interval(&mut self, ty: ValueType) -> Interval {
        match ty {
            ValueType::F64 => {
                let a = self.double();
                let b = match self.below(4) {
                    0 => a,
                    1 => a + a * self.unit() * 0.01,
                    2 => a + self.unit() * 5.0,
                    _ => self.double(),
                };
                let ends = Doubles::point(a).join(Doubles::point(b));
                let nan = Doubles { nan: self.below(8) == 0, ..ends };
                if self.below(64) == 0 { Doubles::NAN.into() } else { nan.into() }
            }
            ValueType::I64 => {
                let a = self.long();
                let b = match self.below(4) {
                    0 => a,
                    1 => a.saturating_add(self.below(100) as i64),
                    2 => a.saturating_add(self.below(1 << 33) as i64),
                    _ => self.long(),
                };
                Longs::new(a.min(b), a.max(b)).into()
            }
            ValueType::Bool => match self.below(3) {
                0 => Truth::ANY.into(),
                n => Truth::known(n == 1).into(),
            },
            ValueType::Str => Interval::Str,
        }
    }

    /// A value of an interval.
    fn value(&mut self, of: Interval) -> Value {
        match of {
            Interval::F64 { lo, hi, nan } if lo > hi || (nan && self.below(4) == 0) => {
                Value::F64(if self.below(2) == 0 { f64::NAN } else { -f64::NAN })
            }
            Interval::F64 { lo, hi, .. } => {
                let x = match self.below(8) {
                    0 => lo,
                    1 => hi,
                    2 => lo.next_up(),
                    3 => hi.next_down(),
                    4 => self.double(),
                    5 => self.between(lo, hi),
                    _ => lo + (hi - lo) * self.unit(),
                };
                let set = Doubles::new(lo, hi);
                Value::F64(if !x.is_nan() && set.contains(x) {
                    x
                } else if self.below(2) == 0 {
                    lo
                } else {
                    hi
                })
            }
            Interval::I64 { lo, hi } => {
                let span = hi.wrapping_sub(lo) as u64;
                let x = match self.below(6) {
                    0 => lo,
                    1 => hi,
                    2 => self.long().clamp(lo, hi),
                    _ => lo.wrapping_add(self.next().checked_rem(span.wrapping_add(1)).unwrap_or(self.next()) as i64),
                };
                Value::I64(x)
            }
            Interval::Bool { no, yes } => Value::Bool(yes && (!no || self.below(2) == 0)),
            Interval::Str => Value::Str(self.text()),
        }
    }
}

/// A value of an argument or a result.
#[derive(Clone, Debug)]
enum Value {
    F64(f64),
    I64(i64),
    Bool(bool),
    Str(&'static str),
}

impl Value {
    fn lies_in(&self, interval: Interval) -> bool {
        match (self, interval) {
            (Self::F64(v), Interval::F64 { .. }) => interval.as_doubles().contains(*v),
            (Self::I64(v), Interval::I64 { .. }) => interval.as_longs().contains(*v),
            (Self::Bool(v), Interval::Bool { no, yes }) => {
                if *v {
                    yes
                } else {
                    no
                }
            }
            (Self::Str(_), Interval::Str) => true,
            _ => false,
        }
    }
}

/// A function's value, or the reason why there is none.
fn evaluate(f: &Function, args: &[Value]) -> Result<Value, String> {
    let spans = args.iter().map(|arg| match arg {
        Value::Str(s) => [(0, s.len() as u32)],
        Value::F64(_) | Value::I64(_) | Value::Bool(_) => [(0, 0)],
    });
    let spans: Vec<_> = spans.collect();
    let batches = args.iter().zip(&spans).map(|(arg, spans)| match arg {
        Value::F64(v) => Batch::F64(std::slice::from_ref(v)),
        Value::I64(v) => Batch::I64(std::slice::from_ref(v)),
        Value::Bool(v) => Batch::Bool(std::slice::from_ref(v)),
        Value::Str(text) => Batch::Str(StrBatch { text, spans }),
    });
    let batches: Vec<_> = batches.collect();
    let mut first = None;
    let mut errors = RowErrors { active: None, first: &mut first };
    let value = match f.result {
        ValueType::F64 => {
            let mut out = [0.0];
            (f.eval)(&batches, &mut BatchMut::F64(&mut out), &mut errors);
            Value::F64(out[0])
        }
        ValueType::I64 => {
            let mut out = [0];
            (f.eval)(&batches, &mut BatchMut::I64(&mut out), &mut errors);
            Value::I64(out[0])
        }
        ValueType::Bool => {
            let mut out = [false];
            (f.eval)(&batches, &mut BatchMut::Bool(&mut out), &mut errors);
            Value::Bool(out[0])
        }
        ValueType::Str => {
            let (mut text, mut spans) = (String::new(), Vec::new());
            (f.eval)(&batches, &mut BatchMut::Str(&mut text, &mut spans), &mut errors);
            Value::Str("")
        }
    };
    first.map_or(Ok(value), |error| Err(error.reason))
}

/// Random intervals for a function, and random points of them: what is wrong, if something is.
fn unsound(f: &Function, random: &mut Random) -> Option<String> {
    let intervals: Vec<Interval> = f.args.iter().map(|ty| random.interval(*ty)).collect();
    let bounds = (f.bounds)(&intervals);
    for _ in 0..POINTS {
        let args: Vec<Value> = intervals.iter().map(|interval| random.value(*interval)).collect();
        debug_assert!(args.iter().zip(&intervals).all(|(arg, of)| arg.lies_in(*of)));
        let wrong = match evaluate(f, &args) {
            Ok(value) => (!value.lies_in(bounds.value)).then(|| format!("{value:?}")),
            Err(reason) => (!bounds.fails).then_some(reason),
        };
        if let Some(wrong) = wrong {
            return Some(format!("{}({args:?}) = {wrong}, but {bounds:?} was said of {intervals:?}", f.name));
        }
    }
    None
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bounds_of_functions_are_sound(seed in any::<u64>()) {
        let mut random = Random(seed);
        for f in all() {
            if let Some(wrong) = unsound(f, &mut random) {
                return Err(TestCaseError::fail(wrong));
            }
        }
    }

    #[test]
    fn bounds_of_operators_are_sound(seed in any::<u64>()) {
        let mut random = Random(seed);
        for _ in 0..8 {
            if let Some(wrong) = unsound_operator(&mut random) {
                return Err(TestCaseError::fail(wrong));
            }
        }
    }
}

type Operator<T, I> = (&'static str, fn(I, I) -> I, fn(T, T) -> T);
type Comparison<T, I> = (&'static str, fn(I, I) -> Truth, fn(&T, &T) -> bool);

/// The operators of the tree on intervals and on values.
const DOUBLES: &[Operator<f64, Doubles>] = &[
    ("+", |a, b| a + b, |a, b| a + b),
    ("-", |a, b| a - b, |a, b| a - b),
    ("*", |a, b| a * b, |a, b| a * b),
    ("/", |a, b| a / b, |a, b| a / b),
    ("%", |a, b| a % b, |a, b| a % b),
    ("-b", |_, b| -b, |_, b| -b),
    ("join", Doubles::join, |_, b| b),
];

const LONGS: &[Operator<i64, Longs>] = &[
    ("+", Longs::add, i64::wrapping_add),
    ("-", Longs::subtract, i64::wrapping_sub),
    ("*", Longs::multiply, i64::wrapping_mul),
    ("-b", |_, b| b.negate(), |_, b| b.wrapping_neg()),
    ("&", Longs::bit_and, |a, b| a & b),
    ("|", Longs::bit_or, |a, b| a | b),
    ("^", Longs::bit_xor, |a, b| a ^ b),
    ("<<", |a, b| a.shift_left(b, 63), |a, b| a.wrapping_shl(b as u32)),
    (">>", |a, b| a.shift_right(b, 63), |a, b| a.wrapping_shr(b as u32)),
    ("join", Longs::join, |_, b| b),
];

const COMPARED_DOUBLES: &[Comparison<f64, Doubles>] =
    &[("<", Doubles::less, f64::lt), ("<=", Doubles::less_or_equal, f64::le), ("=", Doubles::equal, f64::eq)];

const COMPARED_LONGS: &[Comparison<i64, Longs>] =
    &[("<", Longs::less, i64::lt), ("<=", Longs::less_or_equal, i64::le), ("=", Longs::equal, i64::eq)];

fn unsound_operator(random: &mut Random) -> Option<String> {
    let (a, b) = (random.interval(ValueType::F64).as_doubles(), random.interval(ValueType::F64).as_doubles());
    let (m, n) = (random.interval(ValueType::I64).as_longs(), random.interval(ValueType::I64).as_longs());
    for _ in 0..POINTS {
        let (Value::F64(x), Value::F64(y)) = (random.value(a.into()), random.value(b.into())) else { return None };
        let (Value::I64(i), Value::I64(j)) = (random.value(m.into()), random.value(n.into())) else { return None };
        for (name, bounds, value) in DOUBLES {
            let (bounds, value) = (bounds(a, b), value(x, y));
            if !bounds.contains(value) {
                return Some(format!("{x:?} {name} {y:?} = {value:?}, but {bounds:?} was said of {a:?} and {b:?}"));
            }
        }
        for (name, bounds, value) in LONGS {
            let (bounds, value) = (bounds(m, n), value(i, j));
            if !bounds.contains(value) {
                return Some(format!("{i} {name} {j} = {value}, but {bounds:?} was said of {m:?} and {n:?}"));
            }
        }
        for (name, bounds, holds) in COMPARED_DOUBLES {
            let (bounds, holds) = (bounds(a, b), holds(&x, &y));
            if !Value::Bool(holds).lies_in(bounds.into()) {
                return Some(format!("{x:?} {name} {y:?} is {holds}, but {bounds:?} was said of {a:?} and {b:?}"));
            }
        }
        for (name, bounds, holds) in COMPARED_LONGS {
            let (bounds, holds) = (bounds(m, n), holds(&i, &j));
            if !Value::Bool(holds).lies_in(bounds.into()) {
                return Some(format!("{i} {name} {j} is {holds}, but {bounds:?} was said of {m:?} and {n:?}"));
            }
        }
    }
    None
}

/// The bounds of a call of doubles.
fn of(name: &str, args: &[(f64, f64)]) -> Bounds {
    let args: Vec<_> = args.iter().map(|(lo, hi)| Interval::doubles(*lo, *hi)).collect();
    (function(name).unwrap().bounds)(&args)
}

#[test]
fn a_point_stays_a_point() {
    let mut random = Random(1);
    let mut wide = Vec::new();
    for f in all().filter(|f| f.args.iter().all(|ty| *ty == ValueType::F64) && f.result != ValueType::Str) {
        for _ in 0..200 {
            let args: Vec<f64> = f.args.iter().map(|_| random.unit() * 3.0).collect();
            let points: Vec<_> = args.iter().map(|x| Interval::doubles(*x, *x)).collect();
            let bounds = (f.bounds)(&points);
            let narrow = match bounds.value {
                Interval::F64 { lo, hi, .. } => hi <= lo || (hi - lo) / (hi.abs() + lo.abs()) < 1e-13,
                Interval::I64 { lo, hi } => lo == hi,
                Interval::Bool { no, yes } => no != yes,
                Interval::Str => false,
            };
            if !narrow {
                wide.push(format!("{}({args:?}) in {bounds:?}", f.name));
                break;
            }
        }
    }
    assert!(wide.is_empty(), "{}", wide.join("\n"));
}

#[test]
fn bounds_are_tight() {
    let from_berlin = |lat, lon| haversin_meters(lat, lon, 52.5, 13.4);
    let cases = [
        (of("log", &[(1.0, 1.0)]), 0.0, 0.0),
        (of("log", &[(1.0, 10.0)]), 0.0, std::f64::consts::LN_10),
        (of("exp", &[(0.0, 1.0)]), 1.0, std::f64::consts::E),
        (of("sqrt", &[(0.0, 9.0)]), 0.0, 3.0),
        (of("pow", &[(0.0, 3.0), (2.0, 2.0)]), 0.0, 9.0),
        (of("pow", &[(-3.0, 2.0), (2.0, 2.0)]), 0.0, 9.0),
        (of("sin", &[(0.0, 3.0)]), 0.0, 1.0),
        (of("cos", &[(-0.5, 0.5)]), 0.877_582_561, 1.0),
        (of("saturation", &[(0.0, 9.0), (1.0, 1.0)]), 0.0, 0.9),
        (of("decay_gauss", &[(1.0, 2.0), (1.0, 1.0), (0.5, 0.5)]), 0.062_5, 0.5),
        (of("decay_linear", &[(0.0, 9.0), (1.0, 1.0), (0.5, 0.5)]), 0.0, 1.0),
        (
            of("arc_distance", &[(48.0, 49.0), (2.0, 3.0), (52.5, 52.5), (13.4, 13.4)]),
            from_berlin(49.0, 3.0),
            from_berlin(48.0, 2.0),
        ),
    ];
    for (bounds, lo, hi) in cases {
        let Interval::F64 { lo: from, hi: to, nan: false } = bounds.value else { panic!("{bounds:?}") };
        let near = |a: f64, b: f64| (a - b).abs() <= 0.02 * b.abs();
        assert!(!bounds.fails && near(from, lo) && near(to, hi) && from <= lo + 1.0 && to >= hi - 1.0, "{bounds:?}");
    }
}
