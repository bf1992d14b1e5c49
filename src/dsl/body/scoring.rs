//! `min_score` and `track_scores`: what scores do beside the order of the hits.

use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::error::Result;

/// Reads `min_score`: documents with a lower score do not match.
pub(crate) fn read_min_score(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.min_score = Some(value.number()? as f32);
    Ok(())
}

/// Reads `track_scores`: hits that are sorted by something else show their score too.
pub(crate) fn read_track_scores(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.track_scores = value.boolean()?;
    Ok(())
}
