//! Programs over small columns against what each form means.

mod bounding;
mod property;
mod random;
mod reference;
mod simplify;
mod table;
mod udf;
mod zone;

use std::sync::Arc;

use datafusion_expr::Operator;
use tantivy::columnar::{ColumnarReader, ColumnarWriter};

use super::compile::NOTHING_KNOWN;
use super::*;
use crate::exec::columns::{Column, Columns};
use crate::plan::expr::{
    ColumnPart, binary, boolean, case, coalesce, column, column_part, double, long, placeholder, require, score, string,
};
use crate::plan::function::batch::Batch;
use crate::plan::function::call;
use crate::plan::script::ValueType;
use crate::plan::value::Value;

/// `x`: doubles 1.5, none, (-2, 3); `n`: longs 7, 0, none.
fn columns() -> Columns {
    let mut writer = ColumnarWriter::default();
    for (doc, value) in [(0, 1.5), (2, -2.0), (2, 3.0)] {
        writer.record_numerical(doc, "x", value);
    }
    for (doc, value) in [(0, 7i64), (1, 0)] {
        writer.record_numerical(doc, "n", value);
    }
    let mut bytes = Vec::new();
    writer.serialize(3, None, &mut bytes).unwrap();
    let reader = ColumnarReader::open(bytes).unwrap();
    let columns = reader.iter_columns().unwrap();
    Columns::from_columns(columns.map(|(name, handle)| (name, Column::open(&handle, None).unwrap())))
}

fn run(expr: &datafusion_expr::Expr, ty: ValueType) -> Result<String, String> {
    let types = |path: &str| match path {
        "x" => Some(ValueType::F64),
        "n" => Some(ValueType::I64),
        _ => None,
    };
    let params = [("p".to_owned(), Value::F64(10.0))];
    let inputs = Inputs { index: "i", params: &params, columns: &types };
    let program = Program::compile(expr, ty, &inputs).map_err(|e| e.reason().to_owned())?;
    let mut machine = Machine::new(Arc::new(program), &columns()).unwrap();
    let rows = Rows { docs: &[0, 1, 2], doc_base: 100, scores: &[0.5, 1.0, 2.0], filters: &[] };
    match machine.run(&rows) {
        Ok(Batch::F64(v)) => Ok(format!("{v:?}")),
        Ok(Batch::I64(v)) => Ok(format!("{v:?}")),
        Ok(Batch::Bool(v)) => Ok(format!("{v:?}")),
        Ok(Batch::Str(v)) => Ok(format!("{:?}", (0..3).map(|row| v.get(row)).collect::<Vec<_>>())),
        Err(Failure::Row(e)) => Err(format!("row {} at {}: {}", e.row, e.site, e.elastic_type)),
        Err(Failure::Storage(e) | Failure::Udf { error: e, .. }) => Err(e.to_string()),
    }
}

#[test]
fn forms_mean_what_they_say() {
    let x = || coalesce(column("x"), double(0.0));
    let n = || coalesce(column("n"), long(-1));
    let cases = [
        (binary(score(), Operator::Multiply, placeholder("p")), ValueType::F64, "[5.0, 10.0, 20.0]"),
        (x(), ValueType::F64, "[1.5, 0.0, -2.0]"),
        (binary(x(), Operator::Plus, n()), ValueType::F64, "[8.5, 0.0, -3.0]"),
        (n(), ValueType::F64, "[7.0, 0.0, -1.0]"),
        (column_part("x", ColumnPart::Count), ValueType::I64, "[1, 0, 2]"),
        (coalesce(column_part("x", ColumnPart::Avg), double(9.0)), ValueType::F64, "[1.5, 9.0, 0.5]"),
        (coalesce(column("x"), coalesce(column("n"), long(5))), ValueType::F64, "[1.5, 0.0, -2.0]"),
        (column("_doc"), ValueType::I64, "[100, 101, 102]"),
        (require(column("_index"), 0), ValueType::Str, r#"["i", "i", "i"]"#),
        (column_part("_index", ColumnPart::Count), ValueType::I64, "[1, 1, 1]"),
        (call("value_contains", vec![column("_index"), string("i")]), ValueType::Bool, "[true, true, true]"),
        (call("value_contains", vec![column("x"), double(1.5)]), ValueType::Bool, "[true, false, false]"),
        (column("x").is_null(), ValueType::Bool, "[false, true, false]"),
        (binary(x(), Operator::Lt, double(1.0)), ValueType::Bool, "[false, true, true]"),
        (case(column("x").is_null(), double(-1.0), require(column("x"), 3)), ValueType::F64, "[1.5, -1.0, -2.0]"),
        (
            binary(
                column("x").is_not_null(),
                Operator::And,
                binary(require(column("x"), 3), Operator::Gt, double(0.0)),
            ),
            ValueType::Bool,
            "[true, false, false]",
        ),
        (case(boolean(true), long(1), long(2)), ValueType::I64, "[1, 1, 1]"),
        (coalesce(column("unmapped"), double(4.0)), ValueType::F64, "[4.0, 4.0, 4.0]"),
    ];
    for (expr, ty, expected) in cases {
        assert_eq!(run(&expr, ty).as_deref(), Ok(expected), "{expr}");
    }
}

#[test]
fn the_first_row_that_fails_is_told() {
    let both = binary(require(column("n"), 7), Operator::Plus, require(column("x"), 3));
    assert_eq!(run(&both, ValueType::F64).unwrap_err(), "row 1 at 3: illegal_state_exception");
    let guarded = case(column("x").is_not_null(), require(column("n"), 7), long(0));
    assert_eq!(run(&guarded, ValueType::I64).unwrap_err(), "row 2 at 7: illegal_state_exception");
}

#[test]
fn what_is_no_form_is_refused() {
    let cases = [
        (column("x"), "the kernels do not run column [x] where null has no meaning"),
        (placeholder("q"), "parameter [q] is not given"),
        (binary(long(1), Operator::Divide, long(0)), "the kernels do not run `/` on values of type long"),
        (column("x").like(string("a")), "the kernels do not run an expression of the form Like"),
    ];
    for (expr, reason) in cases {
        assert_eq!(run(&expr, ValueType::F64).unwrap_err(), reason);
    }
}

#[test]
fn depth_has_a_limit() {
    let chain = |n| (0..n).fold(score(), |sum, _| binary(sum, Operator::Plus, score()));
    assert_eq!(run(&chain(400), ValueType::F64).as_deref(), Ok("[200.5, 401.0, 802.0]"));
    assert_eq!(run(&chain(600), ValueType::F64).unwrap_err(), "an expression is more than 500 levels deep");
}
