//! Trees that may be computed once for each value of their only column.

use std::sync::Arc;

use datafusion_expr::Expr;

use super::Compiler;
use crate::error::Result;
use crate::exec::columns::Part;
use crate::exec::kernel::graph::Arg;
use crate::exec::kernel::program::{Op, ProgramColumn, Scalar};
use crate::exec::kernel::table::{Missing, Table};
use crate::plan::script::ValueType;

impl Compiler<'_> {
    /// A tree, or where there is a table of it, the table's entry: the tree is then asked only where there is none.
    pub(super) fn tabulated(&mut self, tree: &Expr) -> Result<Arg> {
        let Some(table) = (self.known.tables)(tree)? else { return self.value(tree) };
        let zone = (self.known.zones)(table.path());
        let (column, ty) = (self.table_column(&table), table.ty());
        let mut load = |null: Scalar, guarded| {
            self.graph.add(Op::Load { column, part: Part::First, guarded }, [Arg::Const(null)], ty)
        };
        // A document without a value has no entry, either.
        match table.missing() {
            Missing::Value(missing) if !table.is_open() => return Ok(load(missing.clone(), false)),
            Missing::Required(_) | Missing::Fails if !table.is_open() && !zone.missing => {
                return Ok(load(Scalar::zero(ty), true));
            }
            Missing::Value(_) | Missing::Required(_) | Missing::Fails => {}
        }
        let entry = load(Scalar::zero(ty), true);
        let field = self.column(table.path());
        let present = self.graph.add(Op::Present { column: field }, [], ValueType::Bool);
        if let (false, Missing::Required(site)) = (table.is_open(), table.missing()) {
            return Ok(self.graph.add(Op::Check { site: *site }, [entry, present], ty));
        }
        let rest = self.value(tree)?;
        if !table.is_open() {
            let rest = self.graph.assuming(&rest, &present, false);
            return Ok(self.graph.add(Op::Select, [present, entry, rest], ty));
        }
        let rest = match table.missing() {
            Missing::Value(missing) => {
                let rest = self.graph.assuming(&rest, &present, true);
                self.graph.add(Op::Select, [present, rest, Arg::Const(missing.clone())], ty)
            }
            Missing::Required(_) | Missing::Fails => rest,
        };
        let known = self.graph.add(Op::Present { column }, [], ValueType::Bool);
        Ok(self.graph.add(Op::Select, [known, entry, rest], ty))
    }

    /// The program's number of the column of a table's entries.
    fn table_column(&mut self, table: &Arc<Table>) -> usize {
        let is_same = |column: &ProgramColumn| column.table.as_ref().is_some_and(|other| Arc::ptr_eq(other, table));
        self.columns.iter().position(is_same).unwrap_or_else(|| {
            let zone = (self.known.zones)(table.path()).tabulated(table.bounds(), table.is_open());
            self.graph.columns.push(zone);
            self.columns.push(ProgramColumn { path: table.path().to_owned(), table: Some(Arc::clone(table)) });
            self.columns.len() - 1
        })
    }
}
