//! `udf rollback` and `udf delete`.

use std::process::ExitCode;

use shardscript::Result;
use shardscript::exec::udf::Udfs;

use crate::show::Reference;
use crate::udfs::UdfsFlag;
use crate::words::{Format, dir, reference};

#[derive(Debug, clap::Args)]
pub(crate) struct RollbackArgs {
    /// The name
    #[arg(value_name = "NAME")]
    name: String,

    /// The version; by default the one that was active before the active one
    #[arg(long, value_name = "VERSION")]
    to: Option<u32>,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// In which form the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DeleteArgs {
    /// What is deleted: a version that is not active, or a name with all its versions
    #[arg(value_name = "NAME[@VERSION]", value_parser = Reference::parse)]
    udf: Reference,

    #[command(flatten)]
    udfs: UdfsFlag,

    /// In which form the answer is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

pub(crate) fn rollback(args: &RollbackArgs) -> Result<ExitCode> {
    let udfs = Udfs::open(&dir(&args.udfs))?;
    match udfs.rollback(&args.name, args.to) {
        Ok(version) => {
            let text = format!("{}@{version} is active", args.name);
            args.format.print(&text, &reference(&args.name, Some(version)))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(e) => args.format.fail(e),
    }
}

pub(crate) fn delete(args: &DeleteArgs) -> Result<ExitCode> {
    let Reference { name, version } = &args.udf;
    // What is damaged can be deleted.
    match Udfs::delete_in(&dir(&args.udfs), name, *version) {
        Ok(()) => {
            let text = match version {
                Some(version) => format!("{name}@{version} is deleted"),
                None => format!("{name} is deleted, with all its versions"),
            };
            args.format.print(&text, &reference(name, *version))?;
            Ok(ExitCode::SUCCESS)
        }
        Err(e) => args.format.fail(e),
    }
}
