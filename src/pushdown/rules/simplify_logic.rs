//! `simplify_logic`: `AND`, `OR` and `NOT` with constants or of one another become simpler.

use datafusion_expr::{BinaryExpr, Expr, Operator};

use crate::plan::expr::{boolean, can_fail, is_literal};
use crate::plan::walk::take;
use crate::pushdown::rule::{Apply, Rule};

/// `true AND a => a`, `a OR true => true`, `NOT NOT a => a`, `NOT a = b => a != b`
///
/// *Better*, because an operation less is evaluated. *Wrong* for `a AND false` where `a` can fail, and for
/// `NOT a < b`: with NaN that is not `a >= b`. *Relies on* `fold_constants`.
pub(crate) const RULE: Rule = Rule {
    name: "simplify_logic",
    summary: "true AND a => a; a OR true => true; NOT NOT a => a",
    apply: Apply::Expr(apply),
};

fn apply(expr: &mut Expr) -> Option<String> {
    let (simple, change) = match expr {
        Expr::BinaryExpr(b) => (logic(b)?, "a constant side goes"),
        Expr::Not(inner) => match &mut **inner {
            Expr::Not(twice) => (take(twice), "NOT NOT goes"),
            Expr::BinaryExpr(b) if b.op == Operator::Eq => {
                b.op = Operator::NotEq;
                (take(inner), "NOT = -> !=")
            }
            Expr::BinaryExpr(b) if b.op == Operator::NotEq => {
                b.op = Operator::Eq;
                (take(inner), "NOT != -> =")
            }
            _ => return None,
        },
        _ => return None,
    };
    *expr = simple;
    Some(change.to_owned())
}

fn logic(b: &mut BinaryExpr) -> Option<Expr> {
    // The constant that leaves the other side as it is, and the one that decides.
    let neutral = match b.op {
        Operator::And => true,
        Operator::Or => false,
        _ => return None,
    };
    if is_literal(&b.left, neutral) {
        Some(take(&mut b.right))
    } else if is_literal(&b.right, neutral) {
        Some(take(&mut b.left))
    } else if is_literal(&b.left, !neutral) && !can_fail(&b.right)
        || is_literal(&b.right, !neutral) && !can_fail(&b.left)
    {
        Some(boolean(!neutral))
    } else {
        None
    }
}
