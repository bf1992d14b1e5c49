//! `bool`: documents that match a combination of queries.

use serde_json::Value as Json;

use super::common::Common;
use super::minimum_should_match::MinimumShouldMatch;
use super::{QueryShape, read as read_query};
use crate::dsl::lower::{Lowering, MAX_CLAUSES, too_many_clauses};
use crate::dsl::read::Cursor;
use crate::error::Result;
use crate::plan::query::{BoolQuery, Query};

const KEYS: &[&str] = &["must", "filter", "should", "must_not", "minimum_should_match", "adjust_pure_negative"];

#[derive(Debug)]
struct Bool {
    must: Clauses,
    filter: Clauses,
    should: Clauses,
    must_not: Clauses,
    minimum_should_match: Option<MinimumShouldMatch>,
    adjust_pure_negative: bool,
    common: Common,
    at: String,
}

type Clauses = Vec<Box<dyn QueryShape>>;

/// Reads `{"must": [QUERY, ..], "filter": .., "should": .., "must_not": .., "minimum_should_match": ..}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let mut query = Bool {
        must: Vec::new(),
        filter: Vec::new(),
        should: Vec::new(),
        must_not: Vec::new(),
        minimum_should_match: None,
        adjust_pure_negative: true,
        common: Common::default(),
        at: at.path.to_string(),
    };
    at.each_key(|key, value| {
        match key {
            "must" => read_clauses(value, &mut query.must)?,
            "filter" => read_clauses(value, &mut query.filter)?,
            "should" => read_clauses(value, &mut query.should)?,
            "must_not" | "mustNot" => read_clauses(value, &mut query.must_not)?,
            "minimum_should_match" => query.minimum_should_match = MinimumShouldMatch::read(value)?,
            "adjust_pure_negative" => query.adjust_pure_negative = value.boolean()?,
            _ => query.common.read(key, value, "bool", KEYS)?,
        }
        Ok(())
    })?;
    Ok(Box::new(query))
}

/// Reads one query, an array of them, or null, which is none.
fn read_clauses(at: Cursor<'_>, clauses: &mut Clauses) -> Result<()> {
    if *at.value == Json::Null {
        return Ok(());
    }
    at.one_or_many(|clause| {
        clauses.push(read_query(clause)?);
        Ok(())
    })
}

impl QueryShape for Bool {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        let count = self.must.len() + self.filter.len() + self.should.len() + self.must_not.len();
        if count == 0 {
            return cx.leaf(Query::MatchAll, self.common.boost);
        }
        if count > MAX_CLAUSES {
            return Err(too_many_clauses(&format!("{count} in one `bool`")).at(self.at.clone()));
        }
        let (must, should) =
            cx.boosted(self.common.boost, |cx| Ok((lower(&self.must, cx)?, lower(&self.should, cx)?)))?;
        let (mut filter, must_not) = cx.unboosted(|cx| Ok((lower(&self.filter, cx)?, lower(&self.must_not, cx)?)))?;
        if must.is_empty() && filter.is_empty() && should.is_empty() {
            if !self.adjust_pure_negative {
                return Ok(Query::MatchNone { reason: "`bool` of `must_not` only, not adjusted".into() });
            }
            // The adjusted query is a new one there, in which nothing is asked of clauses that do not exist.
            filter.push(Query::MatchAll);
            return Ok(Query::Bool(BoolQuery { filter, must_not, ..BoolQuery::default() }));
        }
        let asked = self.minimum_should_match.as_ref().map_or(Ok(0), |m| m.resolve(should.len()))?;
        if asked as usize > should.len() {
            let reason = format!("`minimum_should_match` is {asked} of {} clauses", should.len());
            return Ok(Query::MatchNone { reason });
        }
        // Lucene: without a clause that must match, one that may match has to.
        let minimum_should_match = match asked {
            0 => u32::from(must.is_empty() && filter.is_empty()),
            asked => asked,
        };
        Ok(Query::Bool(BoolQuery { must, filter, should, must_not, minimum_should_match }))
    }
}

fn lower(clauses: &Clauses, cx: &mut Lowering<'_>) -> Result<Vec<Query>> {
    clauses.iter().map(|clause| clause.lower(cx)).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::dsl::query::tests::lower;

    /// `minimum_should_match`, how many filters there are, or that nothing can match.
    #[test]
    fn what_must_match() {
        let (a, b) = (json!({"term": {"tag": "a"}}), json!({"term": {"tag": "b"}}));
        for (body, expected) in [
            (json!({"should": [a, b]}), Some((1, 0))),
            (json!({"should": [a, b], "minimum_should_match": 0}), Some((1, 0))),
            (json!({"should": [a, b], "minimum_should_match": null}), Some((1, 0))),
            (json!({"should": [a, b], "filter": a}), Some((0, 1))),
            (json!({"should": [a, b], "filter": a, "minimum_should_match": "100%"}), Some((2, 1))),
            (json!({"should": a, "must_not": [b], "filter": null}), Some((1, 0))),
            (json!({"should": [a, b], "minimum_should_match": 3}), None),
            (json!({"must": a, "minimum_should_match": 1}), None),
            (json!({"mustNot": a}), Some((0, 1))),
            (json!({"must_not": [a, b], "minimum_should_match": 2}), Some((0, 1))),
            (json!({"must_not": a, "adjust_pure_negative": false}), None),
            (json!({"must_not": a, "minimum_should_match": 2}), Some((0, 1))),
        ] {
            let found = match lower(&json!({"bool": body})).unwrap() {
                Query::Bool(query) => Some((query.minimum_should_match, query.filter.len())),
                Query::MatchNone { .. } => None,
                other => panic!("{body}: {other:?}"),
            };
            assert_eq!(found, expected, "{body}");
        }
        assert_eq!(lower(&json!({"bool": {}})).unwrap(), Query::MatchAll);
    }
}
