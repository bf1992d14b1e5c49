//! A script's tree as SQL text, without the source positions that fallible functions carry.

use datafusion_common::ScalarValue;
use datafusion_expr::{Expr, Operator};

use crate::plan::expr::has_site;

/// The tree as SQL, with no more parentheses than it needs.
pub fn sql(expr: &Expr) -> String {
    let mut out = String::new();
    write(expr, 0, &mut out);
    out
}

/// How tightly a form binds; a form in a tighter place needs parentheses.
fn binding(expr: &Expr) -> u8 {
    match expr {
        Expr::BinaryExpr(b) => operator_binding(b.op),
        Expr::Not(_) => 3,
        Expr::IsNull(_) | Expr::IsNotNull(_) => 4,
        Expr::Negative(_) => 9,
        _ => 10,
    }
}

fn operator_binding(op: Operator) -> u8 {
    match op {
        Operator::Or => 1,
        Operator::And => 2,
        Operator::Plus | Operator::Minus => 7,
        Operator::Multiply | Operator::Divide | Operator::Modulo => 8,
        Operator::BitwiseAnd | Operator::BitwiseOr | Operator::BitwiseXor => 6,
        _ => 5,
    }
}

fn write(expr: &Expr, place: u8, out: &mut String) {
    let own = binding(expr);
    if own < place {
        out.push('(');
    }
    match expr {
        Expr::Column(c) => out.push_str(&c.name),
        Expr::Placeholder(p) => out.push_str(&p.id),
        Expr::Literal(value, _) => literal(value, out),
        Expr::BinaryExpr(b) => {
            write(&b.left, own, out);
            out.push_str(&format!(" {} ", b.op));
            write(&b.right, own + 1, out);
        }
        Expr::Not(e) => {
            out.push_str("NOT ");
            write(e, own + 1, out);
        }
        Expr::Negative(e) => {
            out.push('-');
            write(e, own + 1, out);
        }
        Expr::IsNull(e) => {
            write(e, own + 1, out);
            out.push_str(" IS NULL");
        }
        Expr::IsNotNull(e) => {
            write(e, own + 1, out);
            out.push_str(" IS NOT NULL");
        }
        Expr::Cast(c) => {
            out.push_str("double(");
            write(&c.expr, 0, out);
            out.push(')');
        }
        Expr::Case(c) => {
            out.push_str("CASE");
            for (when, then) in &c.when_then_expr {
                out.push_str(" WHEN ");
                write(when, 0, out);
                out.push_str(" THEN ");
                write(then, 0, out);
            }
            if let Some(otherwise) = &c.else_expr {
                out.push_str(" ELSE ");
                write(otherwise, 0, out);
            }
            out.push_str(" END");
        }
        Expr::ScalarFunction(f) => {
            out.push_str(f.name());
            out.push('(');
            let shown = f.args.len() - usize::from(has_site(f) && !f.args.is_empty());
            for (i, arg) in f.args[..shown].iter().enumerate() {
                if i > 0 {
                    out.push_str(", ");
                }
                write(arg, 0, out);
            }
            out.push(')');
        }
        other => out.push_str(&other.to_string()),
    }
    if own < place {
        out.push(')');
    }
}

fn literal(value: &ScalarValue, out: &mut String) {
    match value {
        ScalarValue::Float64(Some(v)) => out.push_str(&format!("{v:?}")),
        ScalarValue::Int64(Some(v)) => out.push_str(&v.to_string()),
        ScalarValue::Boolean(Some(v)) => out.push_str(&v.to_string()),
        ScalarValue::Utf8(Some(v)) => out.push_str(&format!("'{}'", v.replace('\'', "''"))),
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::expr::{binary, boolean, case, column, double, long, placeholder, require, string};

    #[test]
    fn parentheses_only_where_needed() {
        let sum = || binary(column("a"), Operator::Plus, double(1.0));
        let cases = [
            (binary(sum(), Operator::Multiply, placeholder("t")), "(a + 1.0) * $t"),
            (binary(sum(), Operator::Plus, sum()), "a + 1.0 + (a + 1.0)"),
            (Expr::Not(Box::new(binary(boolean(true), Operator::And, boolean(false)))), "NOT (true AND false)"),
            (Expr::Negative(Box::new(sum())), "-(a + 1.0)"),
            (case(Expr::IsNull(Box::new(column("a"))), long(1), long(2)), "CASE WHEN a IS NULL THEN 1 ELSE 2 END"),
            (binary(column("s"), Operator::Eq, string("it's")), "s = 'it''s'"),
            (require(column("a"), 7), "require(a)"),
        ];
        for (expr, text) in cases {
            assert_eq!(sql(&expr), text);
        }
    }
}
