//! Column forms: parts of a column, what stands for null, and the question for it.

use std::sync::Arc;

use datafusion_expr::Expr;

use super::{Compiler, unsupported};
use crate::error::Result;
use crate::exec::columns::{Distance, GeoDistance, Mode, Part};
use crate::exec::kernel::graph::Arg;
use crate::exec::kernel::program::{Op, ProgramColumn, Scalar};
use crate::plan::script::ValueType;

/// A column form: what of which column, and its type if that is known.
struct ColumnRead {
    column: usize,
    part: Part,
    ty: Option<ValueType>,
}

impl Compiler<'_> {
    /// The value of a column or what stands for null; only where it is null the default is evaluated.
    pub(super) fn coalesce(&mut self, column: &Expr, default: &Expr) -> Result<Arg> {
        if let Some(name) = self.index_name(column) {
            return Ok(Arg::Const(name));
        }
        let read = self.read(column)?;
        let default = self.value(default)?;
        let ty = match (read.ty, self.graph.ty(&default)) {
            (Some(ValueType::I64), ValueType::F64) => ValueType::F64,
            (Some(ty), _) => ty,
            (None, ty) => ty,
        };
        let default = self.converted(default, ty, "coalesce")?;
        match default {
            Arg::Const(null) => Ok(self.load(&read, null, false)),
            default => {
                let value = self.load(&read, Scalar::zero(ty), true);
                let present = self.present(&read);
                Ok(self.graph.add(Op::Select, [present, value, default], ty))
            }
        }
    }

    pub(super) fn require(&mut self, column: &Expr, site: &Expr) -> Result<Arg> {
        if let Some(name) = self.index_name(column) {
            return Ok(Arg::Const(name));
        }
        let read = self.read(column)?;
        let Arg::Const(Scalar::I64(site)) = self.value(site)? else {
            return Err(unsupported("a site that is no constant long"));
        };
        let ty = read.ty.unwrap_or(ValueType::F64);
        let value = self.load(&read, Scalar::zero(ty), true);
        let present = self.present(&read);
        let site = usize::try_from(site).unwrap_or(0);
        Ok(self.graph.add(Op::Check { site }, [value, present], ty))
    }

    /// How many values a column has.
    pub(super) fn count(&mut self, column: &Expr, path: &str) -> Arg {
        if self.index_name(column).is_some() {
            return Arg::Const(Scalar::I64(1));
        }
        let read = ColumnRead { column: self.column(path), part: Part::Count, ty: Some(ValueType::I64) };
        self.load(&read, Scalar::I64(0), false)
    }

    /// Whether a column has a value, a constant of its type.
    pub(super) fn contains(&mut self, column: &Expr, path: &str, wanted: &Expr) -> Result<Arg> {
        let Arg::Const(wanted) = self.value(wanted)? else {
            return Err(unsupported("[value_contains] of a value that depends on the document"));
        };
        if let Some(name) = self.index_name(column) {
            return Ok(Arg::Const(Scalar::Bool(name == wanted)));
        }
        let column = self.column(path);
        Ok(self.graph.add(Op::Contains { column }, [Arg::Const(wanted)], ValueType::Bool))
    }

    /// Whether a column form has a value.
    pub(super) fn presence(&mut self, expr: &Expr) -> Result<Arg> {
        if self.index_name(expr).is_some() {
            return Ok(Arg::Const(Scalar::Bool(true)));
        }
        let read = self.read(expr)?;
        Ok(if read.part == Part::Count { Arg::Const(Scalar::Bool(true)) } else { self.present(&read) })
    }

    /// The value of the column `_index`, which every document has: the name of the index.
    pub(super) fn index_name(&self, column: &Expr) -> Option<Scalar> {
        match column {
            Expr::Column(column) if column.name == "_index" => Some(Scalar::Str(Arc::from(self.inputs.index))),
            _ => None,
        }
    }

    fn present(&mut self, read: &ColumnRead) -> Arg {
        self.graph.add(Op::Present { column: read.column }, [], ValueType::Bool)
    }

    fn load(&mut self, read: &ColumnRead, null: Scalar, guarded: bool) -> Arg {
        let ty = null.ty();
        self.graph.add(Op::Load { column: read.column, part: read.part, guarded }, [Arg::Const(null)], ty)
    }

    /// Reads a column form.
    fn read(&mut self, expr: &Expr) -> Result<ColumnRead> {
        let (path, form, args) = match expr {
            Expr::Column(column) => (&column.name, "", [].as_slice()),
            Expr::ScalarFunction(call) => match call.args.as_slice() {
                [Expr::Column(column), args @ ..] => (&column.name, call.name(), args),
                _ => return Err(unsupported(format!("[{}] of something that is no column", call.name()))),
            },
            other => {
                return Err(unsupported(format!("an expression of the form {} for a column", other.variant_name())));
            }
        };
        let ty = (self.inputs.columns)(path);
        let part = self.part(form, args)?;
        let ty = match (part, ty) {
            (Part::First, ty) => ty,
            (Part::Max, Some(ValueType::Str)) => return Err(unsupported(format!("[{form}] of strings"))),
            (Part::Max, ty) => ty,
            (Part::Count, _) => Some(ValueType::I64),
            (_, Some(ValueType::Str | ValueType::Bool)) => {
                return Err(unsupported(format!("[{form}] of field [{path}], whose values are no numbers")));
            }
            _ => Some(ValueType::F64),
        };
        Ok(ColumnRead { column: self.column(path), part, ty })
    }

    /// The program's number of a column.
    pub(super) fn column(&mut self, path: &str) -> usize {
        let is_same = |other: &ProgramColumn| other.path == path && other.table.is_none();
        self.columns.iter().position(is_same).unwrap_or_else(|| {
            self.columns.push(ProgramColumn { path: path.to_owned(), table: None });
            self.graph.columns.push((self.known.zones)(path));
            self.columns.len() - 1
        })
    }

    /// What of a column a form reads; its other arguments are constants.
    fn part(&mut self, form: &str, args: &[Expr]) -> Result<Part> {
        let mut numbers = [0.0; 3];
        let mut mode = None;
        for (i, arg) in args.iter().enumerate() {
            match self.value(arg)? {
                Arg::Const(Scalar::F64(v)) if i < numbers.len() => numbers[i] = v,
                Arg::Const(Scalar::I64(v)) if i < numbers.len() => numbers[i] = v as f64,
                Arg::Const(Scalar::Str(name)) if i + 1 == args.len() => mode = Mode::from_name(&name),
                _ => return Err(unsupported(format!("argument {} of [{form}] that is no constant number", i + 1))),
            }
        }
        Ok(match (form, args.len(), mode, numbers) {
            ("", 0, ..) => Part::First,
            ("value_count", 0, ..) => Part::Count,
            ("value_max", 0, ..) => Part::Max,
            ("value_sum", 0, ..) => Part::Sum,
            ("value_avg", 0, ..) => Part::Avg,
            ("value_median", 0, ..) => Part::Median,
            ("value_lat", 0, ..) => Part::Lat,
            ("value_lon", 0, ..) => Part::Lon,
            ("value_distance", 3, Some(mode), [origin, offset, _]) => Part::Distance(Distance { origin, offset, mode }),
            ("value_geo_distance", 4, Some(mode), [lat, lon, offset]) => {
                Part::GeoDistance(GeoDistance { lat, lon, offset, mode })
            }
            _ => return Err(unsupported(format!("[{form}] of a column and {} arguments", args.len()))),
        })
    }
}
