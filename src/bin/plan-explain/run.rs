//! `plan-explain run`: one body, its answer.

use std::path::PathBuf;
use std::process::ExitCode;

use serde_json::Value as Json;
use shardscript::exec::metrics::{Metrics, TableMetrics, ZoneMetrics};
use shardscript::plan::text::Form;
use shardscript::pushdown::rule::Switches;
use shardscript::{Code, Error, ExplainStage, Planner, Request, Result};

use crate::input::{Documents, PATIENCE, now_ms, open_udfs, read};
use crate::output::{AT_FAULT, fail_json, note, pretty, print};
use crate::udfs::UdfsFlag;

const EXAMPLES: &str = "\
Examples:
  plan-explain run --mapping products.mapping.json --docs products.ndjson body.json
  echo '{\"size\": 1}' | plan-explain run --docs products.ndjson -
  plan-explain run --index /tmp/products --analyze body.json
  plan-explain run --index /tmp/products --url '?size=1&sort=price:desc' body.json

A request that is refused prints {\"error\": .., \"status\": ..} for programs and the reason for people; the exit code is 1.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    #[command(flatten)]
    documents: Documents,

    /// URL parameters that come with the body, such as `?size=1`
    #[arg(long, value_name = "PARAMETERS", default_value = "")]
    url: String,

    /// Tell on standard error what ran, how each script ran and why, and how many documents each operator
    /// took how long, and how many zones were skipped
    #[arg(long)]
    analyze: bool,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// Switch a rule off; may be given several times
    #[arg(long, value_name = "RULE")]
    disable: Vec<String>,

    /// The search body; `-` is standard input
    #[arg(value_name = "QUERY.json", default_value = "-")]
    body: PathBuf,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let planner = Planner { switches: Switches::without(&args.disable)?, udfs: open_udfs(&args.udfs)? };
    let body = read(&args.body)?;
    let (index, rejected) = args.documents.open()?;
    let request = Request { body: &body, url: &args.url, now_ms: now_ms() };
    let response = if args.analyze { planner.analyze(request, &index) } else { planner.search(request, &index) };
    let response = match response {
        Ok(response) => response,
        Err(e) => return fail_json(&e),
    };
    let answer: Json = serde_json::from_slice(&response.body)
        .map_err(|e| Error::new(Code::Storage, format!("the answer holds a document that is not JSON: {e}")))?;
    print(&pretty(&answer))?;
    if args.analyze {
        let plan = planner.explain(request, index.mapping(), &[ExplainStage::Physical])?;
        note(&format!("{}\n-- analyze\n{}", plan.render(Form::Text).trim_end(), table(&response.metrics)));
    }
    planner.udfs.settle(PATIENCE);
    Ok(if rejected == 0 { ExitCode::SUCCESS } else { ExitCode::from(AT_FAULT) })
}

/// What each operator did, a line each, in the order of the pipeline; then where the calls of UDFs ran.
fn table(metrics: &Metrics) -> String {
    let mut table = format!("{:<16} {:>12} {:>12} {:>12}", "operator", "rows in", "rows out", "time");
    for operator in &metrics.operators {
        let time = format!("{:.1?}", operator.time);
        table.push_str(&format!(
            "\n{:<16} {:>12} {:>12} {time:>12}",
            operator.name, operator.rows_in, operator.rows_out
        ));
    }
    let ZoneMetrics { coarse, coarse_skipped, fine, fine_skipped, given_up } = metrics.zones;
    if coarse + given_up > 0 {
        table.push_str(&format!("\n{:<16} {:>12} {:>12}", "zones", "seen", "skipped"));
        table.push_str(&format!("\n{:<16} {coarse:>12} {coarse_skipped:>12}", "1024 documents"));
        table.push_str(&format!("\n{:<16} {fine:>12} {fine_skipped:>12}", "32 documents"));
    }
    if given_up > 0 {
        table.push_str(&format!("\nall zones of {given_up} segments were visited: bounds did not help"));
    }
    let TableMetrics { tables, entries } = metrics.tables;
    if tables > 0 {
        table.push_str(&format!("\n{:<16} {:>12} {:>12}", "tables", "made", "entries"));
        table.push_str(&format!("\n{:<16} {tables:>12} {entries:>12}", "by value"));
    }
    if !metrics.udfs.is_empty() {
        table.push_str(&format!("\n{:<24} {:<12} {:>8} {:>12} {:>12}", "udf", "tier", "batches", "calls", "time"));
    }
    for udf in &metrics.udfs {
        let (name, time) = (udf.profile.to_string(), format!("{:.1?}", udf.time));
        table.push_str(&format!("\n{name:<24} {:<12} {:>8} {:>12} {time:>12}", udf.tier, udf.batches, udf.rows));
    }
    table
}
