//! `tabulate_subtrees`: what a script computes from one field only is computed once for each of the field's values.

use datafusion_expr::Expr;

use crate::plan::expr::{as_tabulated, calls_udf, reads_first_values, tabulated};
use crate::plan::field::DocType;
use crate::plan::mapping::Mapping;
use crate::plan::script::{Script, ScriptContext};
use crate::plan::text::expr::sql;
use crate::plan::walk::{each_operand, each_operand_mut, only_field, take};
use crate::pushdown::cost::{expr_cost, table_may_pay};
use crate::pushdown::rule::{Apply, Rule};

/// `_score * length(require(brand)) => _score * tabulated(length(require(brand)))`
///
/// *Better*, because a field of strings has few terms for many documents, and reading, cutting and comparing texts is dear; and
/// because the least and the greatest value of a table are bounds. Of numbers, only what is dear is worth a table.
/// *Wrong* for what looks at all values of a document or at its score, and for what calls UDFs: after a trap there is no
/// asking on. Where a value's entry fails, and where a document without a value does, the tree itself is asked. *Not done*
/// for script fields, which see few documents, for checks, whose failures would fill a table, and for a filter over terms as a
/// whole, which `ask_script_by_term` answers better. *Relies on* shards to weigh values against documents, which only they
/// can count; that the form stands last lets all other rules see the bare tree.
pub(crate) const RULE: Rule = Rule {
    name: "tabulate_subtrees",
    summary: "_score * length(require(brand)) => _score * tabulated(length(require(brand)))",
    apply: Apply::Script(apply),
};

fn apply(script: &mut Script, mapping: &Mapping) -> Option<String> {
    let is_whole_filter =
        script.context == ScriptContext::Filter && values(&script.expr, mapping) == Some(Values::Strings);
    if script.context == ScriptContext::Field || is_whole_filter || calls_udf(&script.expr) {
        return None;
    }
    let mut found = Vec::new();
    mark(&mut script.expr, &|tree| is_worth_a_table(tree, mapping), &mut found);
    (!found.is_empty()).then(|| found.join("; "))
}

/// Wraps the greatest subtrees that pass a test, and says which.
fn mark(expr: &mut Expr, passes: &dyn Fn(&Expr) -> bool, found: &mut Vec<String>) {
    if as_tabulated(expr).is_some() {
        return;
    }
    if passes(expr) {
        found.push(format!("{} by {}", sql(expr), only_field(expr).unwrap_or_default()));
        *expr = tabulated(take(expr));
    } else {
        each_operand_mut(expr, &mut |operand| mark(operand, passes, found));
    }
}

/// The values by which a tree can be computed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Values {
    Strings,
    Numbers,
}

/// By which values a tree can be computed, if it reads nothing but the first values of one field.
fn values(expr: &Expr, mapping: &Mapping) -> Option<Values> {
    let values = match mapping.field(only_field(expr)?)?.doc_type()? {
        DocType::String => Values::Strings,
        DocType::Long | DocType::Double | DocType::Date | DocType::Boolean => Values::Numbers,
        DocType::GeoPoint | DocType::Ip => return None,
    };
    reads_first_values(expr).then_some(values)
}

fn is_worth_a_table(expr: &Expr, mapping: &Mapping) -> bool {
    let is_form = |name: &str| matches!(name, "require" | "coalesce") || name.starts_with("check_");
    match expr {
        Expr::ScalarFunction(f) if is_form(f.name()) => false,
        _ => match values(expr, mapping) {
            Some(Values::Strings) => reads_a_value(expr),
            Some(Values::Numbers) => table_may_pay(expr_cost(expr)),
            None => false,
        },
    }
}

/// Whether a tree reads a value, and not only asks for it.
fn reads_a_value(expr: &Expr) -> bool {
    if let Expr::ScalarFunction(f) = expr
        && matches!(f.name(), "require" | "coalesce")
        && matches!(f.args.first(), Some(Expr::Column(_)))
    {
        return true;
    }
    let mut found = false;
    each_operand(expr, &mut |operand| found = found || reads_a_value(operand));
    found
}
