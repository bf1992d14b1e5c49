//! The logical plan: a DAG of operators, with the scripts that they use.

use petgraph::stable_graph::{NodeIndex, StableDiGraph};

use crate::plan::node::Node;
use crate::plan::script::ScriptTable;

/// A typed plan that says what is answered, not yet where and how.
#[derive(Clone, Debug, Default)]
pub struct LogicalPlan {
    /// The operators; edges run from producer to consumer.
    pub graph: StableDiGraph<Node, ()>,
    /// The scripts.
    pub scripts: ScriptTable,
    /// Stop after this many milliseconds.
    pub timeout_ms: Option<u64>,
}

impl LogicalPlan {
    /// Adds an operator that consumes what `inputs` produce.
    pub fn add(&mut self, node: Node, inputs: &[NodeIndex]) -> NodeIndex {
        let index = self.graph.add_node(node);
        for input in inputs {
            self.graph.add_edge(*input, index, ());
        }
        index
    }
}
