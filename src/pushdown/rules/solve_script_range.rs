//! `solve_script_range`: a script over one field becomes the range of values for which it is true.

use crate::plan::mapping::Mapping;
use crate::plan::query::{Answer, Query, ScriptRange};
use crate::plan::script::ScriptTable;
use crate::pushdown::conjunction::{Group, all_of, groups, script_of};
use crate::pushdown::rule::{Apply, Rule};
use crate::pushdown::solve::{Solution, solve};

/// `script price * 1.2 > $t => script_range price >= 25.000000000000004`,
/// `script a AND b => bool filter=[script_range a, script b]`
///
/// *Better*, because a range is two comparisons on what the index holds, needs no document of a zone that it does not
/// touch, and drops documents before other scripts see them. *Wrong* where the script would fail or where it was not
/// solved: for those values, and for documents without one, the script is kept and asked. *Relies on*
/// [`solve`](crate::pushdown::solve) to find the boundaries to the last bit, on `strip_unused_scores` and `flatten_bool`
/// to bring the parts of a conjunction to where they belong, and on execution to give a solved script the place that the
/// script had among others that can fail.
pub(crate) const RULE: Rule = Rule {
    name: "solve_script_range",
    summary: "script price * 1.2 > $t => script_range price >= 25.000000000000004; script a AND b => bool filter=[script_range a, script b]",
    apply: Apply::ScriptQuery(apply),
};

fn apply(query: &mut Query, scripts: &mut ScriptTable, mapping: &Mapping) -> Option<String> {
    let Query::Script { script } = *query else { return None };
    let groups = groups(&scripts.get(script).expr);
    let params = &scripts.get(script).source.params;
    let solve = |group: &Group| solve(&group.expr, group.field.as_deref()?, params, mapping);
    let solutions: Vec<_> = groups.iter().map(solve).collect();
    let solved = solutions.iter().flatten().count();
    if solved == 0 {
        return None;
    }
    let (count, mut exact) = (groups.len(), 0);
    let clauses = groups.into_iter().zip(solutions).map(|(mut group, solution)| {
        let field = group.field.take().unwrap_or_default();
        match solution {
            None => Query::Script { script: script_of(group, script, count > 1, scripts) },
            Some(solution) => {
                let asks = is_open(&solution);
                exact += usize::from(!asks);
                let Solution { holds, open, missing } = solution;
                let script = asks.then(|| script_of(group, script, count > 1, scripts));
                Query::ScriptRange(ScriptRange { field, holds, open, missing, script })
            }
        }
    });
    *query = all_of(clauses.collect());
    Some(format!("s{}: {solved} of {count} solved, {exact} without a rest", script.0))
}

/// Whether the script still has to be asked somewhere.
fn is_open(solution: &Solution) -> bool {
    !solution.open.is_empty() || solution.missing == Answer::Open
}
