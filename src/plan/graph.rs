//! The logical plan: a DAG of operators, with the scripts that they use.
//!
//! Edges run from producer to consumer. Every operator but the sources (`Match`, `Compute`) has exactly one input of
//! documents, except `Respond`, which gathers hits and count; a script is one `Compute`, linked to all who use it.

use petgraph::Direction;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};

use crate::plan::node::Node;
use crate::plan::script::{ScriptId, ScriptTable};

/// Names an operator of a plan.
pub type NodeId = NodeIndex;

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
    pub fn add(&mut self, node: Node, inputs: &[NodeId]) -> NodeId {
        let index = self.graph.add_node(node);
        for input in inputs {
            self.graph.add_edge(*input, index, ());
        }
        index
    }

    /// All operators, in the order in which they were added.
    pub fn ids(&self) -> Vec<NodeId> {
        self.graph.node_indices().collect()
    }

    /// The producers of an operator, in the order in which they were added; scripts first.
    pub fn inputs(&self, node: NodeId) -> Vec<NodeId> {
        let mut inputs: Vec<_> = self.graph.neighbors_directed(node, Direction::Incoming).collect();
        inputs.sort_by_key(|i| (!matches!(self.graph[*i], Node::Compute { .. }), *i));
        inputs
    }

    /// The consumers of an operator, in the order in which they were added.
    pub fn consumers(&self, node: NodeId) -> Vec<NodeId> {
        let mut consumers: Vec<_> = self.graph.neighbors_directed(node, Direction::Outgoing).collect();
        consumers.sort();
        consumers
    }

    /// The first producer of documents of an operator: whatever is no script.
    pub fn documents(&self, node: NodeId) -> Option<NodeId> {
        let inputs = self.graph.neighbors_directed(node, Direction::Incoming);
        inputs.filter(|i| !matches!(self.graph[*i], Node::Compute { .. })).min()
    }

    /// Puts an operator between `producer` and all its consumers.
    pub fn insert_after(&mut self, producer: NodeId, node: Node) -> NodeId {
        let consumers = self.consumers(producer);
        let inserted = self.add(node, &[producer]);
        for consumer in consumers {
            if let Some(edge) = self.graph.find_edge(producer, consumer) {
                self.graph.remove_edge(edge);
            }
            self.graph.add_edge(inserted, consumer, ());
        }
        inserted
    }

    /// Takes an operator out; its consumers get what it was given.
    pub fn bypass(&mut self, node: NodeId) -> Option<Node> {
        if let Some(producer) = self.documents(node) {
            for consumer in self.consumers(node) {
                self.graph.update_edge(producer, consumer, ());
            }
        }
        self.graph.remove_node(node)
    }

    /// The scripts that operators use, each once, in order.
    pub fn used_scripts(&self) -> Vec<ScriptId> {
        let mut used = Vec::new();
        self.graph.node_weights().for_each(|node| node.each_script(&mut |script| used.push(script)));
        used.sort_unstable();
        used.dedup();
        used
    }

    /// Brings the `Compute` operators in line with what the others use: one for each script, linked to all who use it.
    pub fn link_scripts(&mut self) {
        if self.scripts.is_empty() {
            return;
        }
        let (old, ids): (Vec<_>, Vec<_>) =
            self.graph.node_indices().partition(|id| matches!(self.graph[*id], Node::Compute { .. }));
        for compute in old {
            self.graph.remove_node(compute);
        }
        let mut computes = vec![None; self.scripts.len()];
        for id in ids {
            let mut used = Vec::new();
            if let Some(node) = self.graph.node_weight(id) {
                node.each_script(&mut |script| used.push(script));
            }
            for script in used {
                let compute =
                    *computes[script.0 as usize].get_or_insert_with(|| self.graph.add_node(Node::Compute { script }));
                self.graph.update_edge(compute, id, ());
            }
        }
    }
}
