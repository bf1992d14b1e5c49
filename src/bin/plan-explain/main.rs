//! `plan-explain`: plans, explains and runs search bodies over documents in files.
//!
//! Thin: flags become calls of the library, answers are printed. Exit codes: 0 fine, 1 the request (or a document) is at
//! fault, 2 the usage is.

mod eval;
mod explain;
mod index;
mod input;
#[path = "../shared/output.rs"]
mod output;
mod replay;
mod run;
#[path = "../shared/udfs.rs"]
mod udfs;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

const EXAMPLES: &str = "\
Examples:
  # Which part of this body runs where, and how does each script run?
  plan-explain explain --mapping products.mapping.json body.json

  # Answer it over documents, as three shards would.
  plan-explain run --mapping products.mapping.json --docs products.ndjson --shards 3 body.json

  # A body from the command line.
  echo '{\"query\": {\"match\": {\"name\": \"phone\"}}}' | plan-explain run --mapping m.json --docs d.ndjson -

  # Index once, ask often.
  plan-explain index --mapping m.json --docs d.ndjson --out /tmp/idx
  plan-explain replay --index /tmp/idx --repeat 30 requests.ndjson

  # A body that calls a deployed UDF: see `udf --help`.
  plan-explain run --udfs /tmp/udfs --mapping m.json --docs d.ndjson --analyze body.json

  # One script over one document.
  plan-explain eval --lang painless --source \"doc['a'].value * 2\" --doc '{\"a\": 21}'

Exit codes: 0 fine, 1 the request or a document is at fault, 2 the usage is.";

/// Plans, explains and runs Elasticsearch-style search bodies with scripts.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show how a body would run: the plan, and the reason for each decision
    Explain(explain::Args),
    /// Run a body over documents and print the answer, in Elasticsearch's form
    Run(run::Args),
    /// Index documents into a directory that `--index` takes
    Index(index::Args),
    /// Run a file of requests; one JSON line out for each line in
    Replay(replay::Args),
    /// Evaluate a script over one document, without an index
    Eval(eval::Args),
}

fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Explain(args) => explain::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Index(args) => index::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Eval(args) => eval::run(&args),
    };
    result.unwrap_or_else(|e| output::fail(&e))
}
