//! A script query as the conditions that it is made of, each of which may become another query.

use datafusion_expr::{Expr, Operator};

use crate::plan::expr::binary;
use crate::plan::query::{BoolQuery, Query};
use crate::plan::script::{Script, ScriptId, ScriptTable};
use crate::plan::walk::{only_column, take};
use crate::pushdown::rules::split_all;

/// Conditions that stand next to each other and read the same single field, or more than one.
pub(super) struct Group {
    /// The conjunction of them.
    pub(super) expr: Expr,
    /// The only field that they read.
    pub(super) field: Option<String>,
}

/// The conditions of a tree in order, as groups.
pub(super) fn groups(expr: &Expr) -> Vec<Group> {
    let mut first = expr.clone();
    let mut parts = split_all(&mut first);
    parts.insert(0, first);
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

/// The script of a group: the whole one, or a script of its own.
pub(super) fn script_of(group: Group, whole: ScriptId, is_split: bool, scripts: &mut ScriptTable) -> ScriptId {
    if !is_split {
        return whole;
    }
    let Script { source, context, places, expr: _, ty, verdict } = scripts.get(whole).clone();
    scripts.push(Script { source, context, places, expr: group.expr, ty, verdict })
}

/// What is true where all clauses are; it scores 1, as a script does.
pub(super) fn all_of(mut clauses: Vec<Query>) -> Query {
    match clauses.pop() {
        Some(only) if clauses.is_empty() => only,
        last => {
            clauses.extend(last);
            let all = BoolQuery { filter: clauses, ..BoolQuery::default() };
            Query::ConstantScore { query: Box::new(Query::Bool(all)), score: 1.0 }
        }
    }
}
