//! `plan-explain eval`: a script over one document, without an index.

use std::path::PathBuf;
use std::process::ExitCode;

use serde::Deserialize;
use serde_json::{Value as Json, json};
use shardscript::dsl::json;
use shardscript::exec::udf::Udfs;
use shardscript::{Code, Error, Evaluation, Place, Result};

use crate::input::{PATIENCE, now_ms, open_udfs, read};
use crate::output::print;
use crate::udfs::UdfsFlag;

const EXAMPLES: &str = "\
Examples:
  plan-explain eval --lang painless --source 'Math.max(params.a, 3)' --params '{\"a\": 5}'
  plan-explain eval --lang expression --source \"doc['price'].value * 2\" --doc '{\"price\": 3.5}'
  plan-explain eval --udfs /tmp/udfs --source \"custom_score(3, params.boost)\" --params '{\"boost\": 2}'
  plan-explain eval --requests scripts.ndjson

A line of --requests:  {\"id\", \"lang\", \"source\", \"params\", \"mapping\", \"doc\"}
A line out:            {\"id\", \"value\"} or {\"id\", \"error\"}
The script runs as a script field does. Fields that the mapping lacks are mapped as the document brings them.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The script's language: painless (the default), expression, wasm or python
    #[arg(long, value_name = "LANG")]
    lang: Option<String>,

    /// The script's source
    #[arg(long, value_name = "SOURCE", required_unless_present = "requests")]
    source: Option<String>,

    /// The script's parameters
    #[arg(long, value_name = "JSON")]
    params: Option<String>,

    /// The document's mapping
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,

    /// The document
    #[arg(long, value_name = "JSON")]
    doc: Option<String>,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// A file of scripts, one a line; `-` is standard input
    #[arg(long, value_name = "FILE.ndjson", conflicts_with_all = ["lang", "source", "params", "mapping", "doc"])]
    requests: Option<PathBuf>,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let udfs = open_udfs(&args.udfs)?;
    let Some(requests) = &args.requests else {
        let evaluation = Evaluation {
            lang: args.lang.clone(),
            source: args.source.clone().unwrap_or_default(),
            params: argument("--params", args.params.as_deref())?,
            mapping: args.mapping.as_deref().map(|path| json::parse(&read(path)?)).transpose()?,
            doc: argument("--doc", args.doc.as_deref())?,
            udfs: udfs.clone(),
        };
        print(&evaluation.run(now_ms())?.to_string())?;
        udfs.settle(PATIENCE);
        return Ok(ExitCode::SUCCESS);
    };
    for (number, line) in read(requests)?.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"//") {
            continue;
        }
        print(&evaluate_line(line, number + 1, &udfs).to_string())?;
    }
    udfs.settle(PATIENCE);
    Ok(ExitCode::SUCCESS)
}

/// The line out for a line in, whatever it is.
fn evaluate_line(line: &[u8], number: usize, udfs: &Udfs) -> Json {
    let mut line: Line = match serde_json::from_slice(line) {
        Ok(line) => line,
        Err(e) => {
            let e = Error::new(Code::InvalidJson, format!("line {number} is no script: {}", json::reason(&e)))
                .place(Place::Text { line: number, column: e.column() })
                .expected("{\"id\": .., \"lang\": .., \"source\": ..}");
            return json!({"id": null, "error": e.to_json()});
        }
    };
    line.evaluation.udfs = udfs.clone();
    match line.evaluation.run(now_ms()) {
        Ok(value) => json!({"id": line.id, "value": value}),
        Err(e) => json!({"id": line.id, "error": e.to_json()}),
    }
}

/// A line in; keys beside these are for others.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: Json,
    #[serde(flatten)]
    evaluation: Evaluation,
}

/// JSON from the command line.
fn argument(flag: &str, text: Option<&str>) -> Result<Option<Json>> {
    let parse = |text: &str| {
        json::parse(text.as_bytes()).map_err(|e| Error::new(e.code(), format!("{flag} is not JSON: {text}")).because(e))
    };
    text.map(parse).transpose()
}
