//! What things cost: estimates on one page, in nanoseconds a document, measured on a 2-core machine of 2026.
//!
//! They order filters and explain plans. They need not be exact, only in the right order.

use datafusion_expr::Expr;

use crate::plan::function::function;
use crate::plan::walk::each_operand;

/// Reads a column: decoding one value of a bulk-unpacked `u64` column and undoing its mapping.
const COLUMN: f64 = 1.0;

/// Reads `_score` or `_doc`: they are already in the batch.
const BATCH_COLUMN: f64 = 0.1;

/// Fills a register with a constant or a parameter, once a batch.
const CONSTANT: f64 = 0.0;

/// One arithmetic, comparing or logical operation in a vectorised loop.
const OPERATION: f64 = 0.15;

/// Chooses between two branches and keeps the mask of active rows.
const BRANCH: f64 = 0.4;

/// A function that is not in the list: a column form.
const UNLISTED_FUNCTION: f64 = 1.0;

/// Estimated nanoseconds a document for a tree.
pub fn expr_cost(expr: &Expr) -> f64 {
    let own = match expr {
        Expr::Column(column) if column.name.starts_with('_') => BATCH_COLUMN,
        Expr::Column(_) => COLUMN,
        Expr::Literal(..) | Expr::Placeholder(_) => CONSTANT,
        Expr::Case(case) => BRANCH * case.when_then_expr.len() as f64,
        Expr::ScalarFunction(call) => function(call.name()).map_or(UNLISTED_FUNCTION, |f| f.cost),
        _ => OPERATION,
    };
    let mut total = own;
    each_operand(expr, &mut |child| total += expr_cost(child));
    total
}
