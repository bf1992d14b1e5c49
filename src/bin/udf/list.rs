//! `udf list`: what is deployed.

use std::process::ExitCode;

use serde_json::{Value as Json, json};
use shardscript::Result;
use shardscript::exec::udf::Udfs;

use crate::udfs::UdfsFlag;
use crate::words::{Format, count, declaration, dir, runtime};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    udfs: UdfsFlag,

    /// In which form the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let dir = dir(&args.udfs);
    let udfs = Udfs::open(&dir)?;
    let (mut text, mut json) = (String::new(), Vec::new());
    for name in udfs.names()? {
        let versions = udfs.versions(&name)?;
        let profile = &versions.active.profile;
        text.push_str(&format!(
            "{profile}  {}  ({}; {})\n",
            declaration(profile),
            runtime(profile),
            count(versions.all.len(), "version")
        ));
        let numbers: Vec<_> = versions.all.iter().map(|manifest| manifest.profile.version).collect();
        json.push(json!({"name": name, "active": profile.version, "versions": numbers, "manifest": versions.active.to_json()}));
    }
    if json.is_empty() {
        text = format!("nothing is deployed in {}", dir.display());
    }
    args.format.print(&text, &json!({"udfs": Json::Array(json)}))?;
    Ok(ExitCode::SUCCESS)
}
