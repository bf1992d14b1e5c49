//! Where and how a plan runs: rules, classification, cost, the split between shard and coordinator.

pub mod classify;
mod conjunction;
pub mod cost;
pub mod fragment;
pub mod physical;
pub mod pipeline;
pub mod place;
pub mod report;
pub mod rule;
mod rules;
mod solve;
pub mod text;
pub mod trace;
pub mod wire;

use crate::error::Result;
use crate::plan::graph::LogicalPlan;
use crate::plan::mapping::Mapping;
use physical::PhysicalPlan;
use rule::Switches;

/// Decides where and how each part of a logical plan runs; its fields are those of the mapping.
///
/// # Errors
/// The plan has a shape that no executor runs.
pub fn plan_physical(mut logical: LogicalPlan, mapping: &Mapping, switches: &Switches) -> Result<PhysicalPlan> {
    logical.link_scripts();
    let trace = pipeline::rewrite(&mut logical, mapping, switches);
    classify::classify(&mut logical.scripts);
    place::place_plan(logical, trace)
}
