//! URL parameters of a search, as in `?size=1&sort=price:desc`; they stand above the body.

use crate::dsl::body::sort::named;
use crate::dsl::body::source::SourceShape;
use crate::dsl::body::timeout;
use crate::dsl::request::SearchRequest;
use crate::error::{Code, Error, Result, did_you_mean};
use crate::plan::node::{SourceFilter, TrackTotalHits};

/// Parameters that say how a cluster does its work; they change nothing in an answer over one index.
const WITHOUT_EFFECT: &[&str] = &[
    "allow_no_indices",
    "allow_partial_search_results",
    "batched_reduce_size",
    "ccs_minimize_roundtrips",
    "error_trace",
    "expand_wildcards",
    "human",
    "ignore_throttled",
    "ignore_unavailable",
    "max_concurrent_shard_requests",
    "pre_filter_shard_size",
    "preference",
    "pretty",
    "request_cache",
    "search_type",
    "typed_keys",
];

/// Parameters that work.
const KNOWN: &[&str] = &[
    "from",
    "size",
    "sort",
    "_source",
    "_source_includes",
    "_source_excludes",
    "track_total_hits",
    "track_scores",
    "timeout",
];

/// Parameters that OpenSearch knows and that do not run yet.
const REFUSED: &[&str] = &[
    "analyze_wildcard",
    "analyzer",
    "cancel_after_time_interval",
    "default_operator",
    "df",
    "docvalue_fields",
    "explain",
    "filter_path",
    "format",
    "include_named_queries_score",
    "lenient",
    "phase_took",
    "q",
    "rest_total_hits_as_int",
    "routing",
    "scroll",
    "search_pipeline",
    "seq_no_primary_term",
    "source",
    "source_content_type",
    "stats",
    "stored_fields",
    "suggest_field",
    "suggest_mode",
    "suggest_size",
    "suggest_text",
    "terminate_after",
    "verbose_pipeline",
    "version",
];

/// Reads parameters (`?a=1&b=2`, the question mark is optional) into a request that already holds the body.
pub(crate) fn read(url: &str, request: &mut SearchRequest) -> Result<()> {
    let query = url.split_once('?').map_or(url, |(_, query)| query);
    let mut source = SourceParameters::default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, "true"));
        let (name, value) = (decode(name), decode(value));
        read_parameter(&name, &value, request, &mut source).map_err(|e| e.at(format!("?{name}")))?;
    }
    if let Some(shape) = source.shape() {
        request.source = shape;
    }
    Ok(())
}

/// The three parameters of the source; any of them takes the place of the body's `_source`.
#[derive(Debug, Default)]
struct SourceParameters {
    is_shown: Option<bool>,
    includes: Option<Vec<String>>,
    excludes: Option<Vec<String>>,
}

impl SourceParameters {
    fn shape(self) -> Option<SourceShape> {
        match self {
            Self { is_shown: None, includes: None, excludes: None } => None,
            Self { is_shown: Some(false), .. } => Some(SourceShape::Hidden),
            Self { includes, excludes, .. } => Some(SourceShape::Shown(SourceFilter {
                includes: includes.unwrap_or_default(),
                excludes: excludes.unwrap_or_default(),
            })),
        }
    }
}

fn read_parameter(name: &str, value: &str, request: &mut SearchRequest, source: &mut SourceParameters) -> Result<()> {
    match name {
        "from" => request.from = count(value)?,
        "size" => request.size = count(value)?,
        "sort" => read_sort(value, request),
        "_source" => match value {
            "true" => source.is_shown = Some(true),
            "false" => source.is_shown = Some(false),
            patterns => source.includes = Some(split(patterns)),
        },
        "_source_includes" => source.includes = Some(split(value)),
        "_source_excludes" => source.excludes = Some(split(value)),
        "track_total_hits" => {
            request.track_total_hits = match value {
                "true" => TrackTotalHits::Exact,
                "false" | "-1" => TrackTotalHits::Disabled,
                n => TrackTotalHits::UpTo(count(n)? as u64),
            }
        }
        "track_scores" => request.track_scores = flag(value)?,
        "timeout" => request.timeout_ms = timeout::parse(value)?,
        _ if WITHOUT_EFFECT.contains(&name) => {}
        _ if REFUSED.contains(&name) => {
            return Err(Error::new(Code::Unsupported, format!("URL parameter `{name}` does not run yet"))
                .hint("say it in the body where it can be said there, or leave it out"));
        }
        _ => {
            let e = Error::new(Code::UnknownKey, format!("unknown URL parameter `{name}`"))
                .expected(format!("one of: {}", KNOWN.join(", ")));
            let all = KNOWN.iter().chain(WITHOUT_EFFECT).chain(REFUSED).copied();
            return Err(match did_you_mean(name, all) {
                Some(near) => e.hint(format!("did you mean `{near}`?")),
                None => e,
            });
        }
    }
    Ok(())
}

/// Sort keys after the body's: `price:desc,sku`. What has another order than `asc` or `desc` is left out, as
/// OpenSearch does.
fn read_sort(value: &str, request: &mut SearchRequest) {
    for key in split(value) {
        let (name, descending) = match key.rsplit_once(':') {
            None => (key.as_str(), None),
            Some((name, "asc")) => (name, Some(false)),
            Some((name, "desc")) => (name, Some(true)),
            Some(_) => continue,
        };
        request.sort.push(named(name, descending, "?sort".to_owned()));
    }
}

fn count(value: &str) -> Result<usize> {
    value
        .parse::<i32>()
        .ok()
        .and_then(|n| usize::try_from(n).ok())
        .ok_or_else(|| Error::new(Code::InvalidValue, format!("`{value}` found")).expected("a whole number, 0 or more"))
}

fn flag(value: &str) -> Result<bool> {
    match value {
        "true" | "" => Ok(true),
        "false" => Ok(false),
        _ => Err(Error::new(Code::InvalidValue, format!("`{value}` found")).expected("true or false")),
    }
}

fn split(list: &str) -> Vec<String> {
    list.split(',').map(str::to_owned).collect()
}

/// Undoes percent-encoding; `+` is a space. What is no encoding stays as it is.
fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut i = 0;
    while i < bytes.len() {
        let hex = bytes.get(i + 1..i + 3).and_then(|h| std::str::from_utf8(h).ok());
        match (bytes[i], hex.and_then(|h| u8::from_str_radix(h, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                i += 2;
            }
            (b'+', _) => out.push(b' '),
            (byte, _) => out.push(byte),
        }
        i += 1;
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_url(url: &str) -> Result<SearchRequest> {
        let mut request = SearchRequest::default();
        read(url, &mut request).map(|()| request)
    }

    #[test]
    fn reads_parameters() {
        let request =
            read_url("?size=3&from=2&sort=price:down,sku,a%3Ab:desc&track_scores&track_total_hits=5&pretty").unwrap();
        assert_eq!((request.size, request.from, request.track_scores), (3, 2, true));
        assert_eq!(request.sort.len(), 2);
        assert_eq!(request.track_total_hits, TrackTotalHits::UpTo(5));
        let filter = |includes: &[&str], excludes: &[&str]| {
            let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
            SourceShape::Shown(SourceFilter { includes: owned(includes), excludes: owned(excludes) })
        };
        for (url, expected) in [
            ("_source=false", SourceShape::Hidden),
            ("_source=a,b", filter(&["a", "b"], &[])),
            ("_source_includes=a.*&_source_excludes=a.b", filter(&["a.*"], &["a.b"])),
            ("", SourceShape::Default),
        ] {
            assert_eq!(read_url(url).unwrap().source, expected, "{url}");
        }
    }

    #[test]
    fn refuses_parameters() {
        for (url, code) in [
            ("?q=a:b", Code::Unsupported),
            ("?sizze=2", Code::UnknownKey),
            ("?size=-1", Code::InvalidValue),
            ("?size=%", Code::InvalidValue),
            ("?timeout=5", Code::InvalidValue),
        ] {
            assert_eq!(read_url(url).unwrap_err().code(), code, "{url}");
        }
    }
}
