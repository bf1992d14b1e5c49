//! Where and how a plan runs: rules, classification, cost, the split between shard and coordinator.

pub mod fragment;
