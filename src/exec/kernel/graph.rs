//! The graph of typed values that a tree becomes: equal subtrees are one node, constants are folded.

use std::collections::HashMap;

use smallvec::SmallVec;

use super::machine::fold;
use super::program::{Op, Operand, Reg, Scalar};
use crate::plan::script::ValueType;

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
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Facts {
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
    by_value: HashMap<Node, NodeId>,
}

impl Graph {
    /// The value of an operation: the node that has it already, a constant where all arguments are, else a new node.
    pub(super) fn add(&mut self, op: Op, args: impl IntoIterator<Item = Arg>, ty: ValueType) -> Arg {
        let node = Node { op, args: args.into_iter().collect(), ty };
        if let Some(id) = self.by_value.get(&node) {
            return Arg::Node(*id);
        }
        let facts = self.judge(&node);
        if let Some(constant) = simplify(&node).or_else(|| constant(&node, facts)) {
            return constant;
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
            Arg::Const(_) => Facts::default(),
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

    fn judge(&self, node: &Node) -> Facts {
        let mut facts = match &node.op {
            Op::Check { .. } => Facts { fallible: true, calls: false },
            Op::Call(function) => Facts { fallible: function.0.fallible, calls: true },
            Op::Udf { .. } => Facts { fallible: true, calls: true },
            _ => Facts::default(),
        };
        for arg in &node.args {
            let below = self.facts(arg);
            facts.fallible |= below.fallible;
            facts.calls |= below.calls;
        }
        facts
    }
}

/// A value that needs no operation: a branch that is known, a truth that decides.
fn simplify(node: &Node) -> Option<Arg> {
    let truth = |arg: &Arg| match arg {
        Arg::Const(Scalar::Bool(truth)) => Some(*truth),
        _ => None,
    };
    match (&node.op, node.args.as_slice()) {
        (Op::Select, [test, then, otherwise]) => {
            truth(test).map(|test| if test { then.clone() } else { otherwise.clone() })
        }
        (Op::And, [left, right]) => {
            truth(left).map(|left| if left { right.clone() } else { Arg::Const(Scalar::Bool(false)) })
        }
        (Op::Or, [left, right]) => {
            truth(left).map(|left| if left { Arg::Const(Scalar::Bool(true)) } else { right.clone() })
        }
        _ => None,
    }
}

/// The value of an operation on constants, computed by the operation itself.
fn constant(node: &Node, facts: Facts) -> Option<Arg> {
    let reads_rows = matches!(
        node.op,
        Op::Score
            | Op::Doc
            | Op::Filter(_)
            | Op::Load { .. }
            | Op::Present { .. }
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
    Some(Arg::Const(fold(node.op.clone(), args, Reg { ty: node.ty, index: 0 })))
}
