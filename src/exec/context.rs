//! What the fragments of one search share beside themselves: statistics, the deadline, how good a hit must be, the UDFs.
//! It is handed over explicitly.

use std::time::{Duration, Instant};

use crate::exec::skip::threshold::Threshold;
use crate::exec::statistics::Statistics;
use crate::exec::udf::Udfs;

/// What goes along with a fragment to every shard of a search.
#[derive(Debug)]
pub(crate) struct ExecutionContext {
    /// The statistics of the terms that the query scores by, over all shards.
    pub(crate) statistics: Statistics,
    /// When the search has to end.
    pub(crate) deadline: Deadline,
    /// How good a hit must be at least, as far as the shards have found out.
    pub(crate) threshold: Threshold,
    /// What runs the UDFs that the fragment calls.
    pub(crate) udfs: Udfs,
    /// Whether the time of the operators is measured.
    pub(crate) timed: bool,
}

/// The instant at which a search ends with what it has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    /// The deadline of a search that begins now.
    pub(crate) fn after(timeout_ms: Option<u64>) -> Self {
        Self(timeout_ms.and_then(|ms| Instant::now().checked_add(Duration::from_millis(ms))))
    }

    /// When it is, if there is one.
    pub(crate) fn end(self) -> Option<Instant> {
        self.0
    }

    /// Whether the time is over.
    pub(crate) fn is_over(self) -> bool {
        self.0.is_some_and(|end| Instant::now() >= end)
    }
}
