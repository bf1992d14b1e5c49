//! `udf`: deploys functions that searches call, and looks after them.
//!
//! Thin: flags become calls of the library, answers are printed. Exit codes: 0 fine, 1 the code or the registry is at
//! fault, 2 the usage is.

mod change;
mod deploy;
mod list;
#[path = "../shared/output.rs"]
mod output;
mod show;
mod status;
#[path = "../shared/udfs.rs"]
mod udfs;
mod words;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
A UDF is a function in WebAssembly (from Rust, C, AssemblyScript ..) or Python that runs inside the shard, for each
document that a search looks at. It is deployed into a registry, a directory that --udfs or SHARDSCRIPT_UDFS names.

  export SHARDSCRIPT_UDFS=/tmp/udfs

  # A module that exports `custom_score(f64, f64) -> f64`. Its first argument is the text's score, the second a parameter.
  udf deploy --name custom_score --wasm custom_score.wasm --args score,boost

  # Call it from a search ..
  plan-explain run --mapping m.json --docs d.ndjson --analyze - <<'END'
  {\"query\": {\"function_score\": {\"query\": {\"match\": {\"title\": \"laptop\"}},
     \"script_score\": {\"script\": {\"source\": \"custom_score\", \"params\": {\"boost\": 1.5}}}}}}
  END

  # .. or from inside another script.
  plan-explain eval --source 'custom_score(2, 3) + Math.log(10)'

  # Where does it run? At first in an interpreter; native code is compiled meanwhile and kept.
  udf status

  # A new version is active at once; the old one comes back as fast.
  udf deploy --name custom_score --wasm custom_score_2.wasm --args score,boost
  udf rollback custom_score

Exit codes: 0 fine, 1 the code or the registry is at fault, 2 the usage is.";

/// Deploys functions that searches call, and looks after them.
#[derive(Debug, Parser)]
#[command(name = "udf", version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Deploy a function under a name; a new version of it is active at once
    Deploy(Box<deploy::Args>),
    /// List what is deployed
    List(list::Args),
    /// Show a UDF: its versions, what the active one takes and gives, what happened to it
    Show(show::Args),
    /// Show where each active version runs: interpreted, native, native from the cache, in Python
    Status(status::Args),
    /// Make an earlier version active again
    Rollback(change::RollbackArgs),
    /// Delete a version, or a name with all its versions
    Delete(change::DeleteArgs),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Deploy(args) => deploy::run(&args),
        Command::List(args) => list::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Status(args) => status::run(&args),
        Command::Rollback(args) => change::rollback(&args),
        Command::Delete(args) => change::delete(&args),
    };
    result.unwrap_or_else(|e| output::fail(&e))
}
