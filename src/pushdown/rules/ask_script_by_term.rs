//! `ask_script_by_term`: a script that reads one field of strings is asked about terms, not about documents.

use crate::plan::expr::{calls_udf, reads_first_values};
use crate::plan::field::DocType;
use crate::plan::mapping::Mapping;
use crate::plan::query::Query;
use crate::plan::script::ScriptTable;
use crate::pushdown::conjunction::{Group, all_of, groups, script_of};
use crate::pushdown::rule::{Apply, Rule};

/// `script ends_with(require(category), '7') => script_terms category`,
/// `script a AND b => bool filter=[script_terms a, script b]`
///
/// *Better*, because a field of strings has few terms for many documents, and the documents of a term are in the index.
/// *Wrong* for a term for which the script fails, if no document with it is looked at: for those, and for documents
/// without a value where that is an error, the script is asked again; and for a script that looks at all values of a
/// document. Not done where UDFs are called: after a trap there is
/// no asking on. *Relies on* shards to weigh terms against documents, which only they can count.
pub(crate) const RULE: Rule = Rule {
    name: "ask_script_by_term",
    summary: "script of one keyword field => script_terms of its field",
    apply: Apply::ScriptQuery(apply),
};

fn apply(query: &mut Query, scripts: &mut ScriptTable, mapping: &Mapping) -> Option<String> {
    let Query::Script { script } = *query else { return None };
    let groups = groups(&scripts.get(script).expr);
    let is_by_term = |group: &Group| {
        let field = group.field.as_deref().and_then(|path| mapping.field(path));
        field.is_some_and(|field| field.doc_type() == Some(DocType::String))
            && reads_first_values(&group.expr)
            && !calls_udf(&group.expr)
    };
    let by_term = groups.iter().filter(|group| is_by_term(group)).count();
    if by_term == 0 {
        return None;
    }
    let count = groups.len();
    let clauses = groups.into_iter().map(|mut group| {
        let is_by_term = is_by_term(&group);
        let field = group.field.take().unwrap_or_default();
        let script = script_of(group, script, count > 1, scripts);
        if is_by_term { Query::ScriptTerms { field, script } } else { Query::Script { script } }
    });
    *query = all_of(clauses.collect());
    Some(format!("s{}: {by_term} of {count} by term", script.0))
}
