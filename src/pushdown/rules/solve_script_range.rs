//! `solve_script_range`: a script over one field becomes the range of values for which it is true.

use datafusion_expr::{Expr, Operator};

use crate::plan::expr::binary;
use crate::plan::mapping::Mapping;
use crate::plan::query::{Answer, BoolQuery, Query, ScriptRange};
use crate::plan::script::{Script, ScriptId, ScriptTable};
use crate::plan::walk::take;
use crate::pushdown::rule::{Apply, Rule};
use crate::pushdown::rules::split_conjunction::split_all;
use crate::pushdown::solve::{Solution, only_column, solve};

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
    let mut first = scripts.get(script).expr.clone();
    let mut parts = split_all(&mut first);
    parts.insert(0, first);
    let groups = group(parts);
    let params = &scripts.get(script).source.params;
    let solutions: Vec<_> = groups
        .iter()
        .map(|group| {
            solve(&group.expr, group.field.as_deref()?, params, mapping).map(|solution| (group.field.clone(), solution))
        })
        .collect();
    if solutions.iter().all(Option::is_none) {
        return None;
    }
    let is_split = groups.len() > 1;
    let mut exact = 0;
    let solved = solutions.iter().flatten().count();
    let clauses = groups.into_iter().zip(solutions).map(|(group, solution)| {
        let needs_script = solution.as_ref().is_none_or(|(_, solution)| is_open(solution));
        let script = needs_script.then(|| if is_split { part(script, group.expr, scripts) } else { script });
        match (solution, script) {
            (Some((Some(field), Solution { holds, open, missing })), script) => {
                exact += usize::from(script.is_none());
                Query::ScriptRange(ScriptRange { field, holds, open, missing, script })
            }
            (_, Some(script)) => Query::Script { script },
            (_, None) => Query::MatchAll,
        }
    });
    let mut clauses: Vec<_> = clauses.collect();
    let change = format!("s{}: {solved} of {} solved, {exact} without a rest", script.0, clauses.len());
    *query = match clauses.pop() {
        Some(only) if clauses.is_empty() => only,
        last => {
            clauses.extend(last);
            let all = BoolQuery { filter: clauses, ..BoolQuery::default() };
            // A script that holds scores 1.
            Query::ConstantScore { query: Box::new(Query::Bool(all)), score: 1.0 }
        }
    };
    Some(change)
}

/// Conditions that stand next to each other and are solved together: those of one field, or those that are not solved.
struct Group {
    expr: Expr,
    field: Option<String>,
}

fn group(parts: Vec<Expr>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for part in parts {
        let field = only_column(&part).map(str::to_owned);
        match groups.last_mut() {
            Some(last) if last.field == field => {
                let left = take(&mut last.expr);
                last.expr = binary(left, Operator::And, part);
            }
            _ => groups.push(Group { expr: part, field }),
        }
    }
    groups
}

/// Whether the script still has to be asked somewhere.
fn is_open(solution: &Solution) -> bool {
    !solution.open.is_empty() || solution.missing == Answer::Open
}

/// A part of a script as a script of its own.
fn part(of: ScriptId, expr: Expr, scripts: &mut ScriptTable) -> ScriptId {
    let Script { source, context, places, expr: _, ty, verdict } = scripts.get(of).clone();
    scripts.push(Script { source, context, places, expr, ty, verdict })
}
