//! Places the operators of a logical plan: into the shard's pipeline, or with the coordinator.
//!
//! The pipeline of a fragment has fixed steps (`match, filters, score, min_score, post filters, top hits and count,
//! fetch`). A DAG that is no such line is refused by the operator that does not fit.

use crate::error::{Code, Error, Result};
use crate::plan::graph::{LogicalPlan, NodeId};
use crate::plan::node::{Fetch, Node, Predicate, Scoring, TopHits, TrackTotalHits};
use crate::plan::query::Query;
use crate::pushdown::fragment::Fragment;
use crate::pushdown::physical::{Coordinator, PhysicalPlan};
use crate::pushdown::trace::Trace;

/// Splits a plan into what the shards run and what the coordinator does.
///
/// # Errors
/// The plan has a shape that no executor runs; the error names the operator.
pub fn place_plan(mut plan: LogicalPlan, trace: Trace) -> Result<PhysicalPlan> {
    let sink = find_sink(&plan)?;
    let (mut fetch, mut count) = (None, None);
    for input in plan.inputs(sink) {
        let slot = match &plan.graph[input] {
            Node::Fetch(_) => &mut fetch,
            Node::Count { .. } => &mut count,
            other => return Err(misplaced(other, "as an input of Respond")),
        };
        if slot.replace(input).is_some() {
            return Err(misplaced(&plan.graph[input], "twice"));
        }
    }
    let fetch = fetch.ok_or_else(|| missing("Fetch"))?;
    let top_hits = plan.documents(fetch).ok_or_else(|| missing("TopHits"))?;
    let source = plan.documents(top_hits).ok_or_else(|| missing("Match"))?;
    if let Some(count) = count
        && plan.documents(count) != Some(source)
    {
        return Err(misplaced(&plan.graph[count], "over other documents than TopHits"));
    }
    let line = line_to(&plan, source)?;

    let steps = Steps::take(&mut plan, &line)?;
    let (fetch, top_hits) = (take_fetch(&mut plan, fetch)?, take_top_hits(&mut plan, top_hits)?);
    let track_total_hits = match count.map(|count| &plan.graph[count]) {
        Some(Node::Count { track }) => *track,
        _ => TrackTotalHits::Disabled,
    };
    let coordinator = Coordinator {
        from: top_hits.from,
        size: top_hits.size,
        sort: top_hits.sort.clone(),
        track_scores: top_hits.track_scores,
        track_total_hits,
    };
    let page = if top_hits.size == 0 { 0 } else { top_hits.from.saturating_add(top_hits.size) };
    let fragment = Fragment {
        scripts: plan.scripts,
        query: steps.query,
        scored: steps.scored,
        filters: steps.filters,
        score: steps.score,
        min_score: steps.min_score,
        post_filters: steps.post_filters,
        top_hits: TopHits { from: 0, size: page, ..top_hits },
        track_total_hits,
        fetch,
        timeout_ms: plan.timeout_ms,
    };
    Ok(PhysicalPlan { fragment, coordinator, trace })
}

/// The steps of the pipeline, filled in order.
struct Steps {
    query: Query,
    scored: bool,
    filters: Vec<Predicate>,
    score: Option<Scoring>,
    min_score: Option<f32>,
    post_filters: Vec<Predicate>,
}

impl Steps {
    fn take(plan: &mut LogicalPlan, line: &[NodeId]) -> Result<Self> {
        let mut steps: Option<Self> = None;
        for id in line {
            let node = plan.graph.node_weight_mut(*id).map(|node| std::mem::replace(node, Node::Respond));
            match (node, &mut steps) {
                (Some(Node::Match { query, scored }), None) => {
                    steps = Some(Self {
                        query,
                        scored,
                        filters: Vec::new(),
                        score: None,
                        min_score: None,
                        post_filters: Vec::new(),
                    });
                }
                (Some(node), Some(steps)) => steps.push(node)?,
                (Some(node), None) => return Err(misplaced(&node, "before Match")),
                (None, _) => return Err(missing("Match")),
            }
        }
        steps.ok_or_else(|| missing("Match"))
    }

    fn push(&mut self, node: Node) -> Result<()> {
        let is_before_score = self.score.is_none() && self.min_score.is_none() && self.post_filters.is_empty();
        match node {
            Node::Score(scoring) if is_before_score => self.score = Some(scoring),
            Node::Filter { predicate: Predicate::MinScore(bound) } if self.post_filters.is_empty() => {
                self.min_score = Some(self.min_score.map_or(bound, |other| other.max(bound)));
            }
            Node::Filter { predicate: predicate @ (Predicate::Script(_) | Predicate::Query(_)) } => {
                if is_before_score {
                    self.filters.push(predicate);
                } else {
                    self.post_filters.push(predicate);
                }
            }
            other => return Err(misplaced(&other, "after the step that it belongs to")),
        }
        Ok(())
    }
}

/// The operators from `Match` to `last`, in the order in which documents pass them.
fn line_to(plan: &LogicalPlan, last: NodeId) -> Result<Vec<NodeId>> {
    let mut line = vec![last];
    let mut at = last;
    while let Some(input) = plan.documents(at) {
        if line.len() > plan.graph.node_count() {
            return Err(Error::new(Code::UnplaceablePlan, "the plan has a cycle"));
        }
        line.push(input);
        at = input;
    }
    line.reverse();
    Ok(line)
}

fn find_sink(plan: &LogicalPlan) -> Result<NodeId> {
    let mut sinks = plan.graph.node_indices().filter(|id| matches!(plan.graph[*id], Node::Respond));
    match (sinks.next(), sinks.next()) {
        (Some(sink), None) => Ok(sink),
        (None, _) => Err(missing("Respond")),
        (Some(_), Some(_)) => Err(misplaced(&Node::Respond, "twice")),
    }
}

fn take_fetch(plan: &mut LogicalPlan, id: NodeId) -> Result<Fetch> {
    match std::mem::replace(&mut plan.graph[id], Node::Respond) {
        Node::Fetch(fetch) => Ok(fetch),
        other => Err(misplaced(&other, "where Fetch is needed")),
    }
}

fn take_top_hits(plan: &mut LogicalPlan, id: NodeId) -> Result<TopHits> {
    match std::mem::replace(&mut plan.graph[id], Node::Respond) {
        Node::TopHits(top_hits) => Ok(top_hits),
        other => Err(misplaced(&other, "where TopHits is needed")),
    }
}

fn missing(operator: &str) -> Error {
    Error::new(Code::UnplaceablePlan, format!("the plan has no {operator} where one is needed"))
}

fn misplaced(node: &Node, how: &str) -> Error {
    Error::new(Code::UnplaceablePlan, format!("{} stands {how}", node.name()))
}
