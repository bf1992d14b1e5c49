//! `simplify_case`: branches that are never or always taken go; a choice between `true` and `false` is its test.

use datafusion_expr::{Case, Expr};

use crate::plan::expr::{can_fail, is_literal};
use crate::plan::walk::take;
use crate::pushdown::rule::{Apply, Rule};

/// `CASE WHEN false THEN a ELSE b END => b`, `CASE WHEN a THEN true ELSE false END => a`, `CASE WHEN a THEN b ELSE b END => b`
///
/// *Better*, because a branch costs a mask and the evaluation of both sides. *Wrong* for equal branches after a test
/// that can fail: the failure would go. *Relies on* `fold_constants` to find out which tests are constant.
pub(crate) const RULE: Rule = Rule {
    name: "simplify_case",
    summary: "CASE WHEN false THEN a ELSE b END => b; CASE WHEN a THEN true ELSE false END => a",
    apply: Apply::Expr(apply),
};

fn apply(expr: &mut Expr) -> Option<String> {
    let Expr::Case(Case { expr: None, when_then_expr: branches, else_expr: Some(otherwise) }) = expr else {
        return None;
    };
    let before = branches.len();
    branches.retain(|(when, _)| !is_literal(when, false));
    if let Some(always) = branches.iter().position(|(when, _)| is_literal(when, true)) {
        branches.truncate(always + 1);
        if let Some((_, then)) = branches.pop() {
            *otherwise = then;
        }
    }
    while branches.last().is_some_and(|(when, then)| then == otherwise && !can_fail(when)) {
        branches.pop();
    }
    let gone = before - branches.len();
    let simple = match branches.as_mut_slice() {
        [] => Some(take(otherwise)),
        [(when, then)] if is_literal(then, true) && is_literal(otherwise, false) => Some(take(when)),
        [(when, then)] if is_literal(then, false) && is_literal(otherwise, true) => {
            Some(Expr::Not(Box::new(take(when))))
        }
        _ => None,
    };
    if let Some(simple) = simple {
        *expr = simple;
        return Some("CASE -> what it always gives".to_owned());
    }
    (gone > 0).then(|| format!("{gone} of {before} branches are never needed"))
}
