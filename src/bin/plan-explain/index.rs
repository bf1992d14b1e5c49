//! `plan-explain index`: documents into a directory.

use std::path::PathBuf;
use std::process::ExitCode;

use shardscript::Result;
use shardscript::exec::index::build::BuildOptions;
use shardscript::plan::mapping::Mapping;

use crate::input::{build, documents, read_mapping_file};
use crate::output::{AT_FAULT, note};

const EXAMPLES: &str = "\
Example:
  plan-explain index --mapping products.mapping.json --docs products.ndjson --out /tmp/products --name products
  plan-explain run --index /tmp/products body.json

A bad document is reported with its line, field and reason; the others are indexed, and the exit code is 1.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The mapping: an index-creation body, {"mappings": ..} or {"properties": ..}
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,

    /// The documents: one a line, or the bulk form
    #[arg(long, value_name = "FILE")]
    docs: PathBuf,

    /// An empty or new directory for the index
    #[arg(long, value_name = "DIR")]
    out: PathBuf,

    /// How many shards the documents are dealt to
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    shards: u16,

    /// The index's name, which hits show
    #[arg(long, value_name = "INDEX", default_value = "index")]
    name: String,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let mapping = args.mapping.as_deref().map_or_else(|| Ok(Mapping::default()), read_mapping_file)?;
    let options = BuildOptions {
        name: args.name.clone(),
        shards: args.shards.into(),
        dir: Some(args.out.clone()),
        ..BuildOptions::default()
    };
    let (_, report) = build(mapping, &args.docs, &options)?;
    let replaced = match report.replaced {
        0 => String::new(),
        n => format!(", {n} replaced by a later one of the same id"),
    };
    note(&format!("{} in {}{replaced}", documents(report.indexed), args.out.display()));
    Ok(if report.rejected.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(AT_FAULT) })
}
