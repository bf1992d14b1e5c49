//! How UDFs are written, for people and as flags.

use std::path::PathBuf;

use clap::{CommandFactory, ValueEnum};
use serde_json::{Value as Json, json};
use shardscript::exec::udf::Manifest;
use shardscript::plan::udf::{NullPolicy, PythonMode, UdfProfile, UdfRuntime};
use shardscript::{Error, Result};

use crate::Cli;
use crate::output::{fail_json, inert, pretty, print};
use crate::udfs::UdfsFlag;

/// The form of an answer.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

impl Format {
    /// Prints an answer in this form.
    pub(crate) fn print(self, text: &str, json: &Json) -> Result<()> {
        match self {
            Self::Text => print(&inert(text.trim_end())),
            Self::Json => print(&pretty(json)),
        }
    }

    /// Fails in this form.
    pub(crate) fn fail(self, e: Error) -> Result<std::process::ExitCode> {
        match self {
            Self::Text => Err(e),
            Self::Json => fail_json(&e),
        }
    }
}

/// The directory that the flag or the environment names; a usage without one ends here.
pub(crate) fn dir(udfs: &UdfsFlag) -> PathBuf {
    udfs.dir().unwrap_or_else(|| {
        let reason = "no registry is named: give --udfs DIR, or set the environment variable SHARDSCRIPT_UDFS";
        Cli::command().error(clap::error::ErrorKind::MissingRequiredArgument, reason).exit()
    })
}

/// A UDF as it would be declared: `custom_score(score: f64, boost: f64 = 1.0) -> f64`.
pub(crate) fn declaration(profile: &UdfProfile) -> String {
    let arg = |(i, arg): (usize, &shardscript::plan::udf::UdfArg)| {
        let name = arg.name.clone().unwrap_or_else(|| format!("#{}", i + 1));
        let default = arg.default.as_ref().map_or_else(String::new, |default| format!(" = {default}"));
        format!("{name}: {}{default}", arg.ty)
    };
    let args: Vec<_> = profile.args.iter().enumerate().map(arg).collect();
    format!("{}({}) -> {}", profile.name, args.join(", "), profile.result)
}

/// What runs a UDF, and which function of it.
pub(crate) fn runtime(profile: &UdfProfile) -> String {
    match &profile.runtime {
        UdfRuntime::Wasm { export } => format!("wasm, export {export}"),
        UdfRuntime::Python { function, formula: Some(_), .. } => {
            format!("python, function {function}, arithmetic only: as a tree")
        }
        UdfRuntime::Python { function, mode: PythonMode::Row, .. } => {
            format!("python, function {function}, row by row")
        }
        UdfRuntime::Python { function, mode: PythonMode::Vectorised, .. } => {
            format!("python, function {function}, vectorised")
        }
    }
}

/// What a manifest promises beyond its types, a line each.
pub(crate) fn promises(manifest: &Manifest) -> Vec<String> {
    let profile = &manifest.profile;
    let mut lines = vec![match profile.nulls {
        NullPolicy::Skip => "missing values: the function is not called, the result is 0, false or \"\"".to_owned(),
        NullPolicy::Default => "missing values: the argument's default is passed".to_owned(),
        NullPolicy::Flag => "missing values: a boolean after each argument says whether there is a value".to_owned(),
    }];
    if let Some((lo, hi)) = profile.bounds {
        lines.push(format!("results from {lo} to {hi}, checked at each call"));
    }
    if !profile.deterministic {
        lines.push("equal arguments may give different results".to_owned());
    }
    lines
}

/// A number of things.
pub(crate) fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// A version, for programs.
pub(crate) fn reference(name: &str, version: Option<u32>) -> Json {
    json!({"name": name, "version": version})
}
