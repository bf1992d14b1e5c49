//! Questions about trees: how large they are, what they always evaluate.

use datafusion_expr::{Expr, Operator};

use super::value::Value;
use crate::plan::walk::each_operand;

/// How many nodes a value's trees have.
pub(super) fn size(value: &Value) -> usize {
    match value {
        Value::One(typed) => nodes(&typed.expr),
        Value::Either(choice) => nodes(&choice.0) + size(&choice.1) + size(&choice.2),
        _ => 1,
    }
}

fn nodes(expr: &Expr) -> usize {
    let mut count = 1;
    each_operand(expr, &mut |child| count += nodes(child));
    count
}

/// Visits what is evaluated whenever the tree is, in order; `visit` says whether to go on below a node.
pub(super) fn each_certain<'e>(expr: &'e Expr, visit: &mut dyn FnMut(&'e Expr) -> bool) {
    if !visit(expr) {
        return;
    }
    match expr {
        Expr::BinaryExpr(b) if matches!(b.op, Operator::And | Operator::Or) => each_certain(&b.left, visit),
        Expr::Case(case) => {
            if let Some((when, _)) = case.when_then_expr.first() {
                each_certain(when, visit);
            }
        }
        _ => each_operand(expr, &mut |child| each_certain(child, visit)),
    }
}
