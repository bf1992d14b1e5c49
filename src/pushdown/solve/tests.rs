//! Solutions are compared with the predicate itself: at every boundary, one key beside it, and at random values.

use std::ops::Bound;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::dsl::mapping::read_mapping;
use crate::plan::mapping::Mapping;
use crate::plan::script::scope::ScriptScope;
use crate::plan::script::{ScriptContext, ScriptSource, compile};

fn mapping() -> Mapping {
    let body = json!({"properties": {
        "long": {"type": "long"}, "integer": {"type": "integer"}, "byte": {"type": "byte"},
        "unsigned": {"type": "unsigned_long"}, "double": {"type": "double"}, "float": {"type": "float"},
        "half": {"type": "half_float"}, "scaled": {"type": "scaled_float", "scaling_factor": 100.0},
        "date": {"type": "date"}, "flag": {"type": "boolean"}, "tag": {"type": "keyword"},
    }});
    read_mapping(&body).unwrap()
}

/// The tree of a source; none of what Painless does not compute with such fields.
fn tree(source: &str, params: &[(String, Value)], mapping: &Mapping) -> Option<Expr> {
    let source = ScriptSource { lang: "painless".into(), source: source.into(), params: params.to_vec() };
    Some(compile(&source, ScriptContext::Filter, ScriptScope::without_udfs(mapping)).ok()?.expr)
}

/// Predicates over `{x}`, the value of the field `{f}`, with parameters `a` and `b`.
const NUMERIC: &[&str] = &[
    "{x} > params.a",
    "{x} * 1.2 > params.a",
    "{x} * params.a <= params.b",
    "{x} / params.a < params.b",
    "params.a / {x} > params.b",
    "params.a - {x} >= params.b",
    "{x} * 3 > params.a",
    "{x} * {x} < params.a",
    "params.a < {x} && {x} < params.b",
    "{x} < params.a || {x} > params.b",
    "!({x} + 1 > params.a)",
    "{x} == params.a",
    "{x} != params.a",
    "{x} > 0 ? {x} < params.a : {x} > params.b",
    "({x} + params.a) * ({x} - params.b) > 0",
    "Math.sqrt({x}) > params.a",
    "Math.abs({x} - params.a) <= params.b",
    "Math.max({x}, params.a) < params.b",
    "Math.floor({x} / 10.0) == 3",
    "Math.exp({x} / 100) > params.b",
    "Math.log({x}) < params.a",
    "{x} % 7 > params.a",
    "doc['{f}'].size() == 0 || {x} > params.a",
    "doc['{f}'].size() > 0 && {x} > params.a",
    "(doc['{f}'].empty ? params.a : {x}) > params.b",
];

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![
        (-200..200i64).prop_map(Value::I64),
        (-2000..2000i64).prop_map(|v| Value::F64(v as f64 / 8.0)),
        any::<f64>().prop_filter("NaN", |v| !v.is_nan()).prop_map(Value::F64),
        (-1e6..1e6f64).prop_map(Value::F64),
        any::<i64>().prop_map(Value::I64),
        prop::sample::select(&[0.0, -0.0, f64::MAX, f64::MIN_POSITIVE, 5e-324, 1e300][..]).prop_map(Value::F64),
    ]
}

/// Whether a range of a solution holds a key.
fn contains(domain: Domain, range: &ValueRange, key: u64) -> bool {
    let all = domain.keys();
    let at = |bound: &Bound<Value>, end| match bound {
        Bound::Included(value) => domain.key(value),
        _ => end,
    };
    (at(&range.lower, all.first)..=at(&range.upper, all.last)).contains(&key)
}

fn check(source: &str, field: &str, a: Value, b: Value, keys: &[u64], mapping: &Mapping) -> Option<Solution> {
    let params = vec![("a".to_owned(), a), ("b".to_owned(), b)];
    let source = source.replace("{x}", "doc['{f}'].value").replace("{f}", field);
    let expr = tree(&source, &params, mapping)?;
    let solution = solve(&expr, field, &params, mapping)?;
    let domain = Domain::of(mapping.field(field).unwrap()).unwrap();
    let predicate = Predicate::new(&expr, &params, domain).unwrap();
    let all = domain.keys();
    let mut asked: Vec<u64> = keys.iter().map(|key| all.first + key % (all.last - all.first).max(1)).collect();
    for range in solution.holds.iter().chain(&solution.open) {
        for bound in [&range.lower, &range.upper] {
            if let Bound::Included(value) = bound {
                let key = domain.key(value);
                asked.extend([key.saturating_sub(1).max(all.first), key, key.saturating_add(1).min(all.last)]);
            }
        }
    }
    for key in asked {
        let is = |ranges: &[ValueRange]| ranges.iter().any(|range| contains(domain, range, key));
        let answer = predicate.ask(Some(&domain.loaded(key)));
        match (is(&solution.holds), is(&solution.open)) {
            (_, true) => {}
            (true, false) => {
                assert_eq!(answer, Answer::Yes, "{source} {params:?} {:?} {solution:?}", domain.loaded(key));
            }
            (false, false) => {
                assert_eq!(answer, Answer::No, "{source} {params:?} {:?} {solution:?}", domain.loaded(key));
            }
        }
    }
    Some(solution)
}

proptest! {
    #[test]
    fn solutions_are_right_to_the_last_bit(
        source in prop::sample::select(NUMERIC),
        field in prop::sample::select(&["long", "integer", "byte", "unsigned", "double", "float", "half", "scaled"][..]),
        a in number(),
        b in number(),
        keys in prop::collection::vec(any::<u64>(), 40),
    ) {
        check(source, field, a, b, &keys, &mapping());
    }
}

#[test]
fn predicates_are_solved() {
    let mapping = mapping();
    let (a, b) = (Value::F64(30.0), Value::F64(50.0));
    let solved = |source: &str, field: &str| check(source, field, a.clone(), b.clone(), &[1, 1 << 40], &mapping);
    // Whatever is piecewise monotone is solved without a rest.
    for source in &NUMERIC[..18] {
        for field in ["integer", "double", "scaled"] {
            let solution = solved(source, field).unwrap_or_else(|| panic!("{source} over {field}"));
            assert!(solution.open.is_empty(), "{source} over {field}: {solution:?}");
        }
    }
    // A logarithm is not rounded exactly: around the boundary the script is asked, and nowhere else.
    let solution = solved("Math.log({x}) < params.a", "double").unwrap();
    assert!(solution.open.len() <= 1, "{solution:?}");
    // A long wraps around far away: there the script is asked.
    let solution = solved("{x} * 3 > params.a", "long").unwrap();
    assert!(!solution.open.is_empty() && solution.open.len() <= 2, "{solution:?}");
    // What says nothing of a range is not solved.
    assert_eq!(solved("{x} % 7 > 3", "double"), None);
}

#[test]
fn missing_values_are_what_the_script_says() {
    let mapping = mapping();
    let missing = |source: &str| {
        let solution = check(source, "integer", Value::F64(30.0), Value::F64(20.0), &[], &mapping);
        solution.unwrap_or_else(|| panic!("{source}")).missing
    };
    assert_eq!(missing("{x} > params.a"), Answer::Open);
    assert_eq!(missing("doc['{f}'].size() == 0 || {x} > params.a"), Answer::Yes);
    assert_eq!(missing("doc['{f}'].size() > 0 && {x} > params.a"), Answer::No);
    assert_eq!(missing("(doc['{f}'].empty ? params.a : {x}) > params.b"), Answer::Yes);
}
