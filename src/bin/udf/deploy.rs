//! `udf deploy`: a file becomes a version.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgGroup, ValueEnum};
use serde_json::json;
use shardscript::exec::udf::{DeclaredArg, Deployed, Deployment, Outcome, Source, Udfs};
use shardscript::plan::udf::{NullPolicy, PythonMode, UdfType};
use shardscript::{Code, Error, Result};

use crate::udfs::UdfsFlag;
use crate::words::{Format, declaration, dir, promises, runtime};

/// A file of more bytes is no module, whatever debug information is in it.
const LARGEST: u64 = 256 << 20;

const EXAMPLES: &str = "\
Examples:
  udf deploy --udfs /tmp/udfs --name custom_score --wasm custom_score.wasm --args score,boost
  udf deploy --udfs /tmp/udfs --name title_boost --wasm title_boost.wasm --args title:string
  udf deploy --udfs /tmp/udfs --name rank --wasm rank.wasm --args 'score,views:i64=0' --bounds 0..100
  udf deploy --udfs /tmp/udfs --name py_score --python scores.py:score
  udf deploy --udfs /tmp/udfs --name np_score --python scores.py:score_all --vectorised

A call binds its arguments by name: `score` is the text's score, other names are parameters of the script, else fields
of the document. Types: i32, i64, f32, f64, bool, string.

A string comes as pointer and length of its UTF-8, in memory from the module's `alloc(i32) -> i32`, and is returned as
an i64 of pointer << 32 | length. AssemblyScript's own strings cross as they are (build with --exportRuntime).

To deploy the same again changes nothing and says so.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES, group = ArgGroup::new("code").required(true).args(["wasm", "python"]))]
pub(crate) struct Args {
    /// The name that scripts call: letters, digits and `_`, 64 at most
    #[arg(long, value_name = "NAME")]
    name: String,

    /// A WebAssembly module
    #[arg(long, value_name = "FILE")]
    wasm: Option<PathBuf>,

    /// A Python file, and the function in it; by default the one of the UDF's name, else the only one
    #[arg(long, value_name = "FILE[:FUNCTION]")]
    python: Option<String>,

    /// The Python function takes NumPy arrays, a batch at a time
    #[arg(long, requires = "python")]
    vectorised: bool,

    /// The function that the module exports; by default the one of the UDF's name, else the only one that fits
    #[arg(long, value_name = "EXPORT", requires = "wasm")]
    export: Option<String>,

    /// What it takes: NAME[:TYPE][=DEFAULT],..; by default as the module or the file says
    #[arg(long, value_name = "ARGS", value_parser = arg_list)]
    args: Option<ArgList>,

    /// What it gives; by default as the module says, f64 for Python
    #[arg(long, value_name = "TYPE", value_parser = type_named)]
    returns: Option<UdfType>,

    /// What a missing value means; by default `default` where an argument has a default, else `skip`
    #[arg(long, value_enum)]
    nulls: Option<Nulls>,

    /// Between which numbers all results lie, such as 0..1 or 0..
    #[arg(long, value_name = "LO..HI", value_parser = bounds, allow_hyphen_values = true)]
    bounds: Option<(f64, f64)>,

    /// Equal arguments may give different results
    #[arg(long)]
    volatile: bool,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// In which form the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A list as one value of a flag.
#[derive(Clone, Debug)]
struct ArgList(Vec<DeclaredArg>);

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Nulls {
    /// The function is not called; the result is 0, false or the empty string
    Skip,
    /// The argument's default is passed
    Default,
    /// A boolean after each argument says whether there is a value
    Flag,
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let deployment = Deployment {
        name: args.name.clone(),
        source: source(args)?,
        args: args.args.as_ref().map(|list| list.0.clone()),
        returns: args.returns,
        nulls: args.nulls.map(|nulls| match nulls {
            Nulls::Skip => NullPolicy::Skip,
            Nulls::Default => NullPolicy::Default,
            Nulls::Flag => NullPolicy::Flag,
        }),
        bounds: args.bounds,
        deterministic: !args.volatile,
    };
    let udfs = Udfs::create(&dir(&args.udfs))?;
    let Deployed { manifest, outcome } = match udfs.deploy(&deployment) {
        Ok(deployed) => deployed,
        Err(e) => return args.format.fail(e),
    };
    let profile = &manifest.profile;
    let (word, said) = match outcome {
        Outcome::New => ("new", "is deployed and active"),
        Outcome::Activated => ("activated", "was deployed before and is active again"),
        Outcome::Unchanged => ("unchanged", "is deployed already; nothing changed"),
    };
    let mut text = format!("{profile} {said}\n  {}\n  {}\n", declaration(profile), runtime(profile));
    for line in promises(&manifest) {
        text.push_str(&format!("  {line}\n"));
    }
    args.format.print(&text, &json!({"outcome": word, "manifest": manifest.to_json()}))?;
    Ok(ExitCode::SUCCESS)
}

fn source(args: &Args) -> Result<Source> {
    let Some(python) = &args.python else {
        let module = read(args.wasm.as_deref().unwrap_or(Path::new("")))?;
        return Ok(Source::Wasm { module, export: args.export.clone() });
    };
    // `FILE:FUNCTION`, unless there is a file of that whole name.
    let (file, function) = match python.rsplit_once(':') {
        Some((file, function)) if !Path::new(python).exists() => (file, Some(function.to_owned())),
        _ => (python.as_str(), None),
    };
    let source = String::from_utf8(read(Path::new(file))?)
        .map_err(|_| Error::new(Code::InvalidUdf, format!("{file} is not UTF-8")).expected("a Python file"))?;
    let mode = if args.vectorised { PythonMode::Vectorised } else { PythonMode::Row };
    Ok(Source::Python { source, function, mode })
}

/// Reads a file; one that does not end is refused, too.
fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST + 1).read_to_end(&mut bytes));
    match read {
        Err(e) => Err(Error::new(Code::Io, format!("cannot read {}: {e}", path.display()))),
        Ok(size) if size as u64 > LARGEST => {
            Err(Error::new(Code::Io, format!("{} has more than {LARGEST} bytes", path.display())))
        }
        Ok(_) => Ok(bytes),
    }
}

fn arg_list(text: &str) -> Result<ArgList, String> {
    DeclaredArg::list(text).map(ArgList).map_err(|e| without_code(&e))
}

/// An error as the command line words it.
fn without_code(e: &Error) -> String {
    let text = e.to_string();
    text.split_once("]: ").map_or(text.as_str(), |(_, said)| said).to_owned()
}

fn type_named(name: &str) -> Result<UdfType, String> {
    let known = UdfType::ALL.iter().map(|ty| ty.name()).collect::<Vec<_>>().join(", ");
    UdfType::named(name).ok_or_else(|| format!("expected one of: {known}"))
}

/// `LO..HI`; an end that is left out is infinite.
fn bounds(text: &str) -> Result<(f64, f64), String> {
    let (lo, hi) = text.split_once("..").ok_or("expected LO..HI, such as 0..1")?;
    let end = |text: &str, open: f64| match text.trim() {
        "" => Ok(open),
        text => text.parse().map_err(|_| format!("`{text}` is no number")),
    };
    Ok((end(lo, f64::NEG_INFINITY)?, end(hi, f64::INFINITY)?))
}
