//! The source of a script that the DSL writes, and scripts that become a part of it.
//!
//! An inner script is compiled by itself. Before its tree is put into the larger one its parameters get names of their
//! own (`$x` of function 2 is `$f2_x`), and its sites move to where its text stands in the listing.

use datafusion_common::ScalarValue;
use datafusion_common::tree_node::{Transformed, TreeNode};
use datafusion_expr::Expr;

use crate::error::{Code, Error, Result};
use crate::plan::expr::{has_site, long, to_double};
use crate::plan::function::call;
use crate::plan::script::scope::ScriptScope;
use crate::plan::script::{ScriptContext, ScriptSource, ValueType, compile};
use crate::plan::value::Value;

/// The lines written so far, and the parameters of inner scripts.
#[derive(Debug, Default)]
pub(super) struct Listing {
    text: String,
    params: Vec<(String, Value)>,
    lines: usize,
}

impl Listing {
    /// Starts a line; what is added next stands behind this text.
    pub(super) fn start(&mut self, head: &str) {
        self.text.push_str(head);
    }

    /// Adds a line, or the rest of it; where it starts is the site of its function.
    pub(super) fn line(&mut self, text: &str) -> usize {
        let start = self.text.len();
        self.text.push_str(text);
        self.text.push('\n');
        self.lines += 1;
        start
    }

    /// The whole as the source of a script.
    pub(super) fn into_source(mut self, lang: &str) -> ScriptSource {
        self.text.truncate(self.text.trim_end().len());
        ScriptSource { lang: lang.to_owned(), source: self.text, params: self.params }
    }

    /// A script as a function: `ScriptScoreFunction`, whose result must not be negative.
    pub(super) fn script_function(
        &mut self,
        source: &ScriptSource,
        scope: ScriptScope<'_>,
        place: &str,
    ) -> Result<Expr> {
        let value = score_tree(source, scope).map_err(|e| e.at(place))?;
        let prefix = format!("f{}_", self.lines);
        let head = format!("script_score {}: ", source.lang);
        let site = self.line(&format!("{head}{}", source.source)) + head.len();
        let named = source.params.iter().map(|(name, value)| (format!("{prefix}{name}"), value.clone()));
        self.params.extend(named);
        let value = embed(value, &prefix, site)?;
        Ok(call("check_script_function", vec![value, long(site as i64)]))
    }
}

/// The tree of a script that gives a score, as a double.
pub(super) fn score_tree(source: &ScriptSource, scope: ScriptScope<'_>) -> Result<Expr> {
    let compiled = compile(source, ScriptContext::Score, scope)?;
    match compiled.ty {
        ValueType::F64 => Ok(compiled.expr),
        ValueType::I64 => Ok(to_double(compiled.expr)),
        ValueType::Bool | ValueType::Str => {
            Err(Error::new(Code::ScriptResult, format!("the script's result is a {}", compiled.ty))
                .expected("a number, which becomes the score"))
        }
    }
}

/// Renames the parameters and moves the sites of a tree.
fn embed(tree: Expr, prefix: &str, offset: usize) -> Result<Expr> {
    let embedded = tree.transform_up(|expr| {
        Ok(match expr {
            Expr::Placeholder(mut placeholder) => {
                let name = placeholder.id.trim_start_matches('$');
                placeholder.id = format!("${prefix}{name}");
                Transformed::yes(Expr::Placeholder(placeholder))
            }
            Expr::ScalarFunction(mut f) if has_site(&f) => {
                if let Some(Expr::Literal(ScalarValue::Int64(Some(site)), _)) = f.args.last_mut() {
                    *site += offset as i64;
                }
                Transformed::yes(Expr::ScalarFunction(f))
            }
            other => Transformed::no(other),
        })
    });
    Ok(embedded.map_err(|e| Error::new(Code::UnsupportedExpression, e.to_string()))?.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::expr::{column, double, placeholder, require};

    #[test]
    fn embedding_renames_parameters_and_moves_sites() {
        let tree = call("min", vec![require(column("price"), 5), placeholder("k")]);
        let expected = call("min", vec![require(column("price"), 25), placeholder("f1_k")]);
        assert_eq!(embed(tree, "f1_", 20).unwrap(), expected);
        let check = |site| call("check_script_function", vec![double(1.0), long(site)]);
        assert_eq!(embed(check(0), "", 7).unwrap(), check(7));
    }
}
