//! `track_total_hits`: how far hits are counted.

use serde_json::Value as Json;

use crate::dsl::body::integer;
use crate::dsl::read::Cursor;
use crate::dsl::request::SearchRequest;
use crate::error::{Code, Result};
use crate::plan::node::TrackTotalHits;

/// Reads `true`, `false`, or how far to count; -1 is `false`.
pub(crate) fn read(value: Cursor<'_>, request: &mut SearchRequest) -> Result<()> {
    request.track_total_hits = match value.value {
        Json::Bool(_) => flag(value.boolean()?),
        Json::String(s) if s == "true" || s == "false" => flag(s == "true"),
        Json::Number(_) | Json::String(_) => match integer(value)? {
            -1 => TrackTotalHits::Disabled,
            i32::MAX => TrackTotalHits::Exact,
            n => TrackTotalHits::UpTo(u64::try_from(n).map_err(|_| {
                value
                    .error(Code::InvalidValue, format!("track_total_hits is {n}"))
                    .expected("true, false, or how many hits to count")
            })?),
        },
        _ => return Err(value.wrong_type("true, false, or how many hits to count")),
    };
    Ok(())
}

fn flag(exact: bool) -> TrackTotalHits {
    if exact { TrackTotalHits::Exact } else { TrackTotalHits::Disabled }
}
