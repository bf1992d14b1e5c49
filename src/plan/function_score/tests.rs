//! Modes and functions as trees.

use super::*;
use crate::plan::mapping::Mapping;
use crate::plan::value::Value;

fn weight(weight: f32, filter: Option<usize>) -> WeightedFunction {
    WeightedFunction { function: Function::One, weight: Some(weight), filter }
}

/// The tree as text, without the names of literals' types, and without the check around it.
fn tree(functions: Vec<WeightedFunction>, score_mode: ScoreMode, boost_mode: BoostMode) -> String {
    let score = FunctionScore { functions, score_mode, boost_mode, max_boost: 42.0 };
    let script = score.compile(ScriptScope::without_udfs(&Mapping::default()), "query.function_score").unwrap();
    let text = script.expr.to_string().replace("Float64(", "(").replace("CASE WHEN", "IF");
    let text = text.strip_prefix("check_function_score(to_f32(").unwrap();
    text.split("), Int64").next().unwrap().to_owned()
}

#[test]
fn score_modes() {
    let one = || vec![weight(2.0, None)];
    let filtered = || vec![weight(2.0, Some(0)), weight(0.5, Some(1))];
    let free = || vec![weight(2.0, None), weight(0.5, None)];
    let (first, second) = ("IF _filter.0 THEN (2) ELSE", "IF _filter.1 THEN (0.5) ELSE");
    let any = "IF _filter.0 OR _filter.1 THEN";
    let total = format!("{first} (0) END + {second} (0) END");
    for (functions, mode, expected) in [
        (one(), ScoreMode::Avg, "(2)".to_owned()),
        (filtered(), ScoreMode::First, format!("{first} {second} (1) END END")),
        (free(), ScoreMode::First, "(2)".to_owned()),
        (filtered(), ScoreMode::Multiply, format!("{first} (1) END * {second} (1) END")),
        (filtered(), ScoreMode::Max, format!("{any} max({first} (-0) END, {second} (-0) END) ELSE (1) END")),
        (filtered(), ScoreMode::Min, format!("{any} min({first} (inf) END, {second} (inf) END) ELSE (1) END")),
        (free(), ScoreMode::Max, "max((2), (0.5))".to_owned()),
        (filtered(), ScoreMode::Sum, format!("IF {total} != (0) THEN {total} ELSE (1) END")),
        (filtered(), ScoreMode::Avg, format!("IF {total} != (0) THEN ({total}) / max({total}, (0.5)) ELSE (1) END")),
        (free(), ScoreMode::Avg, "((2) + (0.5)) / (2.5)".to_owned()),
        (vec![weight(0.0, None), weight(0.0, None)], ScoreMode::Sum, "(1)".to_owned()),
    ] {
        assert_eq!(tree(functions, mode, BoostMode::Replace), format!("min({expected}, (42))"), "{mode:?}");
    }
}

#[test]
fn boost_modes() {
    for (mode, expected) in [
        (BoostMode::Multiply, "_score * min((2), (42))"),
        (BoostMode::Replace, "min((2), (42))"),
        (BoostMode::Sum, "_score + min((2), (42))"),
        (BoostMode::Avg, "(min((2), (42)) + _score) / (2)"),
        (BoostMode::Max, "max(_score, min((2), (42)))"),
        (BoostMode::Min, "min(_score, min((2), (42)))"),
    ] {
        assert_eq!(tree(vec![weight(2.0, None)], ScoreMode::Multiply, mode), expected);
    }
}

#[test]
fn no_function_is_the_inner_score() {
    let score = FunctionScore {
        functions: Vec::new(),
        score_mode: ScoreMode::Multiply,
        boost_mode: BoostMode::Replace,
        max_boost: f32::MAX,
    };
    assert_eq!(
        score.compile(ScriptScope::without_udfs(&Mapping::default()), "query").unwrap().expr,
        crate::plan::expr::score()
    );
}

#[test]
fn the_listing_names_filters_weights_and_parameters() {
    let source = ScriptSource {
        lang: "expression".into(),
        source: "_score * k".into(),
        params: vec![("k".into(), Value::F64(2.0))],
    };
    let functions = vec![
        weight(2.0, Some(0)),
        WeightedFunction { function: Function::Script(source, "place".into()), weight: Some(0.5), filter: Some(1) },
        WeightedFunction { function: Function::Random(Random { seed: 7, column: None }), weight: None, filter: None },
    ];
    let score = FunctionScore { functions, score_mode: ScoreMode::Sum, boost_mode: BoostMode::Replace, max_boost: 9.0 };
    let script = score.compile(ScriptScope::without_udfs(&Mapping::default()), "place").unwrap();
    assert_eq!(
        script.source.source,
        "if filter 0: 2 * 1\nif filter 1: 0.5 * script_score expression: _score * k\nrandom_score seed 7\n\
         score_mode sum boost_mode replace max_boost 9"
    );
    assert_eq!(script.source.params, [("f1_k".into(), Value::F64(2.0))]);
    assert!(script.expr.to_string().contains("_score * $f1_k"), "{}", script.expr);
}
