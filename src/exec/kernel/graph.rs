//! The graph of typed values that a tree becomes: equal subtrees are one node, constants are folded.
//!
//! Of each value it is known between which others it lies, from what is known of the columns: of a segment's, or nothing. A
//! value that is known is a constant.

use std::collections::HashMap;
use std::sync::Arc;

use smallvec::SmallVec;

use super::machine::fold;
use super::op_bounds::{load, op_bounds};
use super::program::{Op, Operand, Reg, Scalar};
use super::simplify::simplify;
use crate::exec::columns::{contains, present};
use crate::exec::zones::ColumnZone;
use crate::plan::interval::{Bounds, Doubles, Interval, Longs};
use crate::plan::script::ValueType;
use crate::plan::udf::UdfProfile;

/// A node's place in the graph; nodes stand after their arguments.
pub(super) type NodeId = usize;

/// A value: a node's, or a constant.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Arg {
    Node(NodeId),
    Const(Scalar),
}

/// An operation over other values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Node {
    pub(super) op: Op,
    pub(super) args: SmallVec<[Arg; 3]>,
    pub(super) ty: ValueType,
}

/// What is known of a node: itself and all below.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// Between which values it lies, of all rows that do not fail.
    pub(super) value: Interval,
    /// Whether a row can fail.
    pub(super) fallible: bool,
    /// Whether a function is called, so that a branch is worth skipping.
    pub(super) calls: bool,
}

/// The graph.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    pub(super) facts: Vec<Facts>,
    /// What is known of each column.
    pub(super) columns: Vec<ColumnZone>,
    /// Between which values scores lie; none: anywhere.
    pub(super) scores: Option<Doubles>,
    /// The deployed UDFs that are called; operations name them by index.
    pub(super) udfs: Vec<Arc<UdfProfile>>,
    /// How many nodes were looked at for [`Self::assuming`].
    pub(super) work: usize,
    by_value: HashMap<Node, NodeId>,
}

impl Graph {
    /// An empty graph over columns and scores of which this is known.
    pub(super) fn over(columns: Vec<ColumnZone>, scores: Doubles) -> Self {
        Self { columns, scores: Some(scores), ..Self::default() }
    }

    /// The value of an operation: the node that has it already, a constant or another node where that is the same bit for
    /// bit, else a new node.
    pub(super) fn add(&mut self, op: Op, args: impl IntoIterator<Item = Arg>, ty: ValueType) -> Arg {
        let node = Node { op, args: args.into_iter().collect(), ty };
        if let Some(id) = self.by_value.get(&node) {
            return Arg::Node(*id);
        }
        let facts = self.judge(&node);
        if let Some(value) = known(facts).or_else(|| constant(&node, facts)) {
            return Arg::Const(value);
        }
        if let Some(same) = simplify(&node, self) {
            return same;
        }
        let id = self.nodes.len();
        self.by_value.insert(node.clone(), id);
        self.nodes.push(node);
        self.facts.push(facts);
        Arg::Node(id)
    }

    /// The type of a value.
    pub(super) fn ty(&self, arg: &Arg) -> ValueType {
        match arg {
            Arg::Node(id) => self.nodes[*id].ty,
            Arg::Const(scalar) => scalar.ty(),
        }
    }

    /// What is known of a value.
    pub(super) fn facts(&self, arg: &Arg) -> Facts {
        match arg {
            Arg::Node(id) => self.facts[*id],
            Arg::Const(scalar) => Facts { value: scalar.into(), fallible: false, calls: false },
        }
    }

    /// How often each node is used as an argument by what the result needs, and the result itself.
    pub(super) fn uses(&self, result: &Arg) -> Vec<u32> {
        let mut uses = vec![0; self.nodes.len()];
        let count = |arg: &Arg, uses: &mut Vec<u32>| {
            if let Arg::Node(id) = arg {
                uses[*id] += 1;
            }
        };
        count(result, &mut uses);
        for id in (0..self.nodes.len()).rev() {
            if uses[id] > 0 {
                self.nodes[id].args.iter().for_each(|arg| count(arg, &mut uses));
            }
        }
        uses
    }

    /// What is known of an operation over columns of which this is known, when its arguments lie in intervals.
    pub(super) fn bounds(&self, node: &Node, args: &[Interval], columns: &[ColumnZone]) -> Bounds {
        match &node.op {
            // What is known here is known of all rows, also of those that a guard keeps from being used.
            Op::Load { column, part, .. } => load(&columns[*column], *part, false, node.ty, args[0]).into(),
            Op::Present { column } => present(&columns[*column]).into(),
            Op::Contains { column } => contains(&columns[*column], args[0]).into(),
            Op::Doc => Longs::new(0, i64::MAX).into(),
            Op::Score => self.scores.unwrap_or(Doubles::ALL).into(),
            op => op_bounds(op, node.ty, args, &self.udfs),
        }
    }

    fn judge(&self, node: &Node) -> Facts {
        let args: SmallVec<[Facts; 8]> = node.args.iter().map(|arg| self.facts(arg)).collect();
        let intervals: SmallVec<[Interval; 8]> = args.iter().map(|arg| arg.value).collect();
        let Bounds { value, fails } = self.bounds(node, &intervals, &self.columns);
        let is_udf = matches!(node.op, Op::Udf { .. });
        let fallible = fails || is_udf || args.iter().any(|arg| arg.fallible);
        let calls = is_udf || matches!(node.op, Op::Call(_)) || args.iter().any(|arg| arg.calls);
        Facts { value, fallible, calls }
    }
}

/// The value, where there is but one and it cannot fail.
fn known(facts: Facts) -> Option<Scalar> {
    if facts.fallible {
        return None;
    }
    match facts.value {
        Interval::F64 { .. } => facts.value.as_doubles().as_point().map(Scalar::F64),
        Interval::I64 { .. } => facts.value.as_longs().as_point().map(Scalar::I64),
        Interval::Bool { .. } => facts.value.as_truth().as_known().map(Scalar::Bool),
        Interval::Str => None,
    }
}

/// The value of an operation on constants, computed by the operation itself.
fn constant(node: &Node, facts: Facts) -> Option<Scalar> {
    let reads_rows = matches!(
        node.op,
        Op::Score
            | Op::Doc
            | Op::Filter(_)
            | Op::Load { .. }
            | Op::Present { .. }
            | Op::Bound { .. }
            | Op::Contains { .. }
            | Op::Check { .. }
            | Op::Skip(_)
    );
    if facts.fallible || reads_rows {
        return None;
    }
    let args = node.args.iter().map(|arg| match arg {
        Arg::Const(scalar) => Some(Operand::Const(scalar.clone())),
        Arg::Node(_) => None,
    });
    let args = args.collect::<Option<SmallVec<[Operand; 3]>>>()?;
    Some(fold(node.op.clone(), args, Reg { ty: node.ty, index: 0 }))
}
