//! `share_scripts`: the same tree of the same source is one script, whatever it is used for.

use crate::plan::graph::LogicalPlan;
use crate::plan::script::Script;
use crate::plan::udf::is_deterministic;
use crate::plan::walk::reads_column;
use crate::pushdown::rule::{Apply, Rule};

/// `Compute s0 for a filter, Compute s1 for a field, same tree => Compute s0 for both`
///
/// *Better*, because a script is compiled and computed once. *Wrong* for equal trees of other sources: an error shows
/// its own source and position; for one that reads `_score`, which is another score before and after `Score`; and for one
/// whose UDFs may answer otherwise each time. *Relies on* languages to write what differs by use into the tree.
pub(crate) const RULE: Rule = Rule {
    name: "share_scripts",
    summary: "Compute s0, Compute s1 of the same tree => Compute s0",
    apply: Apply::Plan(apply),
};

fn apply(plan: &mut LogicalPlan) -> Option<String> {
    let mut shared = Vec::new();
    let used = plan.used_scripts();
    for (i, later) in used.iter().enumerate() {
        let same = |earlier: &&_| is_same(plan.scripts.get(**earlier), plan.scripts.get(*later));
        let Some(earlier) = used[..i].iter().find(same) else { continue };
        let places = std::mem::take(&mut plan.scripts.get_mut(*later).places);
        plan.scripts.get_mut(*earlier).places.extend(places);
        for node in plan.graph.node_weights_mut() {
            node.each_script_mut(&mut |script| {
                if script == later {
                    *script = *earlier;
                }
            });
        }
        shared.push(format!("s{} is s{}", later.0, earlier.0));
    }
    (!shared.is_empty()).then(|| shared.join(", "))
}

fn is_same(a: &Script, b: &Script) -> bool {
    a.ty == b.ty
        && a.source == b.source
        && a.expr == b.expr
        && !reads_column(&a.expr, "_score")
        && is_deterministic(&a.expr)
}
