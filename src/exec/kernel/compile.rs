//! From a tree to a program: types and the meaning of each form.

mod columns;
mod table;
mod udf;

use std::sync::Arc;

use datafusion_common::ScalarValue;
use datafusion_common::arrow::datatypes::DataType;
use datafusion_expr::expr::ScalarFunction;
use datafusion_expr::{BinaryExpr, Case, Expr, Operator};

use super::allocate::allocate;
use super::graph::{Arg, Graph};
use super::program::{Arithmetic, Bits, Comparison, FunctionRef, Op, Program, ProgramColumn, Scalar};
use super::schedule::{Schedule, schedule};
use super::table::Table;
use crate::error::{Code, Error, Result};
use crate::exec::columns::Part;
use crate::exec::zones::ColumnZone;
use crate::plan::function::column::TABULATED;
use crate::plan::function::function;
use crate::plan::interval::Interval;
use crate::plan::script::ValueType;
use crate::plan::udf::as_udf;
use crate::plan::value::Value;

/// How deep a tree may be; it is compiled by recursion.
const MAX_DEPTH: usize = 500;

/// What a tree refers to.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The name of the index.
    pub index: &'a str,
    /// The parameters by name.
    pub params: &'a [(String, Value)],
    /// The type of a field's values; `None`: the field is not mapped and has none.
    pub columns: &'a dyn Fn(&str) -> Option<ValueType>,
}

impl std::fmt::Debug for Inputs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inputs").field("params", &self.params).finish_non_exhaustive()
    }
}

impl Program {
    /// Compiles a tree whose value is wanted as `result`.
    ///
    /// # Errors
    /// The tree is outside of the accepted subset, or its types do not fit.
    pub fn compile(expr: &Expr, result: ValueType, inputs: &Inputs<'_>) -> Result<Self> {
        Self::compile_known(expr, Some(result), inputs, &Known::NOTHING)
    }

    /// Compiles a tree for documents of which something is known: those of a segment. Without `result` its value has the
    /// type that it has by itself.
    ///
    /// # Errors
    /// As [`Self::compile`]; or a table cannot be made.
    pub(crate) fn compile_known(
        expr: &Expr,
        result: Option<ValueType>,
        inputs: &Inputs<'_>,
        known: &Known<'_>,
    ) -> Result<Self> {
        let (graph, columns, value) = compile_graph(expr, result, inputs, known, Graph::default())?;
        Ok(Self::new(&graph, columns, &value))
    }

    /// The program that computes a value of a graph.
    pub(super) fn new(graph: &Graph, columns: Vec<ProgramColumn>, value: &Arg) -> Self {
        let mut schedule = schedule(graph, value);
        let registers = allocate(&mut schedule);
        let Schedule { steps, constants, result } = schedule;
        let uses_score = steps.iter().any(|step| step.op == Op::Score);
        let filters = steps.iter().map(|step| if let Op::Filter(n) = step.op { n + 1 } else { 0 }).max().unwrap_or(0);
        Self { steps, constants, registers, columns, udfs: graph.udfs.clone(), result, uses_score, filters }
    }
}

/// Compiles a tree into a graph: with the columns, and the value.
pub(super) fn compile_graph(
    expr: &Expr,
    result: Option<ValueType>,
    inputs: &Inputs<'_>,
    known: &Known<'_>,
    graph: Graph,
) -> Result<(Graph, Vec<ProgramColumn>, Arg)> {
    let mut compiler = Compiler { inputs, known, graph, columns: Vec::new(), depth: 0 };
    let mut value = compiler.value(expr)?;
    if let Some(result) = result {
        value = compiler.converted(value, result, "the result")?;
    }
    Ok((compiler.graph, compiler.columns, value))
}

/// What is known of the documents that a program is for.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    /// Of each column, its values.
    pub(crate) zones: &'a dyn Fn(&str) -> ColumnZone,
    /// Of a tree that may be computed once for each value of its only column: the table, where there is one.
    pub(crate) tables: &'a dyn Fn(&Expr) -> Result<Option<Arc<Table>>>,
}

impl Known<'_> {
    /// They may be any.
    pub(crate) const NOTHING: Known<'static> = Known { zones: &|_| NOTHING_KNOWN, tables: &|_| Ok(None) };
}

/// Of any column: it may have any number of any values.
pub(crate) const NOTHING_KNOWN: ColumnZone = ColumnZone {
    values: Interval::F64 { lo: f64::NEG_INFINITY, hi: f64::INFINITY, nan: true },
    longitudes: Interval::F64 { lo: f64::NEG_INFINITY, hi: f64::INFINITY, nan: true },
    some: true,
    missing: true,
    multi: true,
};

struct Compiler<'a> {
    inputs: &'a Inputs<'a>,
    known: &'a Known<'a>,
    graph: Graph,
    columns: Vec<ProgramColumn>,
    depth: usize,
}

impl Compiler<'_> {
    fn value(&mut self, expr: &Expr) -> Result<Arg> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(Error::new(Code::LimitExceeded, format!("an expression is more than {MAX_DEPTH} levels deep")));
        }
        let value = match expr {
            Expr::Column(column) => match self.index_name(expr) {
                Some(name) => Ok(Arg::Const(name)),
                None => self.special_column(&column.name),
            },
            Expr::Placeholder(placeholder) => self.param(&placeholder.id),
            Expr::Literal(value, _) => literal(value),
            Expr::BinaryExpr(binary) => self.binary(binary),
            Expr::Not(expr) => {
                let value = self.value(expr)?;
                let value = self.typed(value, ValueType::Bool, "NOT")?;
                Ok(self.graph.add(Op::Not, [value], ValueType::Bool))
            }
            Expr::Negative(expr) => {
                let value = self.value(expr)?;
                match self.graph.ty(&value) {
                    ty @ (ValueType::F64 | ValueType::I64) => Ok(self.graph.add(Op::Negate, [value], ty)),
                    ty => Err(mismatch("-", "a number", ty)),
                }
            }
            Expr::IsNotNull(expr) => self.presence(expr),
            Expr::IsNull(expr) => {
                let present = self.presence(expr)?;
                Ok(self.graph.add(Op::Not, [present], ValueType::Bool))
            }
            Expr::Cast(cast) => {
                let value = self.value(&cast.expr)?;
                match cast.field.data_type() {
                    DataType::Float64 => self.converted(value, ValueType::F64, "a cast"),
                    DataType::Int64 => self.typed(value, ValueType::I64, "a cast"),
                    other => Err(unsupported(format!("a cast to {other}"))),
                }
            }
            Expr::Case(case) => self.case(case),
            Expr::ScalarFunction(call) => self.call(call),
            other => Err(unsupported(format!("an expression of the form {}", other.variant_name()))),
        };
        self.depth -= 1;
        value
    }

    fn special_column(&mut self, name: &str) -> Result<Arg> {
        match (name, name.strip_prefix("_filter.").map(str::parse)) {
            ("_score", _) => Ok(self.graph.add(Op::Score, [], ValueType::F64)),
            ("_doc", _) => Ok(self.graph.add(Op::Doc, [], ValueType::I64)),
            (_, Some(Ok(filter))) => Ok(self.graph.add(Op::Filter(filter), [], ValueType::Bool)),
            _ => Err(unsupported(format!("column [{name}] where null has no meaning"))
                .hint("wrap it in `coalesce` or `require`, or ask `IS NULL`")),
        }
    }

    fn param(&self, id: &str) -> Result<Arg> {
        let name = id.strip_prefix('$').unwrap_or(id);
        let Some((_, value)) = self.inputs.params.iter().find(|(other, _)| other == name) else {
            return Err(Error::new(Code::UnsupportedExpression, format!("parameter [{name}] is not given")));
        };
        Ok(Arg::Const(match value {
            Value::F64(v) => Scalar::F64(*v),
            Value::I64(v) => Scalar::I64(*v),
            Value::U64(v) => Scalar::F64(*v as f64),
            Value::Bool(v) => Scalar::Bool(*v),
            Value::Str(v) => Scalar::Str(Arc::from(v.as_str())),
            Value::Null | Value::Ip(_) | Value::List(_) | Value::Object(_) => {
                return Err(unsupported(format!("{} as parameter [{name}]", value.describe())));
            }
        }))
    }

    fn binary(&mut self, binary: &BinaryExpr) -> Result<Arg> {
        let BinaryExpr { left, op, right } = binary;
        let (left, right) = (self.value(left)?, self.value(right)?);
        let (left, right) = self.alike(left, right, *op)?;
        let ty = self.graph.ty(&left);
        let comparison = |op| (Op::Compare(op), ValueType::Bool);
        let (op, ty) = match (op, ty) {
            (Operator::Plus, ValueType::F64 | ValueType::I64) => (Op::Arithmetic(Arithmetic::Add), ty),
            (Operator::Minus, ValueType::F64 | ValueType::I64) => (Op::Arithmetic(Arithmetic::Subtract), ty),
            (Operator::Multiply, ValueType::F64 | ValueType::I64) => (Op::Arithmetic(Arithmetic::Multiply), ty),
            (Operator::Divide, ValueType::F64) => (Op::Arithmetic(Arithmetic::Divide), ty),
            (Operator::Modulo, ValueType::F64) => (Op::Arithmetic(Arithmetic::Remainder), ty),
            (Operator::BitwiseAnd, ValueType::I64) => (Op::Bits(Bits::And), ty),
            (Operator::BitwiseOr, ValueType::I64) => (Op::Bits(Bits::Or), ty),
            (Operator::BitwiseXor, ValueType::I64) => (Op::Bits(Bits::Xor), ty),
            (Operator::BitwiseShiftLeft, ValueType::I64) => (Op::Bits(Bits::ShiftLeft), ty),
            (Operator::BitwiseShiftRight, ValueType::I64) => (Op::Bits(Bits::ShiftRight), ty),
            (Operator::Eq, _) => comparison(Comparison::Eq),
            (Operator::NotEq, _) => comparison(Comparison::NotEq),
            (Operator::Lt, _) => comparison(Comparison::Lt),
            (Operator::LtEq, _) => comparison(Comparison::LtEq),
            (Operator::Gt, _) => comparison(Comparison::Gt),
            (Operator::GtEq, _) => comparison(Comparison::GtEq),
            (Operator::And, ValueType::Bool) => (Op::And, ty),
            (Operator::Or, ValueType::Bool) => (Op::Or, ty),
            (op, ty) => return Err(unsupported(format!("`{op}` on values of type {ty}"))),
        };
        let right = match op {
            Op::And => self.graph.assuming(&right, &left, true),
            Op::Or => self.graph.assuming(&right, &left, false),
            _ => right,
        };
        Ok(self.graph.add(op, [left, right], ty))
    }

    /// Two operands of one type: a long beside a double becomes a double.
    fn alike(&mut self, left: Arg, right: Arg, op: impl std::fmt::Display) -> Result<(Arg, Arg)> {
        match (self.graph.ty(&left), self.graph.ty(&right)) {
            (a, b) if a == b => Ok((left, right)),
            (ValueType::F64, ValueType::I64) => {
                let right = self.widened(right);
                Ok((left, right))
            }
            (ValueType::I64, ValueType::F64) => {
                let left = self.widened(left);
                Ok((left, right))
            }
            (a, b) => Err(unsupported(format!("`{op}` of a {a} and a {b}"))),
        }
    }

    fn case(&mut self, case: &Case) -> Result<Arg> {
        let (None, Some(otherwise)) = (&case.expr, &case.else_expr) else {
            return Err(unsupported("a CASE with an operand or without ELSE"));
        };
        // From left to right, so that the values of tests have the order of evaluation.
        let mut branches = Vec::with_capacity(case.when_then_expr.len());
        for (test, then) in &case.when_then_expr {
            let test = self.value(test)?;
            let test = self.typed(test, ValueType::Bool, "a test of CASE")?;
            branches.push((test, self.value(then)?));
        }
        let mut value = self.value(otherwise)?;
        for (test, then) in branches.into_iter().rev() {
            let (then, otherwise) = self.alike(then, value, "CASE")?;
            let ty = self.graph.ty(&then);
            let then = self.graph.assuming(&then, &test, true);
            let otherwise = self.graph.assuming(&otherwise, &test, false);
            value = self.graph.add(Op::Select, [test, then, otherwise], ty);
        }
        Ok(value)
    }

    fn call(&mut self, call: &ScalarFunction) -> Result<Arg> {
        if let Some(profile) = as_udf(call) {
            return self.udf_call(profile, &call.args);
        }
        match (call.name(), call.args.as_slice()) {
            (TABULATED, [tree]) => self.tabulated(tree),
            ("coalesce", [column, default]) => self.coalesce(column, default),
            ("require", [column, site]) => self.require(column, site),
            ("value_count", [column @ Expr::Column(path)]) => Ok(self.count(column, &path.name)),
            ("value_contains", [column @ Expr::Column(path), wanted]) => self.contains(column, &path.name, wanted),
            (name, args) => {
                let Some(function) = function(name) else {
                    return Err(unsupported(format!("function [{name}]")));
                };
                if function.args.len() != args.len() {
                    let (wanted, found) = (function.args.len(), args.len());
                    return Err(unsupported(format!("[{name}] of {found} arguments")).expected(format!("{wanted}")));
                }
                let mut values = Vec::with_capacity(args.len());
                for (arg, ty) in args.iter().zip(function.args) {
                    let value = self.value(arg)?;
                    values.push(self.converted(value, *ty, name)?);
                }
                Ok(self.graph.add(Op::Call(FunctionRef(function)), values, function.result))
            }
        }
    }

    /// A value as another type, which a long can become: a double.
    fn converted(&mut self, value: Arg, wanted: ValueType, what: &str) -> Result<Arg> {
        match (self.graph.ty(&value), wanted) {
            (ValueType::I64, ValueType::F64) => Ok(self.widened(value)),
            _ => self.typed(value, wanted, what),
        }
    }

    fn typed(&self, value: Arg, wanted: ValueType, what: &str) -> Result<Arg> {
        let ty = self.graph.ty(&value);
        if ty == wanted { Ok(value) } else { Err(mismatch(what, &format!("a {wanted}"), ty)) }
    }

    /// A long as a double. What comes from a column is read as a double at once.
    fn widened(&mut self, value: Arg) -> Arg {
        if let Arg::Node(id) = &value {
            let node = self.graph.nodes[*id].clone();
            match (&node.op, node.args.as_slice()) {
                (Op::Load { part: Part::First | Part::Max, .. }, [Arg::Const(Scalar::I64(null))]) => {
                    return self.graph.add(node.op, [Arg::Const(Scalar::F64(*null as f64))], ValueType::F64);
                }
                (Op::Check { .. }, [load, present]) => {
                    let load = self.widened(load.clone());
                    return self.graph.add(node.op, [load, present.clone()], ValueType::F64);
                }
                _ => {}
            }
        }
        self.graph.add(Op::ToDouble, [value], ValueType::F64)
    }
}

fn literal(value: &ScalarValue) -> Result<Arg> {
    Ok(Arg::Const(match value {
        ScalarValue::Float64(Some(v)) => Scalar::F64(*v),
        ScalarValue::Int64(Some(v)) => Scalar::I64(*v),
        ScalarValue::Boolean(Some(v)) => Scalar::Bool(*v),
        ScalarValue::Utf8(Some(v)) => Scalar::Str(Arc::from(v.as_str())),
        other => return Err(unsupported(format!("a literal of type {}", other.data_type()))),
    }))
}

fn unsupported(what: impl std::fmt::Display) -> Error {
    Error::new(Code::UnsupportedExpression, format!("the kernels do not run {what}"))
}

fn mismatch(what: &str, wanted: &str, found: ValueType) -> Error {
    Error::new(Code::UnsupportedExpression, format!("{what} has a value of type {found}")).expected(wanted)
}
