//! A script alone: its value as a script field of one document.

use serde::Deserialize;
use serde_json::{Value as Json, json};

use crate::dsl::mapping::read_mapping;
use crate::error::{Code, Error, Result};
use crate::exec::index::Index;
use crate::exec::index::build::BuildOptions;
use crate::exec::udf::Udfs;
use crate::plan::mapping::Mapping;
use crate::planner::{Planner, Request};

/// A script with what it runs over.
///
/// ```
/// use serde_json::json;
/// use shardscript::Evaluation;
/// let script = Evaluation {
///     source: "doc['price'].value * params.factor".into(),
///     params: Some(json!({"factor": 2})),
///     doc: Some(json!({"price": 1.5})),
///     ..Evaluation::default()
/// };
/// assert_eq!(script.run(0)?, json!(3.0));
/// # Ok::<(), shardscript::Error>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Evaluation {
    /// The language; where none is named, a source that is the name of a UDF is that, and any other is Painless.
    pub lang: Option<String>,
    /// The source text.
    pub source: String,
    /// The parameters, an object.
    pub params: Option<Json>,
    /// The document's mapping; what it lacks is mapped as the document brings it.
    pub mapping: Option<Json>,
    /// The document; empty where there is none.
    pub doc: Option<Json>,
    /// The deployed UDFs.
    #[serde(skip)]
    pub udfs: Udfs,
}

impl Evaluation {
    /// The script's value: null, one value, or a list of them, as a script field shows it.
    ///
    /// # Errors
    /// The mapping or the document is wrong; the script does not compile, or fails on the document.
    pub fn run(&self, now_ms: i64) -> Result<Json> {
        let mapping = self.mapping.as_ref().map_or_else(|| Ok(Mapping::default()), read_mapping)?;
        let empty = json!({});
        let docs = format!("{}\n{}\n", json!({"index": {"_id": "1"}}), self.doc.as_ref().unwrap_or(&empty));
        let (index, report) = Index::build(mapping, docs.as_bytes(), &BuildOptions::default(), &mut |_, _| {})?;
        if let Some(rejection) = report.rejected.into_iter().next() {
            return Err(Error::new(Code::InvalidDocument, "the document is not indexed").because(rejection.error));
        }
        let mut script = json!({"source": self.source, "params": self.params.as_ref().unwrap_or(&empty)});
        if let Some(lang) = &self.lang {
            script["lang"] = json!(lang);
        }
        let body = json!({"script_fields": {"value": {"script": script}}}).to_string();
        let planner = Planner { udfs: self.udfs.clone(), ..Planner::default() };
        let response = planner.search(Request::new(body.as_bytes(), now_ms), &index)?;
        let response: Json = serde_json::from_slice(&response.body)
            .map_err(|e| Error::new(Code::InvalidDocument, format!("the document is not JSON: {e}")))?;
        Ok(match &response["hits"]["hits"][0]["fields"]["value"] {
            Json::Array(values) if values.len() == 1 => values[0].clone(),
            other => other.clone(),
        })
    }
}
