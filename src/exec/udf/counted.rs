//! Counts what an instance does: how many rows each tier answered, in which time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use crate::error::Result;
use crate::exec::metrics::UdfMetrics;
use crate::exec::udf::{Calls, Input, Instance};
use crate::plan::function::batch::BatchMut;
use crate::plan::udf::UdfProfile;

/// What the UDFs of a search did; clones are the same.
#[derive(Clone, Debug, Default)]
pub(super) struct Counts(Arc<Mutex<Vec<UdfMetrics>>>);

impl Counts {
    /// An instance whose calls are counted.
    pub(super) fn counted(&self, profile: &Arc<UdfProfile>, instance: Box<dyn Instance>) -> Box<dyn Instance> {
        Box::new(Counted { profile: Arc::clone(profile), instance, counts: self.clone() })
    }

    /// What was counted: for each UDF its tiers, in the order of their first calls.
    pub(super) fn metrics(&self) -> Vec<UdfMetrics> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Once a batch; it allocates where a UDF comes to a tier for the first time.
    fn add(&self, profile: &Arc<UdfProfile>, tier: &'static str, rows: usize, since: Instant) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same =
            |seen: &UdfMetrics| seen.tier == tier && (Arc::ptr_eq(&seen.profile, profile) || seen.profile == *profile);
        let at = counts.iter().position(is_same).unwrap_or_else(|| {
            counts.push(UdfMetrics::new(Arc::clone(profile), tier));
            counts.len() - 1
        });
        let seen = &mut counts[at];
        seen.batches += 1;
        seen.rows += rows as u64;
        seen.time += since.elapsed();
    }
}

#[derive(Debug)]
struct Counted {
    profile: Arc<UdfProfile>,
    instance: Box<dyn Instance>,
    counts: Counts,
}

impl Instance for Counted {
    fn call(&mut self, calls: Calls<'_>, inputs: &[Input<'_>], out: &mut BatchMut<'_>) -> Result<()> {
        let since = Instant::now();
        self.instance.call(calls, inputs, out)?;
        let rows = calls.active.map_or(calls.rows, |active| active.iter().filter(|active| **active).count());
        self.counts.add(&self.profile, self.instance.tier(), rows, since);
        Ok(())
    }

    fn tier(&self) -> &'static str {
        self.instance.tier()
    }
}
