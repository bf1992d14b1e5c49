//! What programs are left with: of trees alone, and of what is known of a segment's columns.

use super::*;
use crate::exec::zones::{ColumnLanes, ColumnZone, Lanes};
use crate::plan::expr::to_double;
use crate::plan::interval::{Doubles, Interval, Longs};

/// A column of positive doubles, with one value in each document, and one of which some documents have none or many.
fn zones(path: &str) -> ColumnZone {
    let some = path == "x";
    ColumnZone {
        values: if some { Interval::doubles(1.0, 9.0) } else { Interval::longs(-5, 5) },
        longitudes: Doubles::NONE.into(),
        some: true,
        missing: !some,
        multi: !some,
    }
}

/// The operations of a program, in order.
fn operations(expr: &datafusion_expr::Expr, zones: &dyn Fn(&str) -> ColumnZone) -> String {
    let types = |path: &str| Some(if path == "x" { ValueType::F64 } else { ValueType::I64 });
    let inputs = Inputs { index: "i", params: &[], columns: &types };
    let program =
        Program::compile_known(expr, Some(ValueType::F64), &inputs, &Known { zones, ..Known::NOTHING }).unwrap();
    let names = program.steps.iter().map(|step| {
        let name = format!("{:?}", step.op).to_lowercase();
        name.split([' ', '(']).next().unwrap_or_default().to_owned()
    });
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn what_is_known_needs_no_operation() {
    let x = || require(column("x"), 0);
    let n = || require(column("n"), 0);
    let count = |path: &str| column_part(path, ColumnPart::Count);
    let missing = |path: &str| binary(count(path), Operator::Eq, long(0));
    let times = |a, b| binary(a, Operator::Multiply, b);
    let cases = [
        // A guard and what it guards.
        (times(score(), case(missing("n"), long(1), n())), "score load arithmetic", "score load arithmetic"),
        (
            case(binary(missing("n"), Operator::Or, binary(n(), Operator::Lt, long(2))), double(1.0), to_double(n())),
            "present not load compare or load select",
            "present not load compare or load select",
        ),
        (case(missing("n"), long(14), count("n")), "present load select todouble", "present load select todouble"),
        (x(), "load present check", "load"),
        (case(missing("x"), double(0.0), x()), "load", "load"),
        // Values of one kind.
        (coalesce(column_part("x", ColumnPart::Avg), double(0.0)), "load", "load"),
        (to_double(count("x")), "load todouble", ""),
        (
            case(binary(coalesce(column("x"), double(1.0)), Operator::GtEq, double(0.5)), score(), n()),
            "load compare score not skip load present check select",
            "score",
        ),
        (call("max", vec![coalesce(column("x"), double(1.0)), double(0.5)]), "load call", "load"),
        (call("abs", vec![n()]), "load present check call", "load present check call"),
        // The same bits for less.
        (binary(score(), Operator::Divide, double(4.0)), "score arithmetic", "score arithmetic"),
        (binary(score(), Operator::Divide, double(3.0)), "score arithmetic", "score arithmetic"),
        (call("pow", vec![score(), double(2.0)]), "score arithmetic", "score arithmetic"),
        (times(score(), double(1.0)), "score", "score"),
        (binary(score(), Operator::Plus, double(0.0)), "score arithmetic", "score arithmetic"),
    ];
    let unknown = |_: &str| NOTHING_KNOWN;
    let wrong = cases.into_iter().filter_map(|(expr, of_tree, of_segment)| {
        let found = (operations(&expr, &unknown), operations(&expr, &zones));
        (found != (of_tree.to_owned(), of_segment.to_owned())).then(|| format!("{expr}: {found:?}"))
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_guarded_value_cannot_fail() {
    let expr = case(column("n").is_null(), double(2.5), require(column("n"), 3));
    let types = |_: &str| Some(ValueType::I64);
    let program =
        Program::compile(&expr, ValueType::F64, &Inputs { index: "i", params: &[], columns: &types }).unwrap();
    let (columns, scores) = ([ColumnLanes::of(ValueType::I64, &[zones("n")])], Lanes::of(Doubles::ALL.into()));
    let docs = |_| Longs::new(0, 63);
    let zone = ZoneInputs { zones: 1, columns: &columns, scores: &scores, filters: &[], docs: &docs };
    let bounds = BoundsMachine::new(Arc::new(program)).run(&zone).zone(0);
    assert_eq!((bounds.value, bounds.fails), (Interval::doubles(-5.0, 5.0), false));
}
