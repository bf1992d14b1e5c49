//! The answer of a search in Elasticsearch's shape, written once, straight into bytes.

use std::io::Write;

use serde::Serialize;

use crate::exec::cluster::Merged;
use crate::exec::index::Index;
use crate::exec::metrics::Metrics;
use crate::exec::operator::fetch::{Fetched, Source};
use crate::exec::operator::hit::Hit;
use crate::exec::sort::KeyKind;
use crate::pushdown::physical::Coordinator;

/// The answer of a search.
#[derive(Debug)]
pub struct Response {
    /// The answer as JSON.
    pub body: Vec<u8>,
    /// What the operators did.
    pub metrics: Metrics,
}

/// Room for a hit without its source.
const HIT: usize = 160;

/// Writes an answer.
pub(crate) fn write(
    index: &Index,
    plan: &Coordinator,
    merged: &Merged,
    fetched: &[Fetched<'_>],
    took_ms: u64,
) -> Vec<u8> {
    let sources: usize =
        fetched.iter().map(|hit| if let Some(Source::Whole(text)) = hit.source { text.len() } else { 0 }).sum();
    let mut out = Out(Vec::with_capacity(256 + sources + fetched.len() * HIT));
    let shards = index.shards().len();
    out.text(&format!(
        r#"{{"took":{took_ms},"timed_out":{},"_shards":{{"total":{shards},"successful":{shards},"skipped":0,"failed":0}},"hits":{{"#,
        merged.timed_out
    ));
    if let Some(total) = merged.total {
        let relation = if total.is_lower_bound { "gte" } else { "eq" };
        out.text(&format!(r#""total":{{"value":{},"relation":"{relation}"}},"#, total.value));
    }
    out.text(r#""max_score":"#);
    match merged.max_score {
        Some(score) if score.is_finite() => out.float(score),
        _ => out.text("null"),
    }
    out.text(r#","hits":["#);
    let kinds: Vec<_> = plan.sort.iter().map(KeyKind::of).collect();
    let mut index_name = Out(Vec::new());
    index_name.json(&index.name());
    for (i, (hit, fetched)) in merged.page.iter().zip(fetched).enumerate() {
        out.text(if i == 0 { r#"{"_index":"# } else { r#",{"_index":"# });
        out.0.extend_from_slice(&index_name.0);
        out.hit(hit, fetched, &kinds, plan.shows_score());
    }
    out.text("]}}");
    out.0
}

/// The bytes of an answer. Writing into memory does not fail.
struct Out(Vec<u8>);

impl Out {
    fn text(&mut self, text: &str) {
        self.0.extend_from_slice(text.as_bytes());
    }

    fn json(&mut self, value: &impl Serialize) {
        if serde_json::to_writer(&mut self.0, value).is_err() {
            self.text("null");
        }
    }

    /// A float in its shortest form; what JSON lacks as a string.
    fn float(&mut self, value: f32) {
        let _ = match value {
            v if v.is_finite() => write!(self.0, "{v:?}"),
            v if v.is_nan() => write!(self.0, r#""NaN""#),
            v => write!(self.0, r#""{}Infinity""#, if v < 0.0 { "-" } else { "" }),
        };
    }

    /// The rest of a hit, after the name of its index.
    fn hit(&mut self, hit: &Hit, fetched: &Fetched<'_>, kinds: &[KeyKind], shows_score: bool) {
        self.text(r#","_id":"#);
        self.json(&fetched.id);
        self.text(r#","_score":"#);
        match shows_score {
            true => self.float(hit.score),
            false => self.text("null"),
        }
        match &fetched.source {
            None => {}
            Some(Source::Whole(text)) => {
                self.text(r#","_source":"#);
                self.text(text.trim());
            }
            Some(Source::Part(part)) => {
                self.text(r#","_source":"#);
                self.json(part);
            }
        }
        if !fetched.fields.is_empty() {
            for (i, (name, values)) in fetched.fields.iter().enumerate() {
                self.text(if i == 0 { r#","fields":{"# } else { "," });
                self.json(name);
                self.text(":");
                self.json(values);
            }
            self.text("}");
        }
        if !kinds.is_empty() {
            for (i, (kind, key)) in kinds.iter().zip(&hit.keys).enumerate() {
                self.text(if i == 0 { r#","sort":["# } else { "," });
                self.json(&kind.show(key));
            }
            self.text("]");
        }
        if !fetched.matched_queries.is_empty() {
            self.text(r#","matched_queries":"#);
            self.json(&fetched.matched_queries);
        }
        self.text("}");
    }
}
