//! Bounds of what reads one column only: a table of a number for each class of the column's documents.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use smallvec::SmallVec;

use super::{Bounder, Side};
use crate::exec::columns::CLASSES;
use crate::exec::kernel::graph::{Arg, Graph, NodeId};
use crate::exec::kernel::program::Op;
use crate::plan::interval::{Doubles, Interval};
use crate::plan::script::ValueType;

/// A number for each class of documents, and between which they lie. Two are the same if they are one.
#[derive(Clone, Debug)]
pub(in crate::exec::kernel) struct ClassTable {
    pub(in crate::exec::kernel) values: Arc<[f64; CLASSES]>,
    pub(in crate::exec::kernel) lo: f64,
    pub(in crate::exec::kernel) hi: f64,
}

impl PartialEq for ClassTable {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.values, &other.values)
    }
}

impl Eq for ClassTable {}

impl Hash for ClassTable {
    fn hash<H: Hasher>(&self, state: &mut H) {
        Arc::as_ptr(&self.values).hash(state);
    }
}

/// What a node reads of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reads {
    Nothing,
    Column(usize),
    /// Several columns, the score, anything else.
    More,
}

impl Reads {
    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Nothing, some) | (some, Self::Nothing) => some,
            (Self::Column(a), Self::Column(b)) if a == b => self,
            _ => Self::More,
        }
    }
}

/// What each node and all below it read.
pub(super) fn reads(graph: &Graph) -> Vec<Reads> {
    let mut all: Vec<Reads> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let own = match &node.op {
            Op::Load { column, .. } | Op::Present { column } | Op::Contains { column } | Op::Bound { column, .. } => {
                Reads::Column(*column)
            }
            Op::Score | Op::Doc | Op::Filter(_) | Op::Udf { .. } => Reads::More,
            _ => Reads::Nothing,
        };
        let args = node.args.iter().filter_map(|arg| if let Arg::Node(id) = arg { Some(all[*id]) } else { None });
        let together = args.fold(own, Reads::and);
        all.push(together);
    }
    all
}

impl Bounder<'_> {
    /// A bound of what reads one column only: by the class of the document's value. `entry` makes one of the bound.
    pub(super) fn table(&mut self, id: NodeId, column: usize, side: Side, entry: impl Fn(f64) -> f64) -> Option<Arg> {
        let zones = self.classes.get(column)?.as_ref()?;
        let all = self.facts(&Arg::Node(id))?;
        let below = self.graph.below(id);
        let mut values: Vec<Interval> = self.graph.facts.iter().map(|facts| facts.value).take(id + 1).collect();
        let mut columns = self.graph.columns.clone();
        let mut table = [entry(side.end(all)); CLASSES];
        for (to, zone) in table.iter_mut().zip(zones) {
            let Some(zone) = zone else { continue };
            columns[column] = *zone;
            for id in &below {
                let node = &self.graph.nodes[*id];
                let args: SmallVec<[Interval; 8]> = node
                    .args
                    .iter()
                    .map(|arg| match arg {
                        Arg::Node(id) => values[*id],
                        Arg::Const(scalar) => scalar.into(),
                    })
                    .collect();
                values[*id] = self.graph.bounds(node, &args, &columns).value;
            }
            let found = match values[id] {
                longs @ Interval::I64 { .. } => Doubles::from(longs.as_longs()),
                value => value.as_doubles(),
            };
            // What holds of all documents holds of these.
            let found = if found.nan || found.is_empty() { all } else { found.within(all.lo, all.hi) };
            *to = entry(side.end(if found.is_empty() { all } else { found }));
        }
        let ends = table.iter().fold(Doubles::NONE, |ends, value| ends.join(Doubles::point(*value)));
        if ends.nan {
            return None;
        }
        let table = ClassTable { values: Arc::new(table), lo: ends.lo, hi: ends.hi };
        Some(self.out.add(Op::Bound { column, table }, [], ValueType::F64))
    }
}
