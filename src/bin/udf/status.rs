//! `udf status`: where the active versions run.

use std::process::ExitCode;

use serde_json::{Value as Json, json};
use shardscript::Result;
use shardscript::exec::udf::Udfs;

use crate::udfs::UdfsFlag;
use crate::words::{Format, dir};

const EXAMPLES: &str = "\
A module is interpreted at once and compiled in the background; native code is kept, and a process that starts later
finds it there. So this says `interpreter` until a search has called the function for the first time.";

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
    let (mut text, mut json) = (String::new(), Vec::new());
    for name in names {
        let status = match udfs.status(&name) {
            Ok(status) => status,
            Err(e) => return args.format.fail(e),
        };
        text.push_str(&format!("{}  {}\n", status.manifest.profile, status.tier));
        json.push(json!({"name": name, "version": status.manifest.profile.version, "tier": status.tier}));
    }
    if json.is_empty() {
        text = format!("nothing is deployed in {}", dir.display());
    }
    args.format.print(&text, &json!({"udfs": Json::Array(json)}))?;
    Ok(ExitCode::SUCCESS)
}
