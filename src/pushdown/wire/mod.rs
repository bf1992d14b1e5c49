//! The wire form of a fragment: a header, then postcard of mirror types.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | `SSFR` |
//! | 2 | the version, little endian; a shard refuses those that it does not know |
//! | 8 | FNV-1a of the payload, little endian: a damaged fragment is refused, not run |
//! | rest | the payload |
//!
//! Nothing in it can overflow the stack of a shard: trees are flat lists, and queries and values count their depth.

mod expr;

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};
use crate::plan::depth::{MAX_SHALLOW, with_limit};
use crate::plan::node::{Fetch, Predicate, Scoring, TopHits, TrackTotalHits};
use crate::plan::query::Query;
use crate::plan::script::shown::Shown;
use crate::plan::script::{Script, ScriptContext, ScriptSource, ScriptTable, ValueType, Verdict};
use crate::plan::udf::UdfProfile;
use crate::pushdown::fragment::Fragment;
use expr::WireExpr;

const MAGIC: &[u8; 4] = b"SSFR";
const HEADER: usize = 14;

/// How deep queries and parameters may nest: OpenSearch's limit for JSON, and what lowering adds.
const MAX_DEPTH: usize = 1_100;

/// What reading one level takes of the stack, in bytes, without optimisation.
const STACK_PER_LEVEL: usize = 16 << 10;

/// The version that is written, and the only one that is read.
pub const VERSION: u16 = 3;

/// The payload: borrowed when written, owned when read.
#[derive(Serialize, Deserialize)]
struct WireFragment<'a> {
    /// The UDFs that scripts call, by their place here.
    udfs: Vec<UdfProfile>,
    scripts: Vec<WireScript<'a>>,
    query: Cow<'a, Query>,
    scored: bool,
    filters: Cow<'a, [Predicate]>,
    score: Option<Cow<'a, Scoring>>,
    min_score: Option<f32>,
    post_filters: Cow<'a, [Predicate]>,
    top_hits: Cow<'a, TopHits>,
    track_total_hits: TrackTotalHits,
    fetch: Cow<'a, Fetch>,
    timeout_ms: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct WireScript<'a> {
    source: Cow<'a, ScriptSource>,
    context: ScriptContext,
    places: Cow<'a, [String]>,
    expr: WireExpr,
    ty: ValueType,
    verdict: Option<Cow<'a, Verdict>>,
}

impl Fragment {
    /// The fragment as bytes.
    ///
    /// # Errors
    /// A script's tree is outside of the accepted subset.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let wire = WireFragment::new(self)?;
        let write = || postcard::to_extend(&wire, vec![0; HEADER]);
        let bytes = if self.depth() <= MAX_SHALLOW { write() } else { with_room(write)? };
        let mut bytes = bytes.map_err(|e| invalid(format!("the fragment has no wire form: {e}")))?;
        let checksum = fnv1a(&bytes[HEADER..]);
        bytes[..4].copy_from_slice(MAGIC);
        bytes[4..6].copy_from_slice(&VERSION.to_le_bytes());
        bytes[6..HEADER].copy_from_slice(&checksum.to_le_bytes());
        Ok(bytes)
    }

    /// Reads a fragment back.
    ///
    /// # Errors
    /// The bytes are no fragment, of an unknown version, damaged, or name scripts or functions that do not exist.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let Some((header, payload)) = bytes.split_at_checked(HEADER) else {
            return Err(invalid(format!("{} bytes are no fragment", bytes.len())));
        };
        if &header[..4] != MAGIC {
            return Err(invalid("the bytes do not start as a fragment does"));
        }
        let version = u16::from_le_bytes([header[4], header[5]]);
        if version != VERSION {
            return Err(invalid(format!("fragment of version {version}")).expected(format!("version {VERSION}")));
        }
        if header[6..] != fnv1a(payload).to_le_bytes() {
            return Err(invalid("the fragment is damaged: its checksum does not fit"));
        }
        let fragment = match read(payload) {
            Ok(fragment) => fragment,
            // Perhaps it only nests deeply.
            Err(_) => with_room(|| with_limit(MAX_DEPTH, || read(payload)))??,
        };
        fragment.check()?;
        Ok(fragment)
    }

    /// How deep the queries and parameters nest.
    fn depth(&self) -> usize {
        let mut depth = 0;
        self.each_query(&mut |query| depth = depth.max(query.depth()));
        let params = self.scripts.iter().flat_map(|(_, script)| &script.source.params).map(|(_, value)| value.depth());
        let depth = params.fold(depth, usize::max);
        let constants =
            self.fetch.script_fields.iter().flat_map(|field| &field.cases).filter_map(|case| match &case.shown {
                Shown::Constant(value) => Some(value.depth()),
                _ => None,
            });
        constants.fold(depth, usize::max)
    }

    /// Checks that every script that is used exists.
    fn check(&self) -> Result<()> {
        let mut unknown = None;
        self.each_script(&mut |script| {
            if script.0 as usize >= self.scripts.len() {
                unknown = Some(script);
            }
        });
        match unknown {
            None => Ok(()),
            Some(script) => Err(invalid(format!("script {} of {}", script.0, self.scripts.len()))),
        }
    }
}

impl<'a> WireFragment<'a> {
    fn new(fragment: &'a Fragment) -> Result<Self> {
        let Fragment {
            scripts,
            query,
            scored,
            filters,
            score,
            min_score,
            post_filters,
            top_hits,
            track_total_hits,
            fetch,
            timeout_ms,
        } = fragment;
        let mut udfs = Vec::new();
        let scripts = scripts.iter().map(|(_, script)| WireScript::new(script, &mut udfs)).collect::<Result<_>>()?;
        Ok(Self {
            udfs: udfs.iter().map(|profile| (**profile).clone()).collect(),
            scripts,
            query: Cow::Borrowed(query),
            scored: *scored,
            filters: Cow::Borrowed(filters),
            score: score.as_ref().map(Cow::Borrowed),
            min_score: *min_score,
            post_filters: Cow::Borrowed(post_filters),
            top_hits: Cow::Borrowed(top_hits),
            track_total_hits: *track_total_hits,
            fetch: Cow::Borrowed(fetch),
            timeout_ms: *timeout_ms,
        })
    }

    fn into_fragment(self) -> Result<Fragment> {
        let mut scripts = ScriptTable::default();
        let udfs: Vec<_> = self.udfs.into_iter().map(Arc::new).collect();
        // A shard finds the code in a file of this name.
        let is_hash = |hash: &str| hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if let Some(profile) = udfs.iter().find(|profile| !is_hash(&profile.hash)) {
            return Err(invalid(format!("the UDF {profile} has no SHA-256 of its code")));
        }
        for script in self.scripts {
            scripts.push(script.into_script(&udfs)?);
        }
        Ok(Fragment {
            scripts,
            query: self.query.into_owned(),
            scored: self.scored,
            filters: self.filters.into_owned(),
            score: self.score.map(Cow::into_owned),
            min_score: self.min_score,
            post_filters: self.post_filters.into_owned(),
            top_hits: self.top_hits.into_owned(),
            track_total_hits: self.track_total_hits,
            fetch: self.fetch.into_owned(),
            timeout_ms: self.timeout_ms,
        })
    }
}

impl<'a> WireScript<'a> {
    fn new(script: &'a Script, udfs: &mut Vec<Arc<UdfProfile>>) -> Result<Self> {
        let Script { source, context, places, expr, ty, verdict } = script;
        Ok(Self {
            source: Cow::Borrowed(source),
            context: *context,
            places: Cow::Borrowed(places),
            expr: WireExpr::new(expr, udfs)?,
            ty: *ty,
            verdict: verdict.as_ref().map(Cow::Borrowed),
        })
    }

    fn into_script(self, udfs: &[Arc<UdfProfile>]) -> Result<Script> {
        Ok(Script {
            source: self.source.into_owned(),
            context: self.context,
            places: self.places.into_owned(),
            expr: self.expr.into_expr(udfs)?,
            ty: self.ty,
            verdict: self.verdict.map(Cow::into_owned),
        })
    }
}

/// Reads a payload within the depth limit of the thread.
fn read(payload: &[u8]) -> Result<Fragment> {
    let (wire, rest): (WireFragment<'_>, _) =
        postcard::take_from_bytes(payload).map_err(|e| invalid(format!("the fragment cannot be read: {e}")))?;
    if !rest.is_empty() {
        return Err(invalid(format!("{} bytes follow the fragment", rest.len())));
    }
    wire.into_fragment()
}

/// Runs `f` where it has stack for [`MAX_DEPTH`].
fn with_room<T: Send>(f: impl FnOnce() -> T + Send) -> Result<T> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(MAX_DEPTH * STACK_PER_LEVEL).spawn_scoped(scope, f)?;
        thread.join().map_err(|_| invalid("the fragment cannot be read or written"))
    })
}

/// 64-bit FNV-1a.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn invalid(reason: impl Into<String>) -> Error {
    Error::new(Code::InvalidFragment, reason)
}

#[cfg(test)]
mod tests;
