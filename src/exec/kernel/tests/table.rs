//! Tables: an entry for each value of a column, and the tree itself where there is none.

use tantivy::columnar::{ColumnarReader, ColumnarWriter};

use super::*;
use crate::exec::kernel::program::Op;
use crate::plan::expr::{tabulated, to_double};

/// `s`: `abc`, none, `x`, `abc`, (`de`, `x`), `x`.
fn columns() -> Columns {
    let mut writer = ColumnarWriter::default();
    for (doc, value) in [(0, "abc"), (2, "x"), (3, "abc"), (4, "de"), (4, "x"), (5, "x")] {
        writer.record_str(doc, "s", value);
    }
    let mut bytes = Vec::new();
    writer.serialize(6, None, &mut bytes).unwrap();
    let reader = ColumnarReader::open(bytes).unwrap();
    let columns = reader.iter_columns().unwrap();
    Columns::from_columns(columns.map(|(name, handle)| (name, Column::open(&handle, None).unwrap())))
}

fn inputs() -> Inputs<'static> {
    Inputs { index: "i", params: &[], columns: &|_| Some(ValueType::Str) }
}

fn table(tree: &datafusion_expr::Expr) -> Arc<Table> {
    let program = Arc::new(Program::compile_known(tree, None, &inputs(), &Known::NOTHING).unwrap());
    Arc::new(Table::new(&program, &columns().column("s").unwrap()).unwrap().unwrap())
}

/// How many functions are still called where parts of a tree have tables, and its values or the first row that fails.
fn run(expr: &datafusion_expr::Expr, docs: &[u32]) -> (usize, String) {
    let known = Known { tables: &|tree| Ok(Some(table(tree))), ..Known::NOTHING };
    let program = Program::compile_known(expr, Some(ValueType::F64), &inputs(), &known).unwrap();
    let calls = program.steps.iter().filter(|step| matches!(step.op, Op::Call(_))).count();
    let mut machine = Machine::new(Arc::new(program), &columns()).unwrap();
    let scores = vec![2.0; docs.len()];
    let found = match machine.run(&Rows { docs, doc_base: 0, scores: &scores, filters: &[] }) {
        Ok(Batch::F64(values)) => format!("{values:?}"),
        Ok(_) => panic!("a double was asked for"),
        Err(Failure::Row(error)) => format!("row {}: {}", error.row, error.elastic_type),
        Err(Failure::Storage(error) | Failure::Udf { error, .. }) => error.to_string(),
    };
    (calls, found)
}

#[test]
fn entries_stand_for_the_tree() {
    let s = || require(column("s"), 7);
    let length = |text| call("length", vec![text]);
    let times_score = |tree| binary(score(), Operator::Multiply, to_double(tabulated(tree)));
    let guarded = case(column("s").is_null(), long(9), length(s()));
    // The second unit fails for `x`.
    let second = || call("char_at", vec![s(), long(1), long(3)]);
    let all = &[0, 1, 2, 3, 4, 5];
    let cases: [(_, &[u32], usize, &str); 6] = [
        (times_score(guarded), all, 0, "[6.0, 18.0, 2.0, 6.0, 4.0, 2.0]"),
        (times_score(length(s())), &[0, 2, 4], 0, "[6.0, 2.0, 4.0]"),
        (times_score(length(s())), all, 0, "row 1: illegal_state_exception"),
        (times_score(second()), &[0, 3, 4], 1, "[196.0, 196.0, 202.0]"),
        (times_score(second()), all, 1, "row 1: illegal_state_exception"),
        (times_score(case(column("s").is_null(), long(1), second())), &[0, 1, 3], 1, "[196.0, 2.0, 196.0]"),
    ];
    for (expr, docs, calls, expected) in cases {
        let (found_calls, found) = run(&expr, docs);
        assert_eq!((found.as_str(), found_calls), (expected, calls), "{expr}");
    }
}

#[test]
fn entries_bound_the_table() {
    let s = || require(column("s"), 7);
    let known = table(&call("length", vec![s()]));
    assert_eq!((known.bounds(), known.is_open()), (crate::plan::interval::Interval::longs(1, 3), false));
    let known = table(&call("char_at", vec![s(), long(1), long(3)]));
    assert_eq!((known.bounds(), known.is_open()), (crate::plan::interval::Interval::longs(98, 101), true));
    // What reads more than a column's first values has no table.
    for tree in [column_part("s", ColumnPart::Count), binary(score(), Operator::Plus, double(1.0)), column("_doc")] {
        let program = Arc::new(Program::compile_known(&tree, None, &inputs(), &Known::NOTHING).unwrap());
        assert!(Table::new(&program, &columns().column("s").unwrap()).unwrap().is_none(), "{tree}");
    }
}
