//! What the operators of a search and the UDFs that it called did: documents in and out, and time.

use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::plan::udf::UdfProfile;

/// What each operator of a fragment did, over all shards, in the order of the pipeline.
#[derive(Clone, Debug, Default)]
pub struct Metrics {
    /// The operators.
    pub operators: Vec<OperatorMetrics>,
    /// What was skipped.
    pub zones: ZoneMetrics,
    /// What was computed once for each value of a column.
    pub tables: TableMetrics,
    /// The deployed UDFs that were called, a row for each tier that ran one.
    pub udfs: Vec<UdfMetrics>,
    /// Whether the operators' time is measured, which takes time itself.
    pub(crate) timed: bool,
}

/// How many zones were looked at, and how many of them were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ZoneMetrics {
    /// Windows of 1,024 documents of which something was to be decided.
    pub coarse: u64,
    /// Those of which no document was evaluated.
    pub coarse_skipped: u64,
    /// Zones of 32 documents within windows that were not skipped.
    pub fine: u64,
    /// Those of which no document was evaluated.
    pub fine_skipped: u64,
    /// Segments in which skipping was given up, because bounds did not help.
    pub given_up: u64,
}

/// Which parts of scripts were computed once for each value of a column, not for each document.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TableMetrics {
    /// How many tables there are, one a part of a script and segment: made by this search, or by one before with the same fragment.
    pub tables: u64,
    /// How many entries they have.
    pub entries: u64,
}

impl TableMetrics {
    /// Adds the tables of another search.
    pub fn add(&mut self, other: Self) {
        self.tables += other.tables;
        self.entries += other.entries;
    }
}

/// What a tier did for a UDF.
#[derive(Clone, Debug)]
pub struct UdfMetrics {
    /// The UDF.
    pub profile: Arc<UdfProfile>,
    /// Where it ran, such as `interpreter`, `native`, `python`.
    pub tier: &'static str,
    /// How many batches of calls there were.
    pub batches: u64,
    /// How many calls.
    pub rows: u64,
    /// How long they took.
    pub time: Duration,
}

impl UdfMetrics {
    /// Nothing has been called yet.
    pub(crate) fn new(profile: Arc<UdfProfile>, tier: &'static str) -> Self {
        Self { profile, tier, batches: 0, rows: 0, time: Duration::ZERO }
    }
}

/// What one operator did.
#[derive(Clone, Debug)]
pub struct OperatorMetrics {
    /// Its name, such as `Filter`.
    pub name: &'static str,
    /// Documents that came in; of a source, those that it found.
    pub rows_in: u64,
    /// Documents that went on.
    pub rows_out: u64,
    /// How long it took; zero where that was not to be measured.
    pub time: Duration,
}

impl Metrics {
    /// No operator has done anything yet.
    pub(crate) fn new(names: impl Iterator<Item = &'static str>, timed: bool) -> Self {
        let operators = names.map(|name| OperatorMetrics { name, rows_in: 0, rows_out: 0, time: Duration::ZERO });
        Self { operators: operators.collect(), timed, ..Self::default() }
    }

    /// Adds what the same operators did elsewhere.
    pub(crate) fn add(&mut self, other: &Self) {
        self.zones.add(&other.zones);
        if self.operators.is_empty() {
            self.operators.clone_from(&other.operators);
            return;
        }
        for (own, other) in self.operators.iter_mut().zip(&other.operators) {
            own.rows_in += other.rows_in;
            own.rows_out += other.rows_out;
            own.time += other.time;
        }
    }
}

impl ZoneMetrics {
    /// Adds what was skipped elsewhere.
    pub fn add(&mut self, other: &Self) {
        let Self { coarse, coarse_skipped, fine, fine_skipped, given_up } = other;
        self.coarse += coarse;
        self.coarse_skipped += coarse_skipped;
        self.fine += fine;
        self.fine_skipped += fine_skipped;
        self.given_up += given_up;
    }
}

/// Measures the operators of a pipeline one after the other, for each batch.
pub(crate) struct Stopwatch<'a> {
    metrics: &'a mut Metrics,
    next: usize,
    /// None: the time is not wanted.
    since: Option<Instant>,
}

impl<'a> Stopwatch<'a> {
    /// Starts with the first operator.
    pub(crate) fn start(metrics: &'a mut Metrics) -> Self {
        let since = metrics.timed.then(Instant::now);
        Self { metrics, next: 0, since }
    }

    /// Starts with the operator after the first.
    pub(crate) fn after_source(metrics: &'a mut Metrics) -> Self {
        Self { next: 1, ..Self::start(metrics) }
    }

    /// The current operator is done with a batch.
    pub(crate) fn lap(&mut self, rows_in: usize, rows_out: usize) {
        if let Some(operator) = self.metrics.operators.get_mut(self.next) {
            operator.rows_in += rows_in as u64;
            operator.rows_out += rows_out as u64;
            if let Some(since) = &mut self.since {
                let now = Instant::now();
                operator.time += now - mem::replace(since, now);
            }
        }
        self.next += 1;
    }
}
