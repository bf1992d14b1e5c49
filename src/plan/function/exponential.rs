//! Logarithms and exponential of many numbers at once: those of `libm`, bit for bit, in loops that vectorise.
//!
//! `libm` looks at each number's special cases first, so that one comes after the other. Here a few numbers are looked at
//! together: if all take the common way, as they nearly always do, they take it side by side; if not, `libm` itself gets
//! them. The operations of the common way and their order are those of `libm` (FreeBSD's `e_log.c`, `e_log10.c`, `s_log1p.c`
//! and `e_exp.c`, less than 1 ulp off), so it does not show which way a number took.

/// How many numbers are looked at together.
const LANES: usize = 32;

const LN2_HI: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
const LN2_LO: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);

/// 2^53: below, 1 more than a whole number is exact.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// 2^52: the bits of a number from here to its double count in ones.
pub(super) const ONES: f64 = 4_503_599_627_370_496.0;

/// Cuts the fraction off a number from 0 to 2^51, side by side with others: rounds at 2^52, and takes back what was
/// rounded up.
#[inline(always)]
pub(super) fn cut(x: f64) -> f64 {
    let rounded = (x + ONES) - ONES;
    if rounded > x { rounded - 1.0 } else { rounded }
}

/// Replaces numbers by their natural logarithms.
#[inline(always)]
pub(super) fn log(numbers: &mut [f64]) {
    side_by_side(numbers, is_normal, |x| Reduced::of(x).log(), libm::log);
}

/// Replaces numbers by their logarithms to base 10.
#[inline(always)]
pub(super) fn log10(numbers: &mut [f64]) {
    side_by_side(numbers, is_normal, |x| Reduced::of(x).log10(), libm::log10);
}

/// Replaces numbers by the natural logarithms of 1 more.
#[inline(always)]
pub(super) fn log1p(numbers: &mut [f64]) {
    side_by_side(numbers, |x| x.to_bits() < EXACT.to_bits(), log1p_of_positive, libm::log1p);
}

/// Whether a number is positive, and neither subnormal nor infinite.
#[inline(always)]
fn is_normal(x: f64) -> bool {
    (f64::MIN_POSITIVE..f64::INFINITY).contains(&x)
}

/// Replaces numbers by e raised to them.
#[inline(always)]
pub(super) fn exp(numbers: &mut [f64]) {
    side_by_side(numbers, |x| x.abs() <= 700.0, exp_of_moderate, libm::exp);
}

#[inline(always)]
fn side_by_side(
    numbers: &mut [f64],
    is_common: impl Fn(f64) -> bool,
    common: impl Fn(f64) -> f64,
    any: impl Fn(f64) -> f64,
) {
    for lanes in numbers.chunks_mut(LANES) {
        if lanes.iter().fold(true, |all, x| all & is_common(*x)) {
            lanes.iter_mut().for_each(|x| *x = common(*x));
        } else {
            lanes.iter_mut().for_each(|x| *x = any(*x));
        }
    }
}

/// A normal number as 2^k * (1 + f), with 1 + f between the roots of a half and of two.
struct Reduced {
    k: f64,
    f: f64,
    half_square: f64,
    /// log(1 + f) is f - half_square + rest.
    rest: f64,
}

impl Reduced {
    #[inline(always)]
    fn of(x: f64) -> Self {
        /// The high word of the square root of a half.
        const ROOT: u64 = 0x3FE6_A09E << 32;
        const MANTISSA: u64 = (1 << 52) - 1;

        let bits = x.to_bits() + ((0x3FF0_0000 << 32) - ROOT);
        let k = f64::from_bits(ONES.to_bits() | (bits >> 52)) - (ONES + 1023.0);
        Self::with(k, f64::from_bits((bits & MANTISSA) + ROOT) - 1.0)
    }

    #[inline(always)]
    fn with(k: f64, f: f64) -> Self {
        const L1: f64 = f64::from_bits(0x3FE5_5555_5555_5593);
        const L2: f64 = f64::from_bits(0x3FD9_9999_9997_FA04);
        const L3: f64 = f64::from_bits(0x3FD2_4924_9422_9359);
        const L4: f64 = f64::from_bits(0x3FCC_71C5_1D8E_78AF);
        const L5: f64 = f64::from_bits(0x3FC7_4664_96CB_03DE);
        const L6: f64 = f64::from_bits(0x3FC3_9A09_D078_C69F);
        const L7: f64 = f64::from_bits(0x3FC2_F112_DF3E_5244);
        let half_square = 0.5 * f * f;
        let s = f / (2.0 + f);
        let z = s * s;
        let w = z * z;
        let even = w * (L2 + w * (L4 + w * L6));
        let odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
        Self { k, f, half_square, rest: s * (half_square + (odd + even)) }
    }

    #[inline(always)]
    fn log(&self) -> f64 {
        self.rest + self.k * LN2_LO - self.half_square + self.f + self.k * LN2_HI
    }

    #[inline(always)]
    fn log10(&self) -> f64 {
        const INVERSE_LN10_HI: f64 = f64::from_bits(0x3FDB_CB7B_1520_0000);
        const INVERSE_LN10_LO: f64 = f64::from_bits(0x3DBB_9438_CA9A_ADD5);
        const LOG10_2_HI: f64 = f64::from_bits(0x3FD3_4413_509F_6000);
        const LOG10_2_LO: f64 = f64::from_bits(0x3D59_FEF3_11F1_2B36);

        // The high part has few enough bits for an exact product.
        let hi = f64::from_bits((self.f - self.half_square).to_bits() & (u64::MAX << 32));
        let lo = self.f - hi - self.half_square + self.rest;
        let product = hi * INVERSE_LN10_HI;
        let power = self.k * LOG10_2_HI;
        let sum = power + product;
        let less = self.k * LOG10_2_LO + (lo + hi) * INVERSE_LN10_LO + lo * INVERSE_LN10_HI;
        less + ((power - sum) + product) + sum
    }
}

/// `libm::log1p` of a number from 0 to [`EXACT`].
#[inline(always)]
fn log1p_of_positive(x: f64) -> f64 {
    /// Below the number with this high word, the root of two less 1, nothing is taken off.
    const SMALL: u64 = 0x3FDA_827A << 32;

    let sum = 1.0 + x;
    let reduced = Reduced::of(sum);
    // What the sum has lost.
    let lost = if reduced.k >= 2.0 { 1.0 - (sum - x) } else { x - (sum - 1.0) };
    let is_small = x.to_bits() < SMALL;
    let (k, f, lost) = if is_small { (0.0, x, 0.0) } else { (reduced.k, reduced.f, lost / sum) };
    let Reduced { half_square, rest, .. } = Reduced::with(k, f);
    rest + (k * LN2_LO + lost) - half_square + f + k * LN2_HI
}

/// `libm::exp` of a number whose result is far from the largest and the smallest.
#[inline(always)]
fn exp_of_moderate(x: f64) -> f64 {
    const P1: f64 = f64::from_bits(0x3FC5_5555_5555_553E);
    const P2: f64 = f64::from_bits(0xBF66_C16C_16BE_BD93);
    const P3: f64 = f64::from_bits(0x3F11_566A_AF25_DE2C);
    const P4: f64 = f64::from_bits(0xBEBB_BD41_C5D2_6BF1);
    const P5: f64 = f64::from_bits(0x3E66_3769_72BE_A4D0);
    const INVERSE_LN2: f64 = f64::from_bits(0x3FF7_1547_652B_82FE);
    /// From here on, a multiple of ln 2 is taken off.
    const REDUCED: f64 = f64::from_bits(0x3FD6_2E43 << 32);
    /// Below, e^x is 1 + x.
    const TINY: f64 = f64::from_bits(0x3E30_0001 << 32);

    // x = k * ln 2 + r.
    let multiple = cut((INVERSE_LN2 * x + 0.5_f64.copysign(x)).abs());
    let k = if x.abs() < REDUCED { 0.0 } else { multiple.copysign(x) };
    let hi = x - k * LN2_HI;
    let lo = k * LN2_LO;
    let r = hi - lo;
    let square = r * r;
    let c = r - square * (P1 + square * (P2 + square * (P3 + square * (P4 + square * P5))));
    let less_one = if x.abs() < TINY { x } else { r * c / (2.0 - c) - lo + hi };
    let power = f64::from_bits((k + (ONES + 1023.0)).to_bits() << 52);
    (1.0 + less_one) * power
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers of every size and sign, dense where the ways part.
    fn numbers() -> Vec<f64> {
        let specials =
            [0.0, -0.0, 1.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 5e-324, f64::MIN_POSITIVE, f64::MAX];
        let mut numbers = specials.to_vec();
        for edge in [
            0x3FD6_2E42,
            0x3FD6_2E43,
            0x3FDA_8279,
            0x3FDA_827A,
            0x433F_FFFF,
            0x4340_0000,
            0x3FF0_A2B2,
            0x3E30_0000,
            0x3E30_0001,
            0x3FF0_0000,
            0x3FE6_A09E,
            0x3FF6_A09E,
        ] {
            let edge = edge << 32;
            numbers.extend((edge - 300..edge + 300).map(f64::from_bits));
        }
        // All exponents, mantissas from a congruential generator.
        let mut random: u64 = 1;
        for _ in 0..200_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            numbers.push(f64::from_bits(random >> 1));
            numbers.push((random >> 11) as f64 / (1_u64 << 53) as f64 * 1500.0 - 750.0);
        }
        for i in 1..2000 {
            let tie = (f64::from(i) - 0.5) * std::f64::consts::LN_2;
            numbers.extend([tie.next_down(), tie, tie.next_up()]);
        }
        let negative: Vec<_> = numbers.iter().map(|x| -x).collect();
        numbers.extend(negative);
        numbers
    }

    fn same(all: fn(&mut [f64]), one: fn(f64) -> f64) {
        for x in numbers() {
            // Alone, so that a neighbour does not decide its way.
            let mut found = [x];
            all(&mut found);
            let expected = one(x);
            assert!(found[0].to_bits() == expected.to_bits() || found[0].is_nan() && expected.is_nan(), "{x:e}");
        }
    }

    #[test]
    fn bits_are_those_of_libm() {
        same(log, libm::log);
        same(log10, libm::log10);
        same(log1p, libm::log1p);
        same(exp, libm::exp);
    }
}
