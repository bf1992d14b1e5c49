//! Random trees over random documents: the kernels give what the reference gives, bit for bit, errors included.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion_expr::Expr;
use proptest::prelude::{ProptestConfig, any, prop_assert, prop_assert_eq, proptest};
use tantivy::columnar::{ColumnarReader, ColumnarWriter};

use super::random::{Choices, FIELDS};
use super::reference::{Failed, Row, Val, eval};
use super::zone::Zone;
use super::*;
use crate::exec::columns::Cursor;
use crate::plan::expr::{reads_first_values, tabulated};
use crate::plan::walk::{each_operand_mut, only_column, take};

const DOCS: u32 = 40;

pub(super) fn columns(rows: &[Row]) -> Columns {
    let mut writer = ColumnarWriter::default();
    for (doc, row) in rows.iter().enumerate() {
        for (name, values) in &row.fields {
            for value in values {
                match value {
                    Val::F64(v) => writer.record_numerical(doc as u32, name, *v),
                    Val::I64(v) => writer.record_numerical(doc as u32, name, *v),
                    Val::Bool(v) => writer.record_bool(doc as u32, name, *v),
                    Val::Str(v) => writer.record_str(doc as u32, name, v),
                }
            }
        }
    }
    let mut bytes = Vec::new();
    writer.serialize(rows.len() as u32, None, &mut bytes).unwrap();
    let reader = ColumnarReader::open(bytes).unwrap();
    let columns = reader.iter_columns().unwrap();
    Columns::from_columns(columns.map(|(name, handle)| (name, Column::open(&handle, None).unwrap())))
}

/// The kernel's values, or the first row that fails and how.
fn kernel(machine: &mut Machine, docs: &[u32], rows: &[Row]) -> Result<Vec<Val>, (usize, Failed)> {
    let scores: Vec<f32> = docs.iter().map(|doc| rows[*doc as usize].score).collect();
    let filter: Vec<bool> = docs.iter().map(|doc| rows[*doc as usize].filter).collect();
    let batch = Rows { docs, doc_base: 0, scores: &scores, filters: &[&filter] };
    match machine.run(&batch) {
        Ok(Batch::F64(v)) => Ok(v.iter().map(|v| Val::F64(*v)).collect()),
        Ok(Batch::I64(v)) => Ok(v.iter().map(|v| Val::I64(*v)).collect()),
        Ok(Batch::Bool(v)) => Ok(v.iter().map(|v| Val::Bool(*v)).collect()),
        Ok(Batch::Str(v)) => Ok((0..docs.len()).map(|row| Val::Str(v.get(row).to_owned())).collect()),
        Err(Failure::Row(e)) => Err((e.row, (e.elastic_type, e.site))),
        Err(Failure::Storage(e) | Failure::Udf { error: e, .. }) => panic!("{e}"),
    }
}

fn reference(expr: &Expr, docs: &[u32], rows: &[Row]) -> Result<Vec<Val>, (usize, Failed)> {
    let params = HashMap::from([("p".to_owned(), Val::F64(2.5))]);
    docs.iter()
        .enumerate()
        .map(|(row, doc)| eval(expr, &rows[*doc as usize], &params).map_err(|failed| (row, failed)))
        .collect()
}

/// A tree in which all is marked that can be computed by the values of a column.
fn marked(expr: &Expr) -> Expr {
    fn mark(expr: &mut Expr) {
        let is_field = |path: &str| FIELDS.iter().any(|(name, _)| *name == path);
        let passes = only_column(expr).is_some_and(is_field) && reads_first_values(expr);
        if passes && !matches!(expr, Expr::Column(_)) {
            *expr = tabulated(take(expr));
        } else {
            each_operand_mut(expr, &mut mark);
        }
    }
    let mut expr = expr.clone();
    mark(&mut expr);
    expr
}

/// A table of a tree, if its column has few values.
fn table(
    tree: &Expr,
    inputs: &Inputs<'_>,
    columns: &Columns,
    docs: &[u32],
) -> crate::error::Result<Option<Arc<Table>>> {
    let column = columns.column(only_column(tree).unwrap())?;
    // The distinct values are those of an unpacked column: one that was read as a whole.
    let mut cursor = Cursor::new(Arc::clone(&column));
    cursor.present(docs, &mut vec![false; docs.len()]);
    let program = Arc::new(Program::compile_known(tree, None, inputs, &Known::NOTHING)?);
    assert!(program.only_field().is_some() || program.columns().is_empty() || program.steps() == 0, "{tree}");
    Ok(Table::new(&program, &column)?.map(Arc::new))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn kernels_agree_with_the_reference(
        values in proptest::collection::vec(any::<u16>(), 0..600),
        choices in proptest::collection::vec(any::<u16>(), 1..80),
        wanted in proptest::collection::vec(any::<bool>(), 3 * DOCS as usize),
    ) {
        let mut values = Choices::new(&values);
        let rows: Vec<Row> = (0..DOCS).map(|doc| values.row(doc)).collect();
        let mut choices = Choices::new(&choices);
        let ty = [ValueType::F64, ValueType::I64, ValueType::Bool, ValueType::Str][choices.below(4)];
        let expr = choices.tree(ty, 4);
        let types = |path: &str| FIELDS.iter().find(|(name, _)| *name == path).map(|(_, ty)| *ty);
        let params = [("p".to_owned(), Value::F64(2.5))];
        let inputs = Inputs { index: "i", params: &params, columns: &types };
        let every: Vec<u32> = (0..DOCS).collect();
        let segment = |path: &str| Zone::column(path, &every, &rows);
        let columns = columns(&rows);
        let tables = |tree: &Expr| table(tree, &inputs, &columns, &every);
        let programs = [
            Program::compile(&expr, ty, &inputs).unwrap(),
            Program::compile_known(&expr, Some(ty), &inputs, &Known { zones: &segment, ..Known::NOTHING }).unwrap(),
            Program::compile_known(&marked(&expr), Some(ty), &inputs, &Known { zones: &segment, tables: &tables }).unwrap(),
        ];
        let mut runs = programs.map(Arc::new).map(|program| {
            let machine = Machine::new(Arc::clone(&program), &columns).unwrap();
            (machine, BoundsMachine::new(Arc::clone(&program)), program)
        });
        // Some documents, others, then all, packed and unpacked: a machine is used for one batch after the other.
        for wanted in wanted.chunks(DOCS as usize).chain([[true; DOCS as usize].as_slice(); 2]) {
            let docs: Vec<u32> = (0..DOCS).filter(|doc| wanted[*doc as usize]).collect();
            let expected = reference(&expr, &docs, &rows);
            for (machine, bounds, program) in &mut runs {
                prop_assert_eq!(&kernel(machine, &docs, &rows), &expected, "{}", expr);
                // Zones that are looked at together do not disturb each other.
                let zones = [Zone::of(program.columns(), &docs[..docs.len().min(1)], &rows), Zone::of(program.columns(), &docs, &rows)];
                let known = Zone::bounds(&zones, program.columns(), bounds);
                match &expected {
                    Ok(values) => {
                        let out = values.iter().find(|value| !value.lies_in(known.value));
                        prop_assert!(out.is_none(), "{out:?} is out of {known:?}: {expr}");
                    }
                    Err(failed) => prop_assert!(known.fails, "{failed:?} was ruled out: {expr}"),
                }
            }
        }
    }
}
