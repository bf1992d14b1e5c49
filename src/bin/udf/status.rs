//! `udf status`: where the active versions run.

use std::process::ExitCode;

use serde_json::{Value as Json, json};
use shardscript::Result;
use shardscript::exec::udf::{Hello, PoolStatus, Udfs};
use shardscript::plan::udf::UdfRuntime;

use crate::udfs::UdfsFlag;
use crate::words::{Format, dir};

const EXAMPLES: &str = "\
A module is interpreted at once and compiled in the background; native code is kept, and a process that starts later
finds it there. So this says `interpreter` until a search has called the function for the first time.

Where Python functions are deployed, a worker is started to say which Python runs them, whether it has NumPy, and which
lines of defence this machine does not grant.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A name; by default all
    #[arg(value_name = "NAME")]
    name: Option<String>,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// In which form the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let dir = dir(&args.udfs);
    let udfs = Udfs::open(&dir)?;
    let names = match &args.name {
        Some(name) => vec![name.clone()],
        None => udfs.names()?,
    };
    let (mut text, mut json, mut has_python) = (String::new(), Vec::new(), false);
    for name in names {
        let status = match udfs.status(&name) {
            Ok(status) => status,
            Err(e) => return args.format.fail(e),
        };
        text.push_str(&format!("{}  {}\n", status.manifest.profile, status.tier));
        has_python |= matches!(status.manifest.profile.runtime, UdfRuntime::Python { .. });
        json.push(json!({"name": name, "version": status.manifest.profile.version, "tier": status.tier}));
    }
    if json.is_empty() {
        text = format!("nothing is deployed in {}", dir.display());
    }
    let mut all = json!({"udfs": Json::Array(json)});
    if has_python {
        let (line, python) = python(udfs.start_python());
        text.push_str(&line);
        all["python"] = python;
    }
    args.format.print(&text, &all)?;
    Ok(ExitCode::SUCCESS)
}

/// What the workers of Python UDFs are.
fn python(status: Result<PoolStatus>) -> (String, Json) {
    let status = match status {
        Ok(status) => status,
        Err(e) => return (format!("python  {e}\n"), json!({"error": e.to_string()})),
    };
    let PoolStatus { hello, busy, idle, spare, started } = status;
    let hello = hello.map(|Hello { python, numpy, lacking }| {
        let with = numpy.as_ref().map_or("without NumPy".to_owned(), |numpy| format!("with NumPy {numpy}"));
        let lacks = match &*lacking {
            [] => "all lines of defence".to_owned(),
            lacking => format!("without {}", lacking.join(", ")),
        };
        (format!("{python} {with}, {lacks}"), json!({"version": python, "numpy": numpy, "lacking": lacking}))
    });
    let (text, mut json) = hello.unwrap_or_default();
    let workers = json!({"busy": busy, "idle": idle, "spare": spare, "started": started});
    json["workers"] = workers;
    (format!("python  {text}; workers: {busy} busy, {idle} idle, {spare} spare\n"), json)
}
