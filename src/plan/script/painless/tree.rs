//! Questions about trees: how large they are, whether they can fail, what they always evaluate.

use datafusion_expr::{Expr, Operator};

use super::value::Value;

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
    each_child(expr, &mut |child| count += nodes(child));
    count
}

/// Whether evaluating the tree can fail.
pub(super) fn is_fallible(expr: &Expr) -> bool {
    let mut found = match expr {
        Expr::ScalarFunction(f) => {
            f.name() == "require" || crate::plan::function::function(f.name()).is_some_and(|f| f.fallible)
        }
        _ => false,
    };
    each_child(expr, &mut |child| found = found || is_fallible(child));
    found
}

/// Calls `f` with the children that a script's tree has.
fn each_child<'e>(expr: &'e Expr, f: &mut dyn FnMut(&'e Expr)) {
    match expr {
        Expr::BinaryExpr(b) => {
            f(&b.left);
            f(&b.right);
        }
        Expr::Not(e) | Expr::Negative(e) | Expr::IsNull(e) | Expr::IsNotNull(e) => f(e),
        Expr::Cast(cast) => f(&cast.expr),
        Expr::Case(case) => {
            for (when, then) in &case.when_then_expr {
                f(when);
                f(then);
            }
            case.else_expr.iter().for_each(|e| f(e));
        }
        Expr::ScalarFunction(function) => function.args.iter().for_each(f),
        _ => {}
    }
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
        _ => each_child(expr, &mut |child| each_certain(child, visit)),
    }
}
