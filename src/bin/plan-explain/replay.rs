//! `plan-explain replay`: a file of requests, one JSON line out for each line in.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};
use shardscript::dsl::json;
use shardscript::exec::index::Index;
use shardscript::pushdown::rule::Switches;
use shardscript::{Code, Error, Place, Planner, Request, Result};

use crate::input::{Documents, PATIENCE, now_ms, open_udfs, read};
use crate::output::{AT_FAULT, print};
use crate::udfs::UdfsFlag;

const EXAMPLES: &str = "\
A line in:   {\"id\": \"q1\", \"body\": {\"query\": ..}}        and, where it is needed, \"url\": \"?size=1\"
A line out:  {\"id\": \"q1\", \"status\": 200, \"response\": {..}, \"took_us\": {\"min\": .., \"median\": ..},
              \"plan\": {\"scripts\": [{\"place\", \"lang\", \"tier\", \"reason\"}]}}
or:          {\"id\": \"q1\", \"status\": 400, \"error\": {..}}

took_us runs from the body's bytes to the response's bytes, planning included.

Example:
  plan-explain replay --index /tmp/products --repeat 30 requests.ndjson > answers.ndjson";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    documents: Documents,

    /// How many times each request runs
    #[arg(long, value_name = "K", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// Switch a rule off; may be given several times
    #[arg(long, value_name = "RULE")]
    disable: Vec<String>,

    /// The requests, one a line; `-` is standard input
    #[arg(value_name = "REQUESTS.ndjson", default_value = "-")]
    requests: PathBuf,
}

/// A line in; keys beside these are for others.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(default)]
    id: Json,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(default)]
    url: String,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let planner = Planner { switches: Switches::without(&args.disable)?, udfs: open_udfs(&args.udfs)? };
    let requests = read(&args.requests)?;
    let (index, rejected) = args.documents.open()?;
    for (number, line) in requests.split(|byte| *byte == b'\n').enumerate() {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"//") {
            continue;
        }
        print(&answer(line, number + 1, &planner, &index, args.repeat))?;
    }
    planner.udfs.settle(PATIENCE);
    Ok(if rejected == 0 { ExitCode::SUCCESS } else { ExitCode::from(AT_FAULT) })
}

/// The line out for a line in, whatever it is.
fn answer(line: &[u8], number: usize, planner: &Planner, index: &Index, repeat: u32) -> String {
    let line: Line<'_> = match serde_json::from_slice(line) {
        Ok(line) => line,
        Err(e) => {
            let e = Error::new(Code::InvalidJson, format!("line {number} is no request: {}", json::reason(&e)))
                .place(Place::Text { line: number, column: e.column() })
                .expected("{\"id\": .., \"body\": {..}}");
            return refused(&Json::Null, &e);
        }
    };
    let body = line.body.map_or("", RawValue::get).as_bytes();
    match timed(Request { body, url: &line.url, now_ms: now_ms() }, planner, index, repeat) {
        Ok((response, scripts, took)) => format!(
            r#"{{"id":{},"status":200,"response":{response},"took_us":{},"plan":{{"scripts":{}}}}}"#,
            line.id, took, scripts
        ),
        Err(e) => refused(&line.id, &e),
    }
}

fn refused(id: &Json, error: &Error) -> String {
    json!({"id": id, "status": error.status(), "error": error.to_json()}).to_string()
}

/// Runs a request `repeat` times: the response's text, the scripts' verdicts, the times.
fn timed(request: Request<'_>, planner: &Planner, index: &Index, repeat: u32) -> Result<(String, Json, Json)> {
    let mut times = Vec::with_capacity(repeat as usize);
    let mut body = Vec::new();
    for _ in 0..repeat {
        let start = Instant::now();
        body = planner.search(request, index)?.body;
        times.push(start.elapsed().as_secs_f64() * 1e6);
    }
    let response = String::from_utf8(body)
        .map_err(|e| Error::new(Code::Storage, format!("the answer holds a document that is not UTF-8: {e}")))?;
    times.sort_by(f64::total_cmp);
    let tenth = |us: f64| (us * 10.0).round() / 10.0;
    let took = json!({"min": tenth(times[0]), "median": tenth(times[times.len() / 2])});
    let plan = planner.plan(request, index.mapping())?;
    let scripts = plan.fragment.scripts.iter().flat_map(|(_, script)| {
        script.places.iter().map(|place| {
            let verdict = script.verdict.as_ref();
            json!({
                "place": place,
                "lang": script.source.lang,
                "tier": verdict.map(|v| v.tier.to_string()),
                "reason": verdict.map(|v| v.reason.clone()),
            })
        })
    });
    Ok((response, scripts.collect(), took))
}
