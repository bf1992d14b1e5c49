//! A physical plan, what the rules did, and the scripts' verdicts as trees of text.

use crate::plan::script::{Script, ScriptId, ScriptTable, Tier};
use crate::plan::text::Tree;
use crate::plan::text::expr::sql;
use crate::plan::text::plan::{fetch_tree, predicate_tree, scoring_tree, sort_text, top_hits_tree, track_text};
use crate::plan::text::query::query_tree;
use crate::plan::udf::called_udfs;
use crate::pushdown::fragment::Fragment;
use crate::pushdown::physical::{Coordinator, PhysicalPlan};
use crate::pushdown::pipeline::{STAGES, rules};
use crate::pushdown::rule::Switches;
use crate::pushdown::trace::Trace;

/// The plan from the coordinator down to what the index answers.
pub fn physical_tree(plan: &PhysicalPlan) -> Tree {
    let PhysicalPlan { fragment, coordinator, trace: _ } = plan;
    let Coordinator { from, size, sort, track_scores: _, track_total_hits } = coordinator;
    Tree::new("Merge")
        .prop_if("from", Some(from).filter(|from| **from > 0))
        .prop("size", size)
        .prop("by", sort_text(sort))
        .prop("count", track_text(*track_total_hits))
        .child(Tree::new("Shards").prop_if("timeout_ms", fragment.timeout_ms).child(fragment_tree(fragment)))
}

/// The shard's pipeline, the last step first.
fn fragment_tree(fragment: &Fragment) -> Tree {
    let Fragment {
        scripts,
        query,
        scored,
        filters,
        score,
        min_score,
        post_filters,
        top_hits,
        track_total_hits,
        fetch,
        timeout_ms: _,
    } = fragment;
    let matched =
        Tree::new("Match").detail(if *scored { "scored" } else { "unscored" }).child(query_tree(query, scripts));
    let mut steps = vec![matched];
    steps.extend(filters.iter().map(|predicate| {
        with_verdicts(predicate_tree("Filter", predicate, scripts), scripts, |f| {
            predicate.each_script(f);
        })
    }));
    if let Some(scoring) = score {
        steps.push(with_verdicts(scoring_tree(scoring, scripts), scripts, |f| f(scoring.script)));
    }
    if let Some(bound) = min_score {
        steps.push(Tree::new("MinScore").detail(format!("_score >= {bound}")));
    }
    steps.extend(post_filters.iter().map(|predicate| {
        with_verdicts(predicate_tree("PostFilter", predicate, scripts), scripts, |f| predicate.each_script(f))
    }));
    steps.push(Tree::new("Count").detail(track_text(*track_total_hits)));
    steps.push(with_verdicts(top_hits_tree(top_hits, scripts), scripts, |f| top_hits.each_script(f)));
    steps.push(with_verdicts(fetch_tree(fetch), scripts, |f| fetch.each_script(f)));
    // Each step stands above the one that it is fed by.
    let mut steps = steps.into_iter();
    let source = steps.next().unwrap_or_default();
    steps.fold(source, |below, step| step.child(below))
}

/// Notes how the scripts of a step run.
fn with_verdicts(tree: Tree, scripts: &ScriptTable, each: impl FnOnce(&mut dyn FnMut(ScriptId))) -> Tree {
    let mut notes = Vec::new();
    each(&mut |id| {
        if let Some(verdict) = &scripts.get(id).verdict {
            notes.push(format!("s{}: {}, {:.1} ns a document", id.0, verdict.tier, verdict.cost));
        }
    });
    if notes.is_empty() { tree } else { tree.note(notes.join("; ")) }
}

/// Every rule in order: what it changed, `(no change)`, or `(off)`.
pub fn rewrites_tree(trace: &Trace, switches: &Switches) -> Vec<Tree> {
    let mut index = 0;
    let mut trees = Vec::with_capacity(STAGES.len());
    for stage in STAGES {
        let rules = stage.rules.iter().map(|rule| {
            let changes: Vec<_> =
                trace.firings.iter().filter(|firing| firing.rule == rule.name).map(|f| f.change.as_str()).collect();
            let is_on = switches.is_on(index);
            index += 1;
            let what = match changes.as_slice() {
                [] if is_on => "(no change)".to_owned(),
                [] => "(off)".to_owned(),
                changes => changes.join("; "),
            };
            let width = rules_width();
            Tree::new(format!("{:width$} {what}", rule.name))
        });
        trees.push(Tree::new(stage.name).children(rules.collect::<Vec<_>>()));
    }
    trees
}

fn rules_width() -> usize {
    rules().map(|rule| rule.name.len()).max().unwrap_or(0) + 1
}

/// The scripts: place, language, tier, cost and reason, then source and tree.
pub fn scripts_tree(plan: &PhysicalPlan) -> Vec<Tree> {
    let used = |id: ScriptId| {
        let mut is_used = false;
        plan.fragment.each_script(&mut |other| is_used = is_used || other == id);
        is_used
    };
    let scripts = plan.fragment.scripts.iter().filter(|(id, _)| used(*id));
    scripts.map(|(id, script)| script_tree(id, script)).collect()
}

fn script_tree(id: ScriptId, script: &Script) -> Tree {
    let Script { source, context: _, places, expr, ty, verdict } = script;
    let mut tree = Tree::new(format!("s{}", id.0)).detail(places.join(", ")).prop("lang", &source.lang);
    if let Some(verdict) = verdict {
        tree = tree.prop("tier", &verdict.tier);
        tree = match &verdict.tier {
            Tier::Expression => tree,
            Tier::Wasm { export, driver } => tree.prop("export", export).prop("driver", driver),
            Tier::Python { mode } => tree.prop("mode", mode),
        };
        tree = tree.prop("cost", format!("{:.1}ns", verdict.cost)).note(verdict.reason.clone());
    }
    tree = tree.child(Tree::new("source").detail(source.source.as_str()));
    for (name, value) in &source.params {
        tree = tree.child(Tree::new("param").detail(format!("${name} = {value}")));
    }
    for profile in called_udfs(expr) {
        let udf = Tree::new("udf").detail(profile.to_string()).prop("hash", profile.short_hash());
        tree = tree.child(udf.note(profile.usage()));
    }
    tree.child(Tree::new("tree").detail(sql(expr)).prop("type", ty))
}
