//! A cheaper program whose value is never below that of another one, or never above it.
//!
//! What of a program reads one column only becomes a look-up in a table: the column's documents fall into classes of like
//! values ([`Classes`](crate::exec::columns::Classes)), and for each class interval arithmetic says what that part is at
//! most, or at least. The rest is computed as the program computes it, from bounds instead of values: IEEE's operations are
//! monotone in each operand also as they round, so what is computed from a greater value is not less. Which bound of an
//! operand is wanted follows from the operation and from the signs of its operands. Dear functions of such a bound
//! are looked up, too ([`curve`]). Where nothing else is known, the bound is the one of all documents of the segment.
//!
//! There is no such program where a row may fail or be NaN: then it has to be computed.

mod curve;
mod table;

use std::collections::HashMap;

pub(super) use curve::Curve;
pub(super) use table::ClassTable;
use table::{Reads, reads};

use super::compile::{Inputs, Known, compile_graph};
use super::graph::{Arg, Graph, Node, NodeId};
use super::program::{Arithmetic, FunctionRef, Op, Program, Scalar};
use crate::error::Result;
use crate::exec::zones::ColumnZone;
use crate::plan::function::function;
use crate::plan::interval::{Doubles, Interval};
use crate::plan::script::ValueType;
use crate::pushdown::cost;

/// What is known of each class of a column's documents; none of one without documents.
pub(crate) type ClassZones = Vec<Option<ColumnZone>>;

/// Which bound is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    /// A value that is not below.
    Upper,
    /// A value that is not above.
    Lower,
}

/// What a bounding program may rely on.
#[derive(Clone, Copy)]
pub(crate) struct Grounds<'a> {
    /// What is known of a column in the segment.
    pub(crate) segment: &'a dyn Fn(&str) -> ColumnZone,
    /// What is known of a column in each class of its documents.
    pub(crate) classes: &'a dyn Fn(&str) -> Option<ClassZones>,
    /// Between which values scores lie.
    pub(crate) scores: Doubles,
}

/// How deep a tree may be to have a bound.
const MAX_DEPTH: usize = 64;

/// Up to here all whole numbers are doubles.
const MAX_WHOLE: i64 = 1 << 53;

impl Program {
    /// A program that bounds the double of a tree, if it costs much less; where `as_float`, that of the nearest float.
    pub(crate) fn bounding(
        expr: &datafusion_expr::Expr,
        inputs: &Inputs<'_>,
        known: Grounds<'_>,
        bound: (Side, bool),
    ) -> Result<Option<Self>> {
        let found = Self::bound_and_exact(expr, inputs, known, bound)?;
        Ok(found.filter(|(bound, exact)| cost::bounding_pays(bound.cost(), exact.cost())).map(|(bound, _)| bound))
    }

    /// The bound, whatever it costs, and what it bounds.
    pub(super) fn bound_and_exact(
        expr: &datafusion_expr::Expr,
        inputs: &Inputs<'_>,
        known: Grounds<'_>,
        (side, as_float): (Side, bool),
    ) -> Result<Option<(Self, Self)>> {
        let graph = Graph::over(Vec::new(), known.scores);
        let (graph, columns, mut value) = compile_graph(
            expr,
            Some(ValueType::F64),
            inputs,
            &Known { zones: known.segment, ..Known::NOTHING },
            graph,
        )?;
        if graph.facts(&value).fallible {
            return Ok(None);
        }
        let exact = Self::new(&graph, columns.clone(), &value);
        if as_float && let Some(rounded) = rounded(&graph, &value) {
            value = rounded;
        }
        let mut bounder = Bounder {
            reads: reads(&graph),
            classes: columns.iter().map(|column| (known.classes)(&column.path)).collect(),
            out: Graph::over(graph.columns.clone(), known.scores),
            known: HashMap::new(),
            depth: 0,
            graph: &graph,
        };
        let Some(bound) = bounder.bound(&value, side) else { return Ok(None) };
        let bound = Self::new(&bounder.out, columns, &bound);
        let looks_up = bound.steps.iter().any(|step| matches!(step.op, Op::Bound { .. }));
        Ok(looks_up.then_some((bound, exact)))
    }

    /// Estimated nanoseconds a row.
    fn cost(&self) -> f64 {
        let step = |op: &Op| match op {
            Op::Skip(_) => 0.0,
            Op::Load { .. } | Op::Present { .. } | Op::Contains { .. } => cost::COLUMN,
            Op::Bound { .. } | Op::Curve(_) => cost::CLASS,
            Op::Call(function) => function.0.cost,
            _ => cost::OPERATION,
        };
        self.steps.iter().map(|at| step(&at.op)).sum()
    }
}

/// The value that becomes a float at the end.
fn rounded(graph: &Graph, value: &Arg) -> Option<Arg> {
    match value {
        Arg::Node(id) => match &graph.nodes[*id] {
            Node { op: Op::Call(f), args, .. } if f.0.name == "to_f32" => args.first().cloned(),
            _ => None,
        },
        Arg::Const(_) => None,
    }
}

struct Bounder<'a> {
    graph: &'a Graph,
    reads: Vec<Reads>,
    /// Of each column.
    classes: Vec<Option<ClassZones>>,
    /// The bounds.
    out: Graph,
    known: HashMap<(NodeId, Side), Arg>,
    depth: usize,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Upper => Self::Lower,
            Self::Lower => Self::Upper,
        }
    }

    fn end(self, of: Doubles) -> f64 {
        match self {
            Self::Upper => of.hi,
            Self::Lower => of.lo,
        }
    }
}

fn constant(value: f64) -> Arg {
    Arg::Const(Scalar::F64(value))
}

impl Bounder<'_> {
    /// A bound of a number, as a double; none where it may be NaN.
    fn bound(&mut self, arg: &Arg, side: Side) -> Option<Arg> {
        let facts = self.facts(arg)?;
        let id = match arg {
            Arg::Const(_) => return Some(constant(side.end(facts))),
            Arg::Node(id) => *id,
        };
        if let Some(known) = self.known.get(&(id, side)) {
            return Some(known.clone());
        }
        self.depth += 1;
        let found = match self.reads[id] {
            _ if self.depth > MAX_DEPTH => None,
            Reads::Column(column) => self.table(id, column, side, |x| x),
            Reads::Nothing | Reads::More => self.compose(&self.graph.nodes[id], facts, side),
        };
        self.depth -= 1;
        let bound = found.unwrap_or_else(|| constant(side.end(facts)));
        self.known.insert((id, side), bound.clone());
        Some(bound)
    }

    /// Between which doubles a number lies; none where it may be NaN, is no number, or a long that is no double.
    fn facts(&self, arg: &Arg) -> Option<Doubles> {
        let facts = match self.graph.facts(arg).value {
            value @ Interval::F64 { .. } => value.as_doubles(),
            Interval::I64 { lo, hi } if lo >= -MAX_WHOLE && hi <= MAX_WHOLE => Doubles::new(lo as f64, hi as f64),
            Interval::I64 { .. } | Interval::Bool { .. } | Interval::Str => return None,
        };
        (!facts.nan && !facts.is_empty()).then_some(facts)
    }

    /// The bound of an operation, from bounds of its operands; none where it has no other than that of all documents, whose
    /// values lie in `all`.
    fn compose(&mut self, node: &Node, all: Doubles, side: Side) -> Option<Arg> {
        match (&node.op, node.args.as_slice()) {
            (Op::Score, _) => Some(self.out.add(Op::Score, [], ValueType::F64)),
            (Op::ToDouble, [value]) => self.bound(value, side),
            (Op::Negate, [value]) => {
                let value = self.bound(value, side.other())?;
                Some(self.out.add(Op::Negate, [value], ValueType::F64))
            }
            (Op::Arithmetic(Arithmetic::Add), [a, b]) => {
                let (a, b) = (self.bound(a, side)?, self.bound(b, side)?);
                Some(self.arithmetic(Arithmetic::Add, a, b))
            }
            (Op::Arithmetic(Arithmetic::Subtract), [a, b]) => {
                let (a, b) = (self.bound(a, side)?, self.bound(b, side.other())?);
                Some(self.arithmetic(Arithmetic::Subtract, a, b))
            }
            (Op::Arithmetic(Arithmetic::Multiply), [a, b]) => self.product(a, b, side),
            (Op::Arithmetic(Arithmetic::Divide), [a, b]) => self.quotient(a, b, side),
            (Op::Select, [_, a, b]) => {
                let (a, b) = (self.bound(a, side)?, self.bound(b, side)?);
                let extreme = if side == Side::Upper { "max" } else { "min" };
                if a == b { Some(a) } else { Some(self.call(extreme, [a, b])) }
            }
            (Op::Call(f), args) => self.of_call(f.0.name, args, side).or_else(|| self.curve((*f, args), all, side)),
            _ => None,
        }
    }

    fn arithmetic(&mut self, op: Arithmetic, a: Arg, b: Arg) -> Arg {
        self.out.add(Op::Arithmetic(op), [a, b], ValueType::F64)
    }

    fn call<const N: usize>(&mut self, name: &str, args: [Arg; N]) -> Arg {
        let function = function(name).expect("it is a function of the list");
        self.out.add(Op::Call(FunctionRef(function)), args, ValueType::F64)
    }

    /// A product of two numbers of which one is constant, or both have no sign.
    fn product(&mut self, a: &Arg, b: &Arg, side: Side) -> Option<Arg> {
        let (x, y) = (self.facts(a)?, self.facts(b)?);
        let of_constant = match (x.as_point(), y.as_point()) {
            (Some(factor), _) => Some((factor, b)),
            (None, Some(factor)) => Some((factor, a)),
            (None, None) => None,
        };
        if let Some((factor, other)) = of_constant {
            let bound = self.bound(other, if factor < 0.0 { side.other() } else { side })?;
            return Some(self.arithmetic(Arithmetic::Multiply, bound, constant(factor)));
        }
        if x.lo < 0.0 || y.lo < 0.0 {
            return None;
        }
        let (a, b) = (self.bound(a, side)?, self.bound(b, side)?);
        // Two lower bounds below zero would have a product above it.
        let a = if side == Side::Lower { self.at_least_zero(a) } else { a };
        Some(self.arithmetic(Arithmetic::Multiply, a, b))
    }

    /// A quotient whose divisor is constant, or positive while the dividend has no sign.
    fn quotient(&mut self, a: &Arg, b: &Arg, side: Side) -> Option<Arg> {
        let (x, y) = (self.facts(a)?, self.facts(b)?);
        if let Some(divisor) = y.as_point().filter(|y| *y != 0.0) {
            let bound = self.bound(a, if divisor < 0.0 { side.other() } else { side })?;
            return Some(self.arithmetic(Arithmetic::Divide, bound, constant(divisor)));
        }
        if x.lo < 0.0 || y.lo <= 0.0 {
            return None;
        }
        if let Arg::Node(id) = b
            && let Reads::Column(column) = self.reads[*id]
        {
            // The inverse of a bound in the table, rounded away from it: a product is cheaper.
            let inverse = match side {
                Side::Upper => |x: f64| (1.0 / x).next_up(),
                Side::Lower => |x: f64| (1.0 / x).next_down(),
            };
            if let Some(inverse) = self.table(*id, column, side.other(), inverse) {
                let a = self.bound(a, side)?;
                return Some(self.arithmetic(Arithmetic::Multiply, a, inverse));
            }
        }
        let (a, b) = (self.bound(a, side)?, self.bound(b, side.other())?);
        let lowest = match &b {
            b if self.out.facts(b).value.as_doubles().lo >= y.lo => b.clone(),
            b => self.call("max", [b.clone(), constant(y.lo)]),
        };
        Some(self.arithmetic(Arithmetic::Divide, a, lowest))
    }

    fn at_least_zero(&mut self, arg: Arg) -> Arg {
        if self.out.facts(&arg).value.as_doubles().lo >= 0.0 { arg } else { self.call("max", [arg, constant(0.0)]) }
    }

    /// Functions that are as monotone as the numbers that they round, and cheap.
    fn of_call(&mut self, name: &str, args: &[Arg], side: Side) -> Option<Arg> {
        match (name, args) {
            ("min" | "max", [a, b]) => {
                let (a, b) = (self.bound(a, side)?, self.bound(b, side)?);
                Some(self.call(name, [a, b]))
            }
            ("to_f32" | "floor" | "ceil" | "rint", [a]) => {
                let a = self.bound(a, side)?;
                Some(self.call(name, [a]))
            }
            ("sqrt", [a]) => {
                let a = self.bound(a, side)?;
                let a = self.at_least_zero(a);
                Some(self.call(name, [a]))
            }
            _ => None,
        }
    }
}
