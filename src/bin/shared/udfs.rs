//! The flag that names the registry of deployed UDFs.

use std::path::PathBuf;

/// Where UDFs are deployed.
#[derive(Debug, clap::Args)]
pub(crate) struct UdfsFlag {
    /// The registry of deployed UDFs; by default the one that the environment variable SHARDSCRIPT_UDFS names
    #[arg(long, value_name = "DIR")]
    udfs: Option<PathBuf>,
}

impl UdfsFlag {
    /// The registry's directory, where one is named.
    pub(crate) fn dir(&self) -> Option<PathBuf> {
        let default = || std::env::var_os("SHARDSCRIPT_UDFS").filter(|dir| !dir.is_empty());
        self.udfs.clone().or_else(|| default().map(PathBuf::from))
    }
}
