//! `plan-explain explain`: how a body would run, and why.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ValueEnum;
use shardscript::plan::text::Form;
use shardscript::pushdown::rule::Switches;
use shardscript::{ExplainStage, Planner, Request, Result};

use crate::input::{now_ms, open_udfs, read, read_mapping_file};
use crate::output::{fail_json, print};
use crate::udfs::UdfsFlag;

const EXAMPLES: &str = "\
Examples:
  plan-explain explain --mapping products.mapping.json body.json
  plan-explain explain --mapping products.mapping.json --stage rewrites body.json
  plan-explain explain --mapping products.mapping.json --disable hoist_script_filter body.json
  plan-explain explain --mapping products.mapping.json --format dot body.json | dot -Tsvg > plan.svg";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The mapping: an index-creation body, {"mappings": ..} or {"properties": ..}
    #[arg(long, value_name = "FILE")]
    mapping: PathBuf,

    /// Which stage of planning is shown
    #[arg(long, value_enum, default_value_t = Stage::All)]
    stage: Stage,

    /// In which form
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// Switch a rule off; may be given several times
    #[arg(long, value_name = "RULE")]
    disable: Vec<String>,

    /// URL parameters that come with the body, such as `?size=1`
    #[arg(long, value_name = "PARAMETERS", default_value = "")]
    url: String,

    /// The search body; `-` is standard input
    #[arg(value_name = "QUERY.json", default_value = "-")]
    body: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Stage {
    /// The body as it was read
    Dsl,
    /// What it means: the operators before any rule
    Logical,
    /// What each rule changed
    Rewrites,
    /// What runs where, and how each script runs
    Physical,
    /// All of them
    All,
}

impl Stage {
    fn stages(self) -> &'static [ExplainStage] {
        match self {
            Self::Dsl => &[ExplainStage::Dsl],
            Self::Logical => &[ExplainStage::Logical],
            Self::Rewrites => &[ExplainStage::Rewrites],
            Self::Physical => &[ExplainStage::Physical],
            Self::All => ExplainStage::ALL,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// Indented lines
    Text,
    /// Nested objects
    Json,
    /// A digraph for Graphviz
    Dot,
    /// A flowchart for Mermaid
    Mermaid,
    /// A page
    Html,
}

impl Format {
    fn form(self) -> Form {
        match self {
            Self::Text => Form::Text,
            Self::Json => Form::Json,
            Self::Dot => Form::Dot,
            Self::Mermaid => Form::Mermaid,
            Self::Html => Form::Html,
        }
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let planner = Planner { switches: Switches::without(&args.disable)?, udfs: open_udfs(&args.udfs)? };
    let mapping = read_mapping_file(&args.mapping)?;
    let body = read(&args.body)?;
    let request = Request { body: &body, url: &args.url, now_ms: now_ms() };
    match planner.explain(request, &mapping, args.stage.stages()) {
        Ok(tree) => print(tree.render(args.format.form()).trim_end())?,
        Err(e) if matches!(args.format, Format::Json) => return fail_json(&e),
        Err(e) => return Err(e),
    }
    Ok(ExitCode::SUCCESS)
}
