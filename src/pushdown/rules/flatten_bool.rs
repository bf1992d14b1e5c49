//! `flatten_bool`: a conjunction within a conjunction becomes one.

use crate::plan::query::{BoolQuery, Query, Scope};
use crate::pushdown::rule::{Apply, Rule};

/// `bool filter=[bool filter=[a, b] must_not=[c]] => bool filter=[a, b] must_not=[c]`
///
/// *Better*, because one conjunction skips over more documents than two, and a script in it can be hoisted. *Wrong*
/// for a scored `must` within `must`: the inner sum is rounded to a float before it is added, so only inner queries
/// without scoring clauses are merged (they add 0); and where a script would change its place among other scripts, for it
/// may fail on documents that they drop. *Relies on* `strip_unused_scores`, which makes filters of all clauses that are
/// not scored.
pub(crate) const RULE: Rule = Rule {
    name: "flatten_bool",
    summary: "bool filter=[bool filter=[a, b]] => bool filter=[a, b]",
    apply: Apply::Query(apply),
};

fn apply(query: &mut Query, _: Scope) -> Option<String> {
    let Query::Bool(outer) = query else { return None };
    let before = outer.filter.len() + outer.must.len() + outer.must_not.len();
    let mut merged = 0;
    let runs_script = |query: &Query| query.runs_script(Scope::Scored);
    let clauses = [&outer.must, &outer.filter, &outer.should, &outer.must_not].into_iter().flatten();
    let with_script = clauses.filter(|clause| runs_script(clause)).count();
    let mut seen = 0;
    let BoolQuery { must, filter, must_not, .. } = outer;
    let mut flatten = |clause: Query, is_required: bool, flat: &mut Vec<Query>| {
        let moves = runs_script(&clause);
        seen += usize::from(moves);
        let inner = conjunction(clause)?;
        // What runs no script comes first then, what was required after all that is, what is excluded last.
        let keeps_place = seen == 1 && !is_required && !inner.must_not.iter().any(runs_script);
        if moves && with_script > 1 && !keeps_place {
            return Err(Query::Bool(inner));
        }
        flat.extend(inner.filter);
        must_not.extend(inner.must_not);
        merged += 1;
        Ok(())
    };
    // A scored clause that adds 0 is a filter, as long as another clause still says what is scored.
    let mut flat = Vec::with_capacity(filter.len());
    let mut scored = Vec::with_capacity(must.len());
    for clause in must.drain(..) {
        if let Err(clause) = flatten(clause, true, &mut flat) {
            scored.push(clause);
        }
    }
    for clause in filter.drain(..) {
        if let Err(clause) = flatten(clause, false, &mut flat) {
            flat.push(clause);
        }
    }
    *must = scored;
    *filter = flat;
    (merged > 0).then(|| format!("{before} clauses -> {}", must.len() + filter.len() + must_not.len()))
}

/// The clauses of a query that is a conjunction without scoring clauses, else the query itself.
fn conjunction(query: Query) -> Result<BoolQuery, Query> {
    match query {
        Query::Bool(b)
            if b.must.is_empty() && b.should.is_empty() && !b.filter.is_empty() && b.minimum_should_match == 0 =>
        {
            Ok(b)
        }
        other => Err(other),
    }
}
