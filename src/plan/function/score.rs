//! Helpers of scores: `ScoreScriptUtils` of OpenSearch, and the checks that a score passes.

use super::batch::{Batch, BatchMut, RowErrors, Scalar, constant, map_n, map2, strings};
use super::bounds::{double, failing, from_to};
use super::power::{pow, pow_bounds};
use super::score_bounds::{checked, decay_exp_bounds, decay_gauss_bounds, decay_linear_bounds, saturation};
use super::text::hash_code;
use super::{functions, wide};
use crate::plan::interval::Doubles;

functions! {
    /// value / (k + value): 0.5 where the value is k.
    saturation(F64, F64) -> F64, cost 1.0, "saturation(3.0, 1.0)" => "0.75", |args, out, _| map2(args, out, |value: f64, k: f64| value / (k + value)), |a| saturation(double(a, 0), double(a, 1)).into();
    /// value^a / (k^a + value^a): 0.5 where the value is k. Arguments: value, k, a.
    sigmoid(F64, F64, F64) -> F64, cost 40.0, "sigmoid(3.0, 1.0, 1.0)" => "0.75", |args, out, _| map_n(args, out, sigmoid), |a| { let n = double(a, 2); saturation(pow_bounds(double(a, 0), n), pow_bounds(double(a, 1), n)).into() };
    /// A bell curve: 1 at distance 0, `decay` at distance `scale`. Arguments: distance, scale, decay.
    decay_gauss(F64, F64, F64) -> F64, cost 8.0, "decay_gauss(0.0, 1.0, 0.5)" => "1.0", |args, out, _| exp_decay(args, out, gauss_slope, |d, slope| 0.5 * (d * d) / slope), |a| decay_gauss_bounds(double(a, 0), double(a, 1), double(a, 2)).into();
    /// An exponential curve: 1 at distance 0, `decay` at distance `scale`. Arguments: distance, scale, decay.
    decay_exp(F64, F64, F64) -> F64, cost 8.0, "decay_exp(0.0, 1.0, 0.5)" => "1.0", |args, out, _| exp_decay(args, out, |scale, decay| libm::log(decay) / scale, |d, slope| slope * d), |a| decay_exp_bounds(double(a, 0), double(a, 1), double(a, 2)).into();
    /// A straight line: 1 at distance 0, `decay` at distance `scale`, then down to 0. Arguments: distance, scale, decay.
    decay_linear(F64, F64, F64) -> F64, cost 2.0, "decay_linear(1.0, 1.0, 0.5)" => "0.5", |args, out, _| decay(args, out, |scale, decay| scale / (1.0 - decay), |d, zero| super::sign::max(0.0, (zero - d) / zero)), |a| decay_linear_bounds(double(a, 0), double(a, 1), double(a, 2)).into();
    /// A number of [0, 1) from a whole number (a document's) and a seed.
    random_score(I64, I64) -> F64, cost 2.0, "random_score(0, 0)" => "0.0", |args, out, _| map2(args, out, |n: i64, seed: i64| unit(mix32((n as u32) ^ (seed as u32)))), |_| Doubles::new(0.0, MOST_RANDOM).into();
    /// A seed salted by an index, named by the text, as its first shard salts it.
    salted_seed(I64, Str) -> I64, cost 0.0, "salted_seed(5, 'products')" => "2491973779", |args, out, _| salted_seed(args, out), |_| from_to(0, i64::from(u32::MAX));
    /// A number of [0, 1) from a text (a field's value) and a seed.
    random_score_text(Str, I64) -> F64, cost 20.0, "random_score_text('', 0)" => "0.0", |args, out, _| random_text(args, out), |_| Doubles::new(0.0, MOST_RANDOM).into();
    /// The first argument, where it is a score that `script_score` accepts: not negative, a number. Then the place.
    check_script_score(F64, I64) -> F64 or fails, cost 0.5, "check_script_score(1.0, 0)" => "1.0", |args, out, errors| check(args, out, errors, |x| x < 0.0 || (x as f32).is_nan(), |x| format!("script_score script returned an invalid score [{}]. Must be a non-negative score!", super::java_text::float(x as f32))), |a| checked(double(a, 0), false);
    /// The first argument, where it is a score that `function_score` accepts: not negative, a number. Then the place.
    check_function_score(F64, I64) -> F64 or fails, cost 0.5, "check_function_score(1.0, 0)" => "1.0", |args, out, errors| check(args, out, errors, |x| x < 0.0 || x.is_nan(), |x| format!("function score query returned an invalid score: {}", super::java_text::float(x as f32))), |a| checked(double(a, 0), false);
    /// The first argument, where it is no negative result of a script function of `function_score`. Then the place.
    check_script_function(F64, I64) -> F64 or fails, cost 0.5, "check_script_function(1.0, 0)" => "1.0", |args, out, errors| check(args, out, errors, |x| x < 0.0, |x| format!("script score function must not produce negative scores, but got: [{}]", super::java_text::double(x))), |a| checked(double(a, 0), true);
    /// The first argument, where it is no negative result of `field_value_factor`. Then the field's value, the modifier, the place.
    check_field_value_factor(F64, F64, Str, I64) -> F64 or fails, cost 0.5, "check_field_value_factor(1.0, 1.0, 'none', 0)" => "1.0", |args, out, errors| check_factor(args, out, errors), |a| checked(double(a, 0), true);
    /// Always fails: a field of `field_value_factor` has no value and there is no `missing`. Arguments: the field, the place.
    missing_factor(Str, I64) -> F64 or fails, cost 0.5, "missing_factor('f', 0)" => "fails: Missing value for field [f]", |args, out, errors| missing_factor(args, out, errors), |_| failing(Doubles::NONE.into());
}

fn sigmoid([value, k, a]: [f64; 3]) -> f64 {
    pow(value, a) / (pow(k, a) + pow(value, a))
}

fn gauss_slope(scale: f64, decay: f64) -> f64 {
    0.5 * (scale * scale) / libm::log(decay)
}

/// A decay curve that is e raised to something.
fn exp_decay(
    args: &[Batch<'_>],
    out: &mut BatchMut<'_>,
    slope: impl Fn(f64, f64) -> f64,
    exponent: impl Fn(f64, f64) -> f64,
) {
    decay(args, out, slope, exponent);
    wide::exp(f64::column_mut(out));
}

/// A decay curve. What depends on scale and decay alone is computed once where these are the same in all rows: as a rule.
fn decay(args: &[Batch<'_>], out: &mut BatchMut<'_>, slope: impl Fn(f64, f64) -> f64, curve: impl Fn(f64, f64) -> f64) {
    let [distances, scales, decays] = [0, 1, 2].map(|i| f64::column(&args[i]));
    let out = f64::column_mut(out);
    match (constant(scales), constant(decays)) {
        (Some(scale), Some(decay)) => {
            let slope = slope(scale, decay);
            out.iter_mut().zip(distances).for_each(|(out, distance)| *out = curve(*distance, slope));
        }
        _ => {
            for (row, out) in out.iter_mut().enumerate() {
                *out = curve(distances[row], slope(scales[row], decays[row]));
            }
        }
    }
}

/// All shards salt as the first: how an index is cut shall not matter.
fn salted_seed(args: &[Batch<'_>], out: &mut BatchMut<'_>) {
    let (seeds, names) = (i64::column(&args[0]), strings(&args[1]));
    for (row, out) in i64::column_mut(out).iter_mut().enumerate() {
        *out = i64::from(mix32(seeds[row] as u32 ^ ((hash_code(names.get(row)) as u32) << 10)));
    }
}

fn random_text(args: &[Batch<'_>], out: &mut BatchMut<'_>) {
    let (texts, seeds) = (strings(&args[0]), i64::column(&args[1]));
    for (row, out) in f64::column_mut(out).iter_mut().enumerate() {
        *out = unit(murmur3_32(texts.get(row).as_bytes(), seeds[row] as u32));
    }
}

/// The greatest number that [`unit`] gives.
const MOST_RANDOM: f64 = 0x00FF_FFFF as f64 / (1 << 24) as f64;

/// The low 24 bits as a number of [0, 1).
fn unit(hash: u32) -> f64 {
    f64::from(hash & 0x00FF_FFFF) / f64::from(1 << 24)
}

/// The finalizer of MurmurHash3 (`BitMixer.mix32`).
fn mix32(mut k: u32) -> u32 {
    k = (k ^ (k >> 16)).wrapping_mul(0x85EB_CA6B);
    k = (k ^ (k >> 13)).wrapping_mul(0xC2B2_AE35);
    k ^ (k >> 16)
}

/// MurmurHash3, 32 bits (`StringHelper.murmurhash3_x86_32`).
fn murmur3_32(data: &[u8], seed: u32) -> u32 {
    let scramble = |k: u32| k.wrapping_mul(0xCC9E_2D51).rotate_left(15).wrapping_mul(0x1B87_3593);
    let mut hash = seed;
    let (words, tail) = data.as_chunks::<4>();
    for word in words {
        hash = (hash ^ scramble(u32::from_le_bytes(*word))).rotate_left(13).wrapping_mul(5).wrapping_add(0xE654_6B64);
    }
    let tail = tail.iter().rev().fold(0, |k, byte| (k << 8) | u32::from(*byte));
    mix32(hash ^ scramble(tail) ^ data.len() as u32)
}

fn check(
    args: &[Batch<'_>],
    out: &mut BatchMut<'_>,
    errors: &mut RowErrors<'_>,
    wrong: impl Fn(f64) -> bool,
    reason: impl Fn(f64) -> String,
) {
    let (scores, sites) = (f64::column(&args[0]), i64::column(&args[1]));
    f64::column_mut(out).copy_from_slice(scores);
    // Mostly none is wrong, which is found out without a branch for each.
    if !scores.iter().fold(false, |any, score| any | wrong(*score)) {
        return;
    }
    for (row, score) in scores.iter().enumerate().filter(|(_, score)| wrong(**score)) {
        errors.raise(row, "illegal_argument_exception", sites[row] as usize, || reason(*score));
    }
}

fn check_factor(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>) {
    let (results, values) = (f64::column(&args[0]), f64::column(&args[1]));
    let (modifiers, sites) = (strings(&args[2]), i64::column(&args[3]));
    for (row, out) in f64::column_mut(out).iter_mut().enumerate() {
        *out = results[row];
        if results[row] < 0.0 {
            errors.raise(row, "illegal_argument_exception", sites[row] as usize, || {
                let modifier = modifiers.get(row);
                let hint = match modifier {
                    "ln" | "log" => format!(
                        "; consider using {modifier}1p or {modifier}2p instead of {modifier} to avoid negative scores"
                    ),
                    "ln1p" | "log1p" => {
                        let stem = modifier.trim_end_matches("1p");
                        format!("; consider using {stem}2p instead of {modifier} to avoid negative scores")
                    }
                    _ => String::new(),
                };
                format!(
                    "field value function must not produce negative scores, but got: [{}] for field value: [{}]{hint}",
                    super::java_text::double(results[row]),
                    super::java_text::double(values[row])
                )
            });
        }
    }
}

fn missing_factor(args: &[Batch<'_>], out: &mut BatchMut<'_>, errors: &mut RowErrors<'_>) {
    let (fields, sites) = (strings(&args[0]), i64::column(&args[1]));
    let rows = f64::column_mut(out).len();
    for (row, site) in sites.iter().enumerate().take(rows) {
        errors.raise(row, "exception", *site as usize, || format!("Missing value for field [{}]", fields.get(row)));
    }
}
