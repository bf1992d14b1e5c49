//! `wildcard`: documents that have a term of a pattern of `*` and `?` in a field, score 1.

use super::QueryShape;
use super::common::unmapped;
use super::pattern::Pattern;
use crate::dsl::lower::{FieldRef, Lowering};
use crate::dsl::read::Cursor;
use crate::error::{Code, Error, Result};
use crate::plan::field::FieldType;
use crate::plan::query::Query;

#[derive(Debug)]
struct Wildcard(Pattern);

/// Reads `{"FIELD": PATTERN}` or `{"FIELD": {"value": PATTERN, "case_insensitive": .., "rewrite": ..}}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    Ok(Box::new(Wildcard(Pattern::read(at, "wildcard", "wildcard")?)))
}

impl QueryShape for Wildcard {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let query = self.query(cx).map_err(|e| e.at(self.0.at.clone()))?;
        cx.leaf(query, self.0.common.boost)
    }
}

impl Wildcard {
    fn query(&self, cx: &Lowering<'_>) -> Result<Query> {
        let field = match cx.resolve(&self.0.field)? {
            FieldRef::Mapped(field) => field,
            FieldRef::Id => return Err(Error::new(Code::UnsupportedField, "`wildcard` does not work on `_id`")),
            FieldRef::Unmapped => return Ok(unmapped(&self.0.field)),
        };
        let pattern = match &field.ty {
            FieldType::Text(_) if field.indexed => self.0.value.clone(),
            FieldType::Keyword(keyword) if field.indexed => normalize(&self.0.value, |piece| keyword.normalize(piece)),
            FieldType::Unsupported(_) => return Err(field.unsupported()),
            _ => return Err(field.refuse("`wildcard` works on indexed keyword and text fields only:")),
        };
        Ok(Query::Wildcard { field: field.path.clone(), pattern, case_insensitive: self.0.case_insensitive })
    }
}

/// Normalises what stands between `*`, `?` and escaped characters (`StringFieldType.normalizeWildcardPattern`).
fn normalize(pattern: &str, normalize: impl Fn(&str) -> String) -> String {
    let (mut out, mut piece) = (String::with_capacity(pattern.len()), String::new());
    let flush = |piece: &mut String, out: &mut String| {
        if !piece.is_empty() {
            out.push_str(&normalize(piece));
            piece.clear();
        }
    };
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('*' | '?', _) => {
                flush(&mut piece, &mut out);
                out.push(c);
            }
            ('\\', Some(escaped)) => {
                flush(&mut piece, &mut out);
                out.extend(['\\', *escaped]);
                chars.next();
            }
            _ => piece.push(c),
        }
    }
    flush(&mut piece, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_survive_normalisation() {
        let upper = |pattern: &str| normalize(pattern, str::to_uppercase);
        for (pattern, expected) in
            [("caf*pro", "CAF*PRO"), ("?x-**y", "?X-**Y"), (r"a\*b\cd", r"A\*B\cD"), (r"ab\", r"AB\"), ("", "")]
        {
            assert_eq!(upper(pattern), expected, "{pattern}");
        }
    }
}
