//! `udf show`: all about one UDF.

use std::process::ExitCode;

use serde_json::json;
use shardscript::exec::udf::{Action, Event, Udfs, timestamp};
use shardscript::{Code, Error, Result};

use crate::udfs::UdfsFlag;
use crate::words::{Format, declaration, dir, promises, runtime};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The UDF: NAME, or NAME@VERSION
    #[arg(value_name = "NAME[@VERSION]", value_parser = Reference::parse)]
    udf: Reference,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// In which form the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// A name, and one of its versions.
#[derive(Clone, Debug)]
pub(crate) struct Reference {
    pub(crate) name: String,
    pub(crate) version: Option<u32>,
}

impl Reference {
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let (name, version) = match text.split_once('@') {
            Some((name, version)) => {
                (name, Some(version.parse().map_err(|_| format!("`{version}` is no number of a version"))?))
            }
            None => (text, None),
        };
        Ok(Self { name: name.to_owned(), version })
    }
}

pub(crate) fn run(args: &Args) -> Result<ExitCode> {
    let udfs = Udfs::open(&dir(&args.udfs))?;
    let name = &args.udf.name;
    let versions = match udfs.versions(name) {
        Ok(versions) => versions,
        Err(e) => return args.format.fail(e),
    };
    let active = versions.active.profile.version;
    let wanted = args.udf.version.unwrap_or(active);
    let Some(manifest) = versions.all.iter().find(|manifest| manifest.profile.version == wanted) else {
        return args.format.fail(Error::new(Code::UnknownScript, format!("there is no {name}@{wanted}")));
    };
    let profile = &manifest.profile;
    let mut text = format!("{profile}{}\n", if wanted == active { ", active" } else { "" });
    text.push_str(&format!("  {}\n  {}\n", declaration(profile), runtime(profile)));
    for line in promises(manifest) {
        text.push_str(&format!("  {line}\n"));
    }
    text.push_str(&format!("  deployed  {}\n", timestamp(manifest.deployed)));
    text.push_str(&format!("  original  {}\n  code      {}\nversions\n", manifest.original, profile.hash));
    for other in &versions.all {
        let number = other.profile.version;
        let mark = if number == active { "*" } else { " " };
        text.push_str(&format!("{mark} {number}  {}  {}\n", timestamp(other.deployed), declaration(&other.profile)));
    }
    let history: Vec<_> = udfs.history()?.into_iter().filter(|event| event.name == *name).collect();
    text.push_str("history\n");
    for event in &history {
        text.push_str(&format!("  {}  {}\n", timestamp(event.at), happened(event)));
    }
    let numbers: Vec<_> = versions.all.iter().map(|manifest| manifest.profile.version).collect();
    let json = json!({
        "name": name,
        "active": active,
        "versions": numbers,
        "manifest": manifest.to_json(),
        "history": history.iter().map(|event| {
            json!({"at": timestamp(event.at), "action": event.action, "version": event.version})
        }).collect::<Vec<_>>(),
    });
    args.format.print(&text, &json)?;
    Ok(ExitCode::SUCCESS)
}

fn happened(event: &Event) -> String {
    let word = match event.action {
        Action::Deploy => "deploy",
        Action::Rollback => "rollback to",
        Action::Delete => "delete",
    };
    match event.version {
        Some(version) => format!("{word} {}@{version}", event.name),
        None => format!("{word} {}", event.name),
    }
}
