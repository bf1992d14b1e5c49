//! What explain and answers tell about the scripts of a plan: place, language, tier, reason, cost.

use crate::plan::script::{Script, Tier};
use crate::pushdown::physical::PhysicalPlan;

/// How the script at one place of a body runs.
#[derive(Clone, Debug, PartialEq)]
pub struct ScriptReport<'a> {
    /// Its JSON path.
    pub place: &'a str,
    /// Its language.
    pub lang: &'a str,
    /// Its source.
    pub source: &'a str,
    /// The tier.
    pub tier: &'a Tier,
    /// Why this tier.
    pub reason: &'a str,
    /// Estimated nanoseconds a document; of a script that was split, all its parts.
    pub cost: f64,
}

impl PhysicalPlan {
    /// One report a place, in the order of the scripts. The parts of a script that was split are one.
    pub fn script_reports(&self) -> Vec<ScriptReport<'_>> {
        let mut reports: Vec<ScriptReport<'_>> = Vec::new();
        for (_, script) in self.fragment.scripts.iter() {
            let Script { source, places, verdict: Some(verdict), .. } = script else { continue };
            for place in places {
                match reports.iter_mut().find(|report| report.place == place && report.source == source.source) {
                    Some(report) => report.cost += verdict.cost,
                    None => reports.push(ScriptReport {
                        place,
                        lang: &source.lang,
                        source: &source.source,
                        tier: &verdict.tier,
                        reason: &verdict.reason,
                        cost: verdict.cost,
                    }),
                }
            }
        }
        reports
    }
}
