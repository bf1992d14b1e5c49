//! `boosting`: the documents of one query; those that match another one too are demoted.

use super::common::Common;
use super::{QueryShape, read as read_query};
use crate::dsl::lower::{Lowering, with_boost};
use crate::dsl::read::Cursor;
use crate::error::{Code, Result};
use crate::plan::query::Query;

#[derive(Debug)]
struct Boosting {
    positive: Box<dyn QueryShape>,
    negative: Box<dyn QueryShape>,
    negative_boost: f32,
    common: Common,
}

/// Reads `{"positive": QUERY, "negative": QUERY, "negative_boost": ..}`.
pub(super) fn read(at: Cursor<'_>) -> Result<Box<dyn QueryShape>> {
    let (mut positive, mut negative, mut negative_boost, mut common) = (None, None, None, Common::default());
    at.each_key(|key, value| {
        match key {
            // OpenSearch's parser passes over nulls here.
            _ if value.value.is_null() => {}
            "positive" => positive = Some(read_query(value)?),
            "negative" => negative = Some(read_query(value)?),
            "negative_boost" => {
                let factor = value.float()?;
                // Lucene's `FunctionScoreQuery.boostByQuery` takes any factor; the score must not become negative.
                if !factor.is_finite() || factor < 0.0 {
                    return Err(value
                        .error(Code::InvalidValue, format!("negative boost {} found", value.value))
                        .expected("a number that is not negative"));
                }
                negative_boost = Some(factor);
            }
            _ => common.read(key, value, "boosting", &["positive", "negative", "negative_boost"])?,
        }
        Ok(())
    })?;
    let missing = |key: &str| {
        at.error(Code::MissingKey, format!("`boosting` without `{key}` found"))
            .expected("`positive` and `negative`, queries, and `negative_boost`, a number")
    };
    Ok(Box::new(Boosting {
        positive: positive.ok_or_else(|| missing("positive"))?,
        negative: negative.ok_or_else(|| missing("negative"))?,
        negative_boost: negative_boost.ok_or_else(|| missing("negative_boost"))?,
        common,
    }))
}

impl QueryShape for Boosting {
    fn lower(&self, cx: &mut Lowering<'_>) -> Result<Query> {
        // Lucene creates the inner weight with boost 1 and multiplies the result, so boosts stop here.
        let (positive, negative) =
            cx.unboosted(|cx| Ok((Box::new(self.positive.lower(cx)?), Box::new(self.negative.lower(cx)?))))?;
        let query = Query::Boosting { positive, negative, negative_boost: self.negative_boost };
        Ok(with_boost(query, cx.boost * self.common.boost))
    }
}
