//! Walks over expression trees.

use datafusion_common::ScalarValue;
use datafusion_expr::Expr;

/// Calls `f` with each direct child of a tree. Forms outside of the accepted subset have none.
pub fn each_operand<'a>(expr: &'a Expr, f: &mut dyn FnMut(&'a Expr)) {
    match expr {
        Expr::BinaryExpr(binary) => {
            f(&binary.left);
            f(&binary.right);
        }
        Expr::Not(e) | Expr::Negative(e) | Expr::IsNull(e) | Expr::IsNotNull(e) => f(e),
        Expr::Cast(cast) => f(&cast.expr),
        Expr::Case(case) => {
            for (when, then) in &case.when_then_expr {
                f(when);
                f(then);
            }
            if let Some(otherwise) = &case.else_expr {
                f(otherwise);
            }
        }
        Expr::ScalarFunction(function) => function.args.iter().for_each(f),
        _ => {}
    }
}

/// Calls `f` with each direct child of a tree, to change it.
pub fn each_operand_mut(expr: &mut Expr, f: &mut dyn FnMut(&mut Expr)) {
    match expr {
        Expr::BinaryExpr(binary) => {
            f(&mut binary.left);
            f(&mut binary.right);
        }
        Expr::Not(e) | Expr::Negative(e) | Expr::IsNull(e) | Expr::IsNotNull(e) => f(e),
        Expr::Cast(cast) => f(&mut cast.expr),
        Expr::Case(case) => {
            for (when, then) in &mut case.when_then_expr {
                f(when);
                f(then);
            }
            if let Some(otherwise) = &mut case.else_expr {
                f(otherwise);
            }
        }
        Expr::ScalarFunction(function) => function.args.iter_mut().for_each(f),
        _ => {}
    }
}

/// The path of the only column that a tree reads, if there is just one.
pub fn only_column(expr: &Expr) -> Option<&str> {
    only_of(expr, &|_| true)
}

/// The path of the only field that a tree reads. The name of the index is the same for all documents, and counts as none.
pub fn only_field(expr: &Expr) -> Option<&str> {
    only_of(expr, &|path| path != "_index")
}

/// The path of the only column that a tree reads of those that count.
fn only_of<'a>(expr: &'a Expr, counts: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    fn visit<'a>(expr: &'a Expr, counts: &dyn Fn(&str) -> bool, found: &mut Vec<&'a str>) {
        match expr {
            Expr::Column(column) if counts(&column.name) && !found.contains(&column.name.as_str()) => {
                found.push(&column.name);
            }
            _ => each_operand(expr, &mut |operand| visit(operand, counts, found)),
        }
    }
    let mut found = Vec::new();
    visit(expr, counts, &mut found);
    match found.as_slice() {
        [path] => Some(path),
        _ => None,
    }
}

/// Whether a tree reads a column of this name, such as `_score`.
pub fn reads_column(expr: &Expr, name: &str) -> bool {
    if let Expr::Column(column) = expr {
        return column.name == name;
    }
    let mut found = false;
    each_operand(expr, &mut |child| found = found || reads_column(child, name));
    found
}

/// Puts a cheap tree in the place of `expr` and hands that one out, so that rules move trees instead of copying them.
pub fn take(expr: &mut Expr) -> Expr {
    std::mem::replace(expr, Expr::Literal(ScalarValue::Null, None))
}
