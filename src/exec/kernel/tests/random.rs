//! Random trees and documents, drawn from a list of choices so that a shorter list is a smaller case.

use datafusion_expr::{Expr, Operator};

use super::reference::{Row, Val};
use crate::plan::expr::{
    ColumnPart, binary, boolean, case, coalesce, column, column_part, double, filter_matches, long, placeholder,
    require, score, string, to_double,
};
use crate::plan::function::{all, call};
use crate::plan::script::ValueType;

/// The fields of random documents: the name, the type, and whether there are none, one or many values.
pub(super) const FIELDS: &[(&str, ValueType)] = &[
    ("full", ValueType::F64),
    ("some", ValueType::F64),
    ("many", ValueType::F64),
    ("n", ValueType::I64),
    ("ns", ValueType::I64),
    ("b", ValueType::Bool),
    ("s", ValueType::Str),
    ("none", ValueType::F64),
];

/// Choices, one after the other; 0 where they end.
pub(super) struct Choices<'a>(std::slice::Iter<'a, u16>);

impl<'a> Choices<'a> {
    pub(super) fn new(choices: &'a [u16]) -> Self {
        Self(choices.iter())
    }

    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0.next().map_or(0, |choice| usize::from(*choice) % n)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    fn number(&mut self) -> f64 {
        self.pick(&[0.0, 1.0, -1.0, 2.5, -0.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300, 5e-324, 42.0, -7.25])
    }

    fn whole(&mut self) -> i64 {
        self.pick(&[0, 1, -1, 7, 64, i64::MAX, i64::MIN, 1_700_000_000_000, i64::from(i32::MIN), 1 << 53])
    }

    fn text(&mut self) -> &'static str {
        self.pick(&["", "a", "b", "über", "zz top", "10"])
    }

    /// A document. Columns hold no NaN.
    pub(super) fn row(&mut self, doc: u32) -> Row {
        let mut row = Row { score: self.pick(&[0.0, 0.5, 3.25]), doc: i64::from(doc), ..Row::default() };
        row.filter = self.below(2) == 1;
        for (name, ty) in FIELDS {
            let count = match *name {
                "full" => 1,
                "none" => 0,
                "many" | "ns" => self.below(4),
                _ => self.below(2),
            };
            let mut values: Vec<Val> = (0..count)
                .map(|_| match ty {
                    ValueType::F64 => Val::F64(Some(self.number()).filter(|v| !v.is_nan()).unwrap_or(3.0)),
                    ValueType::I64 => Val::I64(self.whole()),
                    ValueType::Bool => Val::Bool(self.below(2) == 1),
                    ValueType::Str => Val::Str(self.text().to_owned()),
                })
                .collect();
            values.sort_by(|a, b| match (a, b) {
                (Val::F64(a), Val::F64(b)) => a.total_cmp(b),
                (Val::I64(a), Val::I64(b)) => a.cmp(b),
                _ => std::cmp::Ordering::Equal,
            });
            row.fields.insert(name, values);
        }
        row
    }

    /// A tree of a type.
    pub(super) fn tree(&mut self, ty: ValueType, depth: usize) -> Expr {
        let kinds = if depth == 0 { 4 } else { 11 };
        match self.below(kinds) {
            0 => self.constant(ty),
            1 | 2 => self.leaf(ty),
            3 => self.nullable(ty, depth),
            4 => case(self.tree(ValueType::Bool, depth - 1), self.tree(ty, depth - 1), self.tree(ty, depth - 1)),
            5 | 6 => self.function(ty, depth - 1),
            7 => self.guarded(ty, depth - 1),
            _ => self.operation(ty, depth - 1),
        }
    }

    fn constant(&mut self, ty: ValueType) -> Expr {
        match ty {
            ValueType::F64 => double(self.number()),
            ValueType::I64 => long(self.whole()),
            ValueType::Bool => boolean(self.below(2) == 1),
            ValueType::Str => string(self.text()),
        }
    }

    fn leaf(&mut self, ty: ValueType) -> Expr {
        match (ty, self.below(3)) {
            (ValueType::F64, 0) => score(),
            (ValueType::F64, 1) => placeholder("p"),
            (ValueType::I64, 0) => column("_doc"),
            (ValueType::I64, 1) => column_part(self.field(None), ColumnPart::Count),
            (ValueType::Bool, 0) => filter_matches(0),
            (ValueType::Bool, 1) => column(self.field(None)).is_null(),
            _ => require(self.form(ty), self.below(100)),
        }
    }

    fn nullable(&mut self, ty: ValueType, depth: usize) -> Expr {
        let form = self.form(ty);
        let default = self.tree(ty, depth.saturating_sub(1).min(1));
        coalesce(form, default)
    }

    /// A branch on whether a field has values, as scripts ask for it, around one that needs them.
    fn guarded(&mut self, ty: ValueType, depth: usize) -> Expr {
        let name = self.field(Some(ty));
        let count = || column_part(name, ColumnPart::Count);
        let (test, present) = match self.below(5) {
            0 => (column(name).is_not_null(), true),
            1 => (column(name).is_null(), false),
            2 => (binary(count(), Operator::Eq, long(0)), false),
            3 => (binary(long(1), Operator::LtEq, count()), true),
            _ => (binary(self.tree(ValueType::Bool, 0), Operator::And, column(name).is_not_null()), true),
        };
        let counts = ty == ValueType::I64 && self.below(3) == 0;
        let needs = if counts { count() } else { self.needing(name, ty, depth) };
        let other = self.tree(ty, depth.min(1));
        if present { case(test, needs, other) } else { case(test, other, needs) }
    }

    fn needing(&mut self, name: &str, ty: ValueType, depth: usize) -> Expr {
        let value = require(column(name), 7);
        match (ty, self.below(2)) {
            (ValueType::F64 | ValueType::I64, 1) => binary(self.tree(ty, depth.min(1)), Operator::Plus, value),
            (ValueType::Bool, 1) => binary(value, Operator::And, self.tree(ty, depth.min(1))),
            _ => value,
        }
    }

    fn field(&mut self, ty: Option<ValueType>) -> &'static str {
        let fields: Vec<_> = FIELDS.iter().filter(|(_, other)| ty.is_none_or(|ty| ty == *other)).collect();
        self.pick(&fields).0
    }

    /// A column form that can be null.
    fn form(&mut self, ty: ValueType) -> Expr {
        let mode = self.pick(&["min", "max", "avg", "sum", "median"]);
        match (ty, self.below(7)) {
            (ValueType::F64, 0) => column_part(self.field(Some(ValueType::I64)), ColumnPart::Median),
            (ValueType::F64, 1) => column_part(self.field(Some(ty)), ColumnPart::Sum),
            (ValueType::F64, 2) => column_part(self.field(Some(ty)), ColumnPart::Avg),
            (ValueType::F64, 3) => column_part(self.field(Some(ty)), ColumnPart::Median),
            (ValueType::F64, 4) => {
                let args = vec![column(self.field(Some(ty))), double(1.0), double(0.5), string(mode)];
                call("value_distance", args)
            }
            (ValueType::F64 | ValueType::I64, 5) => column_part(self.field(Some(ty)), ColumnPart::Max),
            _ => column(self.field(Some(ty))),
        }
    }

    fn function(&mut self, ty: ValueType, depth: usize) -> Expr {
        let functions: Vec<_> = all().filter(|f| f.result == ty).collect();
        if functions.is_empty() {
            return self.constant(ty);
        }
        let f = self.pick(&functions);
        let sites = usize::from(f.fallible);
        let mut args: Vec<Expr> =
            f.args[..f.args.len() - sites].iter().map(|ty| self.tree(*ty, depth.min(2))).collect();
        if f.fallible {
            args.push(long(self.below(100) as i64));
        }
        call(f.name, args)
    }

    fn operation(&mut self, ty: ValueType, depth: usize) -> Expr {
        let comparisons = [Operator::Eq, Operator::NotEq, Operator::Lt, Operator::LtEq, Operator::Gt, Operator::GtEq];
        match ty {
            ValueType::F64 => match self.below(7) {
                0 => to_double(self.tree(ValueType::I64, depth)),
                1 => Expr::Negative(Box::new(self.tree(ty, depth))),
                n => {
                    let ops = [Operator::Plus, Operator::Minus, Operator::Multiply, Operator::Divide, Operator::Modulo];
                    binary(self.tree(ty, depth), ops[n - 2], self.tree(ty, depth))
                }
            },
            ValueType::I64 => match self.below(9) {
                0 => Expr::Negative(Box::new(self.tree(ty, depth))),
                n => {
                    let ops = [
                        Operator::Plus,
                        Operator::Minus,
                        Operator::Multiply,
                        Operator::BitwiseAnd,
                        Operator::BitwiseOr,
                        Operator::BitwiseXor,
                        Operator::BitwiseShiftLeft,
                        Operator::BitwiseShiftRight,
                    ];
                    binary(self.tree(ty, depth), ops[n - 1], self.tree(ty, depth))
                }
            },
            ValueType::Bool => match self.below(4) {
                0 => Expr::Not(Box::new(self.tree(ty, depth))),
                1 => binary(self.tree(ty, depth), Operator::And, self.tree(ty, depth)),
                2 => binary(self.tree(ty, depth), Operator::Or, self.tree(ty, depth)),
                _ => {
                    let of = self.pick(&[ValueType::F64, ValueType::I64, ValueType::Bool, ValueType::Str]);
                    let op = self.pick(&comparisons);
                    binary(self.tree(of, depth), op, self.tree(of, depth))
                }
            },
            ValueType::Str => case(self.tree(ValueType::Bool, depth), self.constant(ty), self.tree(ty, depth)),
        }
    }
}
