//! What is read: bodies, mappings, documents; and the index that they make.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value as Json;
use shardscript::dsl::{json, mapping::read_mapping};
use shardscript::exec::index::Index;
use shardscript::exec::index::build::{BuildOptions, LoadReport};
use shardscript::exec::udf::Udfs;
use shardscript::plan::mapping::Mapping;
use shardscript::{Code, Error, Result};

use crate::output::note;
use crate::udfs::UdfsFlag;

/// So many bad documents are shown; the others are counted.
const SHOWN_REJECTIONS: usize = 10;

/// The documents that a command works on.
#[derive(Debug, clap::Args)]
pub(crate) struct Documents {
    /// The mapping: an index-creation body, {"mappings": ..} or {"properties": ..}
    #[arg(long, value_name = "FILE", requires = "docs")]
    mapping: Option<PathBuf>,

    /// The documents: one a line, or the bulk form (an action line, then the document); fields that the mapping lacks
    /// are mapped as they come
    #[arg(long, value_name = "FILE", required_unless_present = "index")]
    docs: Option<PathBuf>,

    /// An index that `plan-explain index` wrote, in place of --mapping and --docs
    #[arg(long, value_name = "DIR", conflicts_with_all = ["mapping", "docs", "shards"])]
    index: Option<PathBuf>,

    /// How many shards the documents are dealt to
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=1024))]
    shards: u16,

    /// The index's name, which hits show
    #[arg(long, value_name = "INDEX")]
    name: Option<String>,
}

impl Documents {
    /// The index, and how many documents are not in it because they are bad.
    pub(crate) fn open(&self) -> Result<(Index, usize)> {
        if let Some(dir) = &self.index {
            let index = Index::open(dir)?;
            return Ok(match &self.name {
                Some(name) => (index.with_name(name), 0),
                None => (index, 0),
            });
        }
        let mapping = self.mapping.as_deref().map_or_else(|| Ok(Mapping::default()), read_mapping_file)?;
        let docs = self.docs.as_deref().unwrap_or(Path::new("-"));
        let options = BuildOptions {
            name: self.name.clone().unwrap_or_else(|| BuildOptions::default().name),
            shards: self.shards.into(),
            ..BuildOptions::default()
        };
        let (index, report) = build(mapping, docs, &options)?;
        Ok((index, report.rejected.len()))
    }
}

/// Builds an index with a progress bar on a terminal, and tells what became of bad documents.
pub(crate) fn build(mapping: Mapping, docs: &Path, options: &BuildOptions) -> Result<(Index, LoadReport)> {
    let bytes = read(docs)?;
    // Draws on standard error, and only where that is a terminal.
    let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template("indexing {wide_bar} {human_pos} of {human_len} documents, {eta}") {
        bar.set_style(style);
    }
    let built = Index::build(mapping, &bytes, options, &mut |done, all| {
        bar.set_length(all as u64);
        bar.set_position(done as u64);
    });
    bar.finish_and_clear();
    let (index, report) = built?;
    for rejection in report.rejected.iter().take(SHOWN_REJECTIONS) {
        let id = rejection.id.as_deref().map_or_else(String::new, |id| format!(" (_id {id})"));
        note(&format!("{}:{}{id}: {}", docs.display(), rejection.line, rejection.error));
    }
    let rejected = report.rejected.len();
    if rejected > 0 {
        let more = if rejected > SHOWN_REJECTIONS {
            format!(" (the first {SHOWN_REJECTIONS} are shown)")
        } else {
            String::new()
        };
        note(&format!("{} indexed, {rejected} refused{more}", documents(report.indexed)));
    }
    Ok((index, report))
}

/// So many documents.
pub(crate) fn documents(count: usize) -> String {
    if count == 1 { "1 document".to_owned() } else { format!("{count} documents") }
}

/// So long a command waits at its end for native code that is being compiled, so that the next one finds it.
pub(crate) const PATIENCE: Duration = Duration::from_secs(2);

/// The deployed UDFs; where no registry is named, none.
pub(crate) fn open_udfs(flag: &UdfsFlag) -> Result<Udfs> {
    flag.dir().map_or_else(|| Ok(Udfs::default()), |dir| Udfs::open(&dir))
}

/// Reads a mapping from a file.
pub(crate) fn read_mapping_file(path: &Path) -> Result<Mapping> {
    let named = |e: Error| Error::new(e.code(), format!("the mapping in {} is wrong", path.display())).because(e);
    let parsed: Json = json::parse(&read(path)?).map_err(named)?;
    read_mapping(&parsed).map_err(named)
}

/// Reads a file; `-` is standard input.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    read.map_err(|e| Error::new(Code::Io, format!("cannot read {}: {e}", path.display())))?;
    Ok(bytes)
}

/// The time that `now` means in date math.
pub(crate) fn now_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}
