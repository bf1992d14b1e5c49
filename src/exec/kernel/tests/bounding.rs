//! Random trees over random documents: what bounds them is never below, or never above, what they give.

use std::cell::Cell;
use std::sync::Arc;

use proptest::prelude::{ProptestConfig, any, prop_assert};
use proptest::test_runner::TestRunner;

use super::property::columns;
use super::random::{Choices, FIELDS};
use super::reference::{Row, Val, eval};
use super::zone::Zone;
use super::*;
use crate::exec::columns::{CLASSES, ClassValues, Cursor};
use crate::plan::interval::Doubles;

const DOCS: u32 = 40;

/// A document whose numbers are no extremes: of those, too much is possible to be bounded.
fn moderate(mut row: Row) -> Row {
    for value in row.fields.values_mut().flatten() {
        *value = match value {
            Val::F64(v) if v.is_finite() => Val::F64(v.abs() % 100.0),
            Val::F64(_) => Val::F64(9.5),
            Val::I64(v) => Val::I64((*v % 1000).abs()),
            Val::Bool(_) | Val::Str(_) => continue,
        };
    }
    for values in row.fields.values_mut() {
        values.sort_by(|a, b| match (a, b) {
            (Val::F64(a), Val::F64(b)) => a.total_cmp(b),
            (Val::I64(a), Val::I64(b)) => a.cmp(b),
            _ => std::cmp::Ordering::Equal,
        });
    }
    row
}

/// What is known of each class of a column.
fn classes(columns: &Columns, path: &str, rows: &[Row]) -> Option<ClassZones> {
    let column = columns.column(path).unwrap();
    let docs: Vec<u32> = (0..DOCS).collect();
    // Read often enough to be unpacked.
    for _ in 0..2 {
        let mut cursor = Cursor::new(Arc::clone(&column));
        cursor.present(&docs, &mut [false; DOCS as usize]);
    }
    let classes = column.classes(ClassValues::Numbers)?;
    let mut numbers = [0.0; DOCS as usize];
    let mut table = [0.0; CLASSES];
    table.iter_mut().enumerate().for_each(|(class, number)| *number = class as f64);
    Cursor::new(Arc::clone(&column)).bounds(&docs, &table, &mut numbers);
    let zone = |class: usize| {
        let docs: Vec<u32> = docs.iter().copied().filter(|doc| numbers[*doc as usize] == class as f64).collect();
        (!docs.is_empty()).then(|| Zone::column(path, &docs, rows))
    };
    Some((0..classes.classes().len()).map(zone).collect())
}

#[test]
fn bounds_are_never_on_the_wrong_side() {
    let mut runner = TestRunner::new(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() });
    let numbers = |most| proptest::collection::vec(any::<u16>(), 0..most);
    let bounded = Cell::new(0);
    let result = runner.run(&(numbers(600), numbers(80)), |(values, choices)| {
        let (mut values, mut choices) = (Choices::new(&values), Choices::new(&choices));
        let rows: Vec<Row> = (0..DOCS).map(|doc| moderate(values.row(doc))).collect();
        let expr = choices.tree(ValueType::F64, 4);
        let types = |path: &str| FIELDS.iter().find(|(name, _)| *name == path).map(|(_, ty)| *ty);
        let params = [("p".to_owned(), Value::F64(2.5))];
        let inputs = Inputs { index: "i", params: &params, columns: &types };
        let columns = columns(&rows);
        let every: Vec<u32> = (0..DOCS).collect();
        let known = Grounds {
            segment: &|path| Zone::column(path, &every, &rows),
            classes: &|path| classes(&columns, path, &rows),
            scores: Doubles::new(0.0, 1e12),
        };
        let scores: Vec<f32> = rows.iter().map(|row| row.score).collect();
        for side in [Side::Upper, Side::Lower] {
            let Some((bound, _)) = Program::bound_and_exact(&expr, &inputs, known, (side, false)).unwrap() else {
                continue;
            };
            bounded.set(bounded.get() + 1);
            let mut machine = Machine::new(Arc::new(bound), &columns).unwrap();
            let batch = Rows { docs: &every, doc_base: 0, scores: &scores, filters: &[] };
            let Ok(Batch::F64(bounds)) = machine.run(&batch) else { panic!("a bound cannot fail: {expr}") };
            let params = [("p".to_owned(), Val::F64(2.5))].into();
            for (row, bound) in rows.iter().zip(bounds) {
                let Ok(Val::F64(value)) = eval(&expr, row, &params) else {
                    panic!("what is bounded cannot fail: {expr}")
                };
                let is_right = if side == Side::Upper { *bound >= value } else { *bound <= value };
                prop_assert!(!value.is_nan() && (is_right || bound.is_nan()), "{side:?} {bound} of {value}: {expr}");
            }
        }
        Ok(())
    });
    if let Err(e) = result {
        panic!("{e}");
    }
    assert!(bounded.get() > 0, "nothing was bounded");
}
