//! `skip_zones`: zones of documents that cannot hold a hit are not visited.

use crate::plan::graph::LogicalPlan;
use crate::plan::node::{Node, Predicate, Scoring, SortBy, SortType, TopHits, Zones};
use crate::plan::query::Scope;
use crate::pushdown::rule::{Apply, Rule};

/// `TopHits by=key => TopHits by=key zones="skipped by key"`
///
/// *Better*, because of most zones it follows from the least and greatest values of their columns that no document of them
/// is among the best hits, or passes a filter. Shards decide that for each zone, also whether evaluating it could fail: then
/// it is visited. *Not possible* by a first key whose values have no bounds, where no filter has some, either. *Relies on*
/// nothing; it comes late, so that explain shows by what zones are skipped in the end.
pub(crate) const RULE: Rule = Rule {
    name: "skip_zones",
    summary: "TopHits by=key => TopHits by=key, zones without a hit skipped",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let filters = plan.graph.node_weights().any(drops_documents);
    let top_hits = plan.graph.node_weights_mut().find_map(|node| match node {
        Node::TopHits(top_hits) => Some(top_hits),
        _ => None,
    })?;
    if top_hits.zones != Zones::All {
        return None;
    }
    top_hits.zones = match bounded_key(top_hits) {
        Ok(key) => Zones::Skip(key),
        Err(_) if filters => Zones::Skip("filters".to_owned()),
        Err(reason) => Zones::Unknown(reason.to_owned()),
    };
    match &top_hits.zones {
        Zones::Skip(key) => Some(format!("zones are skipped by {key}")),
        Zones::Unknown(reason) => Some(format!("all zones are visited: {reason}")),
        Zones::All => None,
    }
}

/// Whether an operator drops documents by a script or a score, which have bounds.
fn drops_documents(node: &Node) -> bool {
    match node {
        Node::Match { query, .. } => query.runs_script(Scope::Filter),
        Node::Filter { predicate: Predicate::Script(_) | Predicate::MinScore(_) } => true,
        Node::Score(Scoring { min_score, .. }) => min_score.is_some(),
        Node::Filter { predicate: Predicate::Query(query) } => query.runs_script(Scope::Filter),
        Node::Compute { .. } | Node::TopHits(_) | Node::Count { .. } | Node::Fetch(_) | Node::Respond => false,
    }
}

/// The first key, if there are bounds of it; else why there are none.
fn bounded_key(top_hits: &TopHits) -> Result<String, &'static str> {
    if top_hits.from.saturating_add(top_hits.size) == 0 {
        return Ok("count".to_owned());
    }
    match top_hits.sort.first().map(|key| &key.by) {
        None | Some(SortBy::Score) => Ok("_score".to_owned()),
        Some(SortBy::Doc) => Ok("_doc".to_owned()),
        Some(SortBy::NumberScript(script)) => Ok(format!("s{}", script.0)),
        Some(SortBy::StringScript(_) | SortBy::Id) => Err("the first key is a text"),
        Some(SortBy::Field(field)) => match field.ty {
            _ if field.nested.is_some() => Err("the first key is that of nested documents"),
            SortType::Ip | SortType::UnsignedLong => Err("the first key has no bounds"),
            SortType::Int
            | SortType::Long
            | SortType::Float
            | SortType::Double
            | SortType::Date
            | SortType::Keyword => Ok(field.field.clone()),
        },
    }
}
