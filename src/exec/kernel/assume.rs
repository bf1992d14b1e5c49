//! What a branch is when its test is known to hold: a column that the test asks for has a value, or has none.
//!
//! `doc['x'].size() == 0 ? 1 : doc['x'].value` can fail for no document: where the second branch is taken there is a value.

use std::collections::HashMap;

use super::graph::{Arg, Graph, NodeId};
use super::program::{Op, Scalar};

/// How many nodes a program may look at for this: hostile trees nest tests in tests.
const MOST_WORK: usize = 100_000;

impl Graph {
    /// A value as it is in rows where a test holds, or does not. The same value, if nothing is to be won.
    pub(super) fn assuming(&mut self, value: &Arg, test: &Arg, holds: bool) -> Arg {
        let Arg::Node(root) = value else { return value.clone() };
        let mut known = HashMap::new();
        if self.facts(value).fallible && self.work <= MOST_WORK {
            self.learn(test, holds, &mut known);
        }
        if known.is_empty() {
            return value.clone();
        }
        self.work += root + 1;
        for id in self.below(*root) {
            if known.contains_key(&id) {
                continue;
            }
            let node = self.nodes[id].clone();
            let replaced = |arg: &Arg| match arg {
                Arg::Node(id) => known.get(id).unwrap_or(arg).clone(),
                Arg::Const(_) => arg.clone(),
            };
            let args: Vec<Arg> = node.args.iter().map(replaced).collect();
            if args.as_slice() != node.args.as_slice() {
                let same = self.add(node.op, args, node.ty);
                known.insert(id, same);
            }
        }
        known.remove(root).unwrap_or_else(|| value.clone())
    }

    /// What a test says of columns when it holds, or when it does not.
    fn learn(&mut self, test: &Arg, holds: bool, known: &mut HashMap<NodeId, Arg>) {
        let Arg::Node(test) = test else { return };
        let mut open = vec![(*test, holds)];
        while let Some((id, holds)) = open.pop() {
            self.work += 1;
            if self.work > MOST_WORK {
                return;
            }
            let node = &self.nodes[id];
            let args = || node.args.iter().filter_map(|arg| if let Arg::Node(arg) = arg { Some(*arg) } else { None });
            match node.op {
                Op::Present { .. } => {
                    known.insert(id, Arg::Const(Scalar::Bool(holds)));
                }
                Op::Not => open.extend(args().map(|arg| (arg, !holds))),
                Op::And if holds => open.extend(args().map(|arg| (arg, true))),
                Op::Or if !holds => open.extend(args().map(|arg| (arg, false))),
                _ => {}
            }
        }
    }

    /// The nodes that a node needs, and itself, each after its arguments.
    pub(super) fn below(&self, root: NodeId) -> Vec<NodeId> {
        let mut needed = vec![false; root + 1];
        needed[root] = true;
        for id in (0..=root).rev() {
            if needed[id] {
                for arg in &self.nodes[id].args {
                    if let Arg::Node(arg) = arg {
                        needed[*arg] = true;
                    }
                }
            }
        }
        (0..=root).filter(|id| needed[*id]).collect()
    }
}
