//! The operators of a plan as a tree of text, from the sink to the sources.

use super::Tree;
use super::expr::sql;
use super::query::query_tree;
use crate::plan::graph::{LogicalPlan, NodeId};
use crate::plan::node::{
    Fetch, FieldSort, Missing, NestedSort, Node, Predicate, Scoring, SortBy, SortKey, SortMode, SortType, TopHits,
    TrackTotalHits, Zones,
};
use crate::plan::script::shown::{Shown, ShownCase};
use crate::plan::script::{ScriptId, ScriptTable};

/// The DAG as a tree: an operator that has several consumers is shown in full once, then by name.
pub fn logical_tree(plan: &LogicalPlan) -> Vec<Tree> {
    let mut shown = Vec::new();
    let sinks = plan.ids().into_iter().filter(|id| plan.consumers(*id).is_empty());
    let mut trees: Vec<_> = sinks.map(|id| node_tree(plan, id, &mut shown)).collect();
    if let Some(timeout) = plan.timeout_ms {
        trees.push(Tree::new("Timeout").detail(format!("{timeout} ms")));
    }
    trees
}

fn node_tree(plan: &LogicalPlan, id: NodeId, shown: &mut Vec<NodeId>) -> Tree {
    let node = &plan.graph[id];
    if shown.contains(&id) {
        let again = match node {
            Node::Compute { script } => format!("s{}", script.0),
            _ => String::new(),
        };
        return Tree::new(node.name()).detail(again).note("as above");
    }
    if plan.consumers(id).len() > 1 {
        shown.push(id);
    }
    let tree = match node {
        Node::Match { query, scored } => Tree::new("Match")
            .detail(if *scored { "scored" } else { "unscored" })
            .child(query_tree(query, &plan.scripts)),
        Node::Compute { script } => compute_tree(*script, &plan.scripts),
        Node::Filter { predicate } => predicate_tree("Filter", predicate, &plan.scripts),
        Node::Score(scoring) => scoring_tree(scoring, &plan.scripts),
        Node::TopHits(top_hits) => top_hits_tree(top_hits, &plan.scripts),
        Node::Count { track } => Tree::new("Count").detail(track_text(*track)),
        Node::Fetch(fetch) => fetch_tree(fetch),
        Node::Respond => Tree::new("Respond"),
    };
    let inputs = plan.inputs(id).into_iter().map(|input| node_tree(plan, input, shown)).collect::<Vec<_>>();
    tree.children(inputs)
}

fn compute_tree(id: ScriptId, scripts: &ScriptTable) -> Tree {
    let script = scripts.get(id);
    Tree::new("Compute").detail(format!("s{}", id.0)).prop("type", script.ty).note(script.places.join(", "))
}

/// A test of documents as a tree of text.
pub fn predicate_tree(name: &str, predicate: &Predicate, scripts: &ScriptTable) -> Tree {
    match predicate {
        Predicate::Script(id) => Tree::new(name).detail(format!("s{} {}", id.0, sql(&scripts.get(*id).expr))),
        Predicate::Query(query) => {
            let tree = query_tree(query, scripts);
            Tree::new(name).child(Tree { name: format!("query: {}", tree.name), ..tree })
        }
        Predicate::MinScore(bound) => Tree::new(name).detail(format!("_score >= {bound}")),
    }
}

/// A computed score as a tree of text.
pub fn scoring_tree(scoring: &Scoring, scripts: &ScriptTable) -> Tree {
    let Scoring { script, filters, min_score, boost } = scoring;
    let filters = filters.iter().enumerate().map(|(i, query)| {
        let tree = query_tree(query, scripts);
        Tree { name: format!("_filter.{i}: {}", tree.name), ..tree }
    });
    Tree::new("Score")
        .detail(format!("s{} {}", script.0, sql(&scripts.get(*script).expr)))
        .prop_if("min_score", *min_score)
        .prop_if("boost", Some(boost).filter(|boost| **boost != 1.0))
        .children(filters)
}

/// Which hits are kept, as a tree of text.
pub fn top_hits_tree(top_hits: &TopHits, scripts: &ScriptTable) -> Tree {
    let TopHits { from, size, sort, search_after, track_scores, zones, bounded } = top_hits;
    let after = search_after.as_ref().map(|values| {
        let values: Vec<_> = values.iter().map(ToString::to_string).collect();
        format!("[{}]", values.join(", "))
    });
    Tree::new("TopHits")
        .prop_if("from", Some(from).filter(|from| **from > 0))
        .prop("size", size)
        .prop("by", sort_text(sort))
        .prop_if("after", after)
        .prop_if("track_scores", track_scores.then_some("true"))
        .prop_if("zones", zones_text(zones))
        .prop_if("documents", bounded.then(|| format!("bounded by {}", top_hits.bounded_by())))
        .children(sort.iter().filter_map(|key| match &key.by {
            SortBy::Field(FieldSort { nested: Some(NestedSort { filter: Some(filter), .. }), .. }) => {
                Some(query_tree(filter, scripts))
            }
            _ => None,
        }))
}

/// Which zones are visited.
fn zones_text(zones: &Zones) -> Option<String> {
    match zones {
        Zones::All => None,
        Zones::Unknown(reason) => Some(format!("all, {reason}")),
        Zones::Skip(key) => Some(format!("skipped by {key}")),
    }
}

/// The keys of a sort, most important first.
pub fn sort_text(sort: &[SortKey]) -> String {
    if sort.is_empty() {
        return "_score desc".to_owned();
    }
    let keys: Vec<_> = sort.iter().map(key_text).collect();
    keys.join(", ")
}

fn key_text(key: &SortKey) -> String {
    let SortKey { by, descending } = key;
    let order = if *descending { "desc" } else { "asc" };
    match by {
        SortBy::Score => format!("_score {order}"),
        SortBy::Doc => format!("_doc {order}"),
        SortBy::Id => format!("_id {order}"),
        SortBy::NumberScript(id) => format!("s{} as number {order}", id.0),
        SortBy::StringScript(id) => format!("s{} as string {order}", id.0),
        SortBy::Field(FieldSort { field, mode, missing, nested, unmapped, ty }) => {
            let mut text = format!("{field} {order} {} of {}", mode_text(*mode), type_text(*ty));
            match missing {
                Missing::First => text.push_str(" missing first"),
                Missing::Last => {}
                Missing::Value(value) => text.push_str(&format!(" missing as {value}")),
            }
            if let Some(NestedSort { path, filter: _ }) = nested {
                text.push_str(&format!(" nested in {path}"));
            }
            if unmapped.is_some() {
                text.push_str(" unmapped");
            }
            text
        }
    }
}

fn mode_text(mode: SortMode) -> &'static str {
    match mode {
        SortMode::Min => "min",
        SortMode::Max => "max",
        SortMode::Sum => "sum",
        SortMode::Avg => "avg",
        SortMode::Median => "median",
    }
}

fn type_text(ty: SortType) -> &'static str {
    match ty {
        SortType::Int => "int",
        SortType::Long => "long",
        SortType::UnsignedLong => "unsigned_long",
        SortType::Float => "float",
        SortType::Double => "double",
        SortType::Date => "date",
        SortType::Keyword => "keyword",
        SortType::Ip => "ip",
    }
}

/// What a hit shows, as a tree of text.
pub fn fetch_tree(fetch: &Fetch) -> Tree {
    let Fetch { source, script_fields, named_queries } = fetch;
    let source = match source {
        None => "none".to_owned(),
        Some(filter) if filter.includes.is_empty() && filter.excludes.is_empty() => "all".to_owned(),
        Some(filter) => {
            let includes = filter.includes.iter().map(|p| format!("+{p}"));
            let excludes = filter.excludes.iter().map(|p| format!("-{p}"));
            includes.chain(excludes).collect::<Vec<_>>().join(",")
        }
    };
    let fields: Vec<_> =
        script_fields.iter().map(|field| format!("{}:{}", field.name, cases_text(&field.cases))).collect();
    let names: Vec<_> = named_queries.iter().map(|named| named.name.as_str()).collect();
    Tree::new("Fetch")
        .prop("source", source)
        .prop_if("named_queries", Some(names.join(",")).filter(|names| !names.is_empty()))
        .prop_if("script_fields", Some(fields.join(",")).filter(|fields| !fields.is_empty()))
}

/// The cases of a script field: `s0`, or `if s0 then s1 else null`.
fn cases_text(cases: &[ShownCase<ScriptId>]) -> String {
    let case = |case: &ShownCase<ScriptId>| {
        let shown = match &case.shown {
            Shown::Value(script) => format!("s{}", script.0),
            Shown::Null => "null".to_owned(),
            Shown::Values(path) => format!("all of {path}"),
            Shown::Point(lat, lon) => format!("point(s{}, s{})", lat.0, lon.0),
            Shown::Constant(value) => value.to_string(),
        };
        case.test.map_or(shown.clone(), |test| format!("if s{} then {shown}", test.0))
    };
    cases.iter().map(case).collect::<Vec<_>>().join(" else ")
}

/// How far hits are counted.
pub fn track_text(track: TrackTotalHits) -> String {
    match track {
        TrackTotalHits::Exact => "all".to_owned(),
        TrackTotalHits::Disabled => "none".to_owned(),
        TrackTotalHits::UpTo(n) => format!("up to {n}"),
    }
}
