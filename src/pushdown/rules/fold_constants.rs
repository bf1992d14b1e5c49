//! `fold_constants`: an operation on constants is its value.

use datafusion_expr::Expr;

use crate::plan::fold::fold;
use crate::plan::text::expr::sql;
use crate::plan::walk::each_operand;
use crate::pushdown::rule::{Apply, Rule};

/// `2.0 * 3.0 => 6.0`, `sqrt(9.0) => 3.0`
///
/// *Better*, because it is computed once and not once a batch. *Wrong* for parameters, which change between requests
/// of one plan, and for what fails: `int_div(1, 0)` stays, and fails on the first document that asks for it, if any
/// does. *Relies on* the functions' own evaluation, so a folded value has the bits of an evaluated one.
pub(crate) const RULE: Rule =
    Rule { name: "fold_constants", summary: "2.0 * 3.0 => 6.0; sqrt(9.0) => 3.0", apply: Apply::Expr(apply) };

fn apply(expr: &mut Expr) -> Option<String> {
    // The driver works bottom-up, so constants are literals by now; branches are `simplify_case`'s.
    let mut operands = 0;
    let mut literals = 0;
    each_operand(expr, &mut |operand| {
        operands += 1;
        literals += usize::from(matches!(operand, Expr::Literal(..)));
    });
    if operands == 0 || literals < operands || matches!(expr, Expr::Case(_)) {
        return None;
    }
    let value = Expr::Literal(fold(expr).ok()?, None);
    let change = format!("{} -> {}", sql(expr), sql(&value));
    *expr = value;
    Some(change)
}
